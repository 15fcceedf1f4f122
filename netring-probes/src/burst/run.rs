use super::{
    BurstProgress, BurstSettings,
    clock::Reading,
    failure::{Stop, is_from_the_network},
    log::{Arrival, BurstLog, Noted},
    message::{NetworkError, Notice},
    protocol::{Protocol, Reply},
    socket::BurstSocket,
};
use std::{
    io::{self, ErrorKind},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// Whoever wants to know of each packet.
pub(crate) type OnProgress<'a> = &'a (dyn Fn(BurstProgress) + Send + Sync);

/// How long a burst waits for copies of its last packet when all are back: as long as every other packet had, but no
/// longer than this. A network that makes copies makes them at once, and every probe pays for the wait.
const COPIES: Duration = Duration::from_millis(20);

/// How long a burst waits after its last packet where half of its packets or more were said to be undelivered, and none
/// came back: hosts and routers limit the errors that they send (RFC 1812, section 4.3.2.8), so not every packet gets one.
const SILENCE: Duration = Duration::from_secs(1);

/// Most datagrams and notices that are taken in one turn: whoever floods the socket does not hold up the pace.
const TURN: usize = 64;

/// How often in a row receiving may fail, for a reason that is not the network's, before the burst is given up: the socket
/// says at once that it is ready to fail again, and the burst would do nothing else until the deadline.
const MOST_FAILURES: u32 = 16;

/// A burst as it goes.
pub(crate) struct Run<'a, P> {
    pub(crate) socket: &'a BurstSocket,
    pub(crate) protocol: P,
    pub(crate) settings: &'a BurstSettings,
    pub(crate) deadline: Instant,
    pub(crate) log: BurstLog,
    pub(crate) progress: OnProgress<'a>,
    state: State,
}

/// What a run remembers apart from its log.
struct State {
    began: std::time::Instant,
    /// Whether the kernel numbers the packets as we do. After a packet that could not be sent nobody knows.
    numbered: bool,
    last_sent: Instant,
    /// When the last packet came back, or was said to be undelivered.
    last_heard: Instant,
    undelivered: usize,
    /// How many packets the kernel took.
    taken: usize,
    /// The first error from the network.
    error: Option<NetworkError>,
    /// Why the last packet that the kernel did not take could not be sent.
    not_sent: Option<io::Error>,
    failures: Failures,
}

/// How receiving fails.
#[derive(Debug, Default)]
struct Failures {
    in_a_row: u32,
    last: Option<io::Error>,
}

impl Failures {
    /// Notes how receiving went: without an error, or with one.
    fn note(&mut self, error: Option<io::Error>) {
        let failed = error.filter(|error| !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted));
        self.in_a_row = if failed.is_some() { self.in_a_row + 1 } else { 0 };
        self.last = failed;
    }

    /// Why to give up, once there is no hope.
    fn hopeless(&mut self) -> Option<io::Error> {
        self.last.take_if(|_| self.in_a_row >= MOST_FAILURES)
    }
}

impl<'a, P: Protocol> Run<'a, P> {
    pub(crate) fn new(
        socket: &'a BurstSocket,
        protocol: P,
        settings: &'a BurstSettings,
        deadline: Instant,
        progress: OnProgress<'a>,
    ) -> Self {
        let now = Instant::now();
        let state = State {
            began: std::time::Instant::now(),
            numbered: true,
            last_sent: now,
            last_heard: now,
            undelivered: 0,
            taken: 0,
            error: None,
            not_sent: None,
            failures: Failures::default(),
        };
        Self { socket, protocol, settings, deadline, log: BurstLog::default(), progress, state }
    }

    /// Sends the burst and takes what comes back, until all is back or the deadline, or nothing can be received any more.
    /// Where no packet at all could be sent the last error is the one that is given.
    pub(crate) async fn finish(&mut self) -> Result<(), Stop> {
        let start = Instant::now();
        let spacing = self.settings.spacing();
        let mut to_send = self.settings.packets_within(self.deadline.saturating_duration_since(start));
        let mut due = start;
        loop {
            let now = Instant::now();
            if to_send > 0 && now >= due && now < self.deadline {
                self.send();
                to_send -= 1;
                // Whoever is late keeps the pace, but does not send two packets as one.
                due = (due + spacing).max(now + spacing / 2);
                continue;
            }
            let end = if to_send > 0 { self.deadline } else { self.end() };
            if now >= end {
                self.take();
                break;
            }
            let wake = if to_send > 0 { due.min(end) } else { end };
            if let Ok(ready) = timeout_at(wake, self.socket.ready()).await {
                ready.map_err(|error| Stop::io("wait", error))?;
            }
            self.take();
            if let Some(error) = self.state.failures.hopeless() {
                return Err(Stop::io("receive", error));
            }
        }
        if let Some(error) = self.state.not_sent.take().filter(|_| self.state.taken == 0) {
            return Err(Stop::io("send", error));
        }
        for sequence in self.log.lost() {
            (self.progress)(BurstProgress::Lost { sequence });
        }
        Ok(())
    }

    /// What the network said, where nothing came back but that.
    pub(crate) fn network_error(&self) -> Option<NetworkError> {
        self.state.error
    }

    /// When the burst is over, now that all is sent.
    fn end(&self) -> Instant {
        let (taken, received, undelivered) = (self.state.taken, self.log.packets_received(), self.state.undelivered);
        let copies = self.settings.spacing().min(COPIES);
        let end = if taken == 0 {
            return self.state.last_sent;
        } else if received + undelivered >= taken {
            self.state.last_heard + copies
        } else if received == 0 && undelivered * 2 >= taken {
            self.state.last_sent.max(self.state.last_heard) + SILENCE
        } else {
            // A few errors end nothing: the route may have changed since, and the answers may be long under way.
            self.deadline
        };
        end.min(self.deadline)
    }

    /// Sends the next packet. One that the kernel does not take, for the queue of its device is full or a firewall of this
    /// system refuses it, was sent as much as one that is lost a moment later: it counts as both.
    fn send(&mut self) {
        let Ok(sequence) = u16::try_from(self.log.packets_sent()) else { return };
        let mut at = Reading::now(self.state.began);
        // A socket answers with what the network said of an earlier packet, and sends nothing: it is asked once more.
        for _ in 0..2 {
            at = Reading::now(self.state.began);
            let packet = self.protocol.request(sequence, at.realtime);
            self.state.last_sent = Instant::now();
            match self.socket.send(packet) {
                Ok(()) => {
                    self.state.taken += 1;
                    break;
                }
                Err(error) => {
                    self.state.numbered = false;
                    let again = is_from_the_network(&error);
                    self.state.not_sent = Some(error);
                    if !again {
                        break;
                    }
                    self.take_notices();
                }
            }
        }
        self.log.sent(at);
    }

    /// Takes what there is.
    fn take(&mut self) {
        // First the times of sending: a packet's own is there before the packet is back.
        self.take_notices();
        let mut buffer = [0; 2_048];
        for _ in 0..TURN {
            match self.socket.receive(&mut buffer) {
                Ok(datagram) => {
                    self.state.failures.note(None);
                    let at = Reading::now(self.state.began);
                    let bytes = buffer.get(..datagram.length).unwrap_or_default();
                    if datagram.truncated {
                        continue;
                    }
                    if let Reply::Ours { sequence, echo } = self.protocol.reply(&datagram, bytes) {
                        self.arrived(Arrival { sequence, at, kernel: datagram.kernel, echo });
                    }
                }
                // The error queue tells it better.
                Err(error) if is_from_the_network(&error) => {}
                Err(error) => {
                    self.state.failures.note(Some(error));
                    break;
                }
            }
        }
    }

    fn arrived(&mut self, arrival: Arrival) {
        let sequence = arrival.sequence;
        match self.log.arrived(arrival) {
            Noted::First => {
                self.state.last_heard = Instant::now();
                let round_trip_time = self.log.round_trip(&arrival).unwrap_or_default();
                (self.progress)(BurstProgress::Received { sequence, round_trip_time });
            }
            Noted::Duplicate => (self.progress)(BurstProgress::Duplicate { sequence }),
            Noted::NeverSent => {}
        }
    }

    fn take_notices(&mut self) {
        let mut buffer = [0; 2_048];
        for _ in 0..TURN {
            match self.socket.notice(&mut buffer) {
                Ok(Notice::Sent { id, at }) if self.state.numbered => self.log.stamped(id, at),
                Ok(Notice::Undelivered { error, length }) => {
                    if error.is_final() && self.protocol.sent(buffer.get(..length).unwrap_or_default()) {
                        self.state.last_heard = Instant::now();
                        self.state.undelivered = self.state.undelivered.saturating_add(1);
                        self.state.error.get_or_insert(error);
                    }
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::libc::{EAGAIN, EBADF, EINTR, ENOMEM};

    #[test]
    fn a_socket_that_only_fails_is_given_up() {
        let most = MOST_FAILURES as usize;
        let failing = |times| vec![Some(ENOMEM); times];
        for (errors, hopeless) in [
            (vec![], None),
            (failing(most - 1), None),
            (failing(most), Some(ENOMEM)),
            ([failing(most - 1), vec![Some(EBADF)]].concat(), Some(EBADF)),
            // Something was received, or there was nothing to.
            ([failing(most - 1), vec![None], failing(most - 1)].concat(), None),
            ([failing(most - 1), vec![Some(EAGAIN)], failing(most - 1)].concat(), None),
            (vec![Some(EAGAIN); 10 * most], None),
            (vec![Some(EINTR); 10 * most], None),
        ] {
            let mut failures = Failures::default();
            for &error in &errors {
                failures.note(error.map(io::Error::from_raw_os_error));
            }
            assert_eq!(failures.hopeless().and_then(|error| error.raw_os_error()), hopeless, "{errors:?}");
        }
    }
}
