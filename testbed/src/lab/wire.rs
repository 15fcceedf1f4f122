use super::direction::Direction;
use crate::tun::Tun;
use nix::{
    poll::{PollFd, PollFlags, ppoll},
    sys::{prctl, time::TimeSpec},
};
use std::{
    collections::VecDeque,
    fmt,
    io::ErrorKind,
    os::{fd::AsFd, unix::net::UnixStream},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How many packets are read, and how many written, before the other is looked at.
const BATCH: usize = 64;

/// How long the program sleeps where packets are dense, whatever comes meanwhile. To wake up for each of 40,000 packets a
/// second would cost a core; a packet among so many waits for others anyway.
const NAP: Duration = Duration::from_micros(100);
/// Packets are dense where so many come in each [`WINDOW`]: 12,800 a second.
const DENSE: u32 = 64;
/// The time over which they are counted.
const WINDOW: Duration = Duration::from_millis(5);

/// A thread that carries what one TUN device sends to another, in one direction.
pub(super) struct Wire {
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Its end is closed to stop the thread.
    running: Mutex<Option<UnixStream>>,
}

/// A packet on its way.
struct Packet {
    arrived: Instant,
    release: Instant,
    length: usize,
    buffer: Box<[u8]>,
}

impl Wire {
    pub(super) fn start(
        name: String,
        from: Arc<Tun>,
        to: Arc<Tun>,
        mtu: u16,
        direction: Arc<Mutex<Direction>>,
    ) -> Self {
        let (running, stop) = UnixStream::pair().expect("the system has a pair of sockets");
        let thread = thread::Builder::new()
            .name(name)
            .spawn(move || {
                Carrier { from, to, mtu, direction, waiting: VecDeque::new(), spare: Vec::new(), pace: Pace::default() }
                    .run(&stop)
            })
            .expect("the system has a thread");
        Self { thread: Mutex::new(Some(thread)), running: Mutex::new(Some(running)) }
    }

    /// Ends the thread; packets on their way are lost.
    pub(super) fn stop(&self) {
        drop(self.running.lock().expect("no holder panics").take());
        let thread = self.thread.lock().expect("no holder panics").take();
        if let Some(thread) = thread {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the program of a link has panicked");
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

struct Carrier {
    from: Arc<Tun>,
    to: Arc<Tun>,
    mtu: u16,
    direction: Arc<Mutex<Direction>>,
    waiting: VecDeque<Packet>,
    /// Buffers that are free: none is allocated for a packet once there are enough.
    spare: Vec<Box<[u8]>>,
    pace: Pace,
}

impl Carrier {
    fn run(mut self, stop: &UnixStream) {
        // By default the kernel wakes a sleeper up to 50 us late.
        let _ = prctl::set_timerslack(1);
        loop {
            let drained = self.read();
            self.write();
            if drained && !self.wait(stop) {
                return;
            }
        }
    }

    /// Reads what has come, and says whether that was all.
    fn read(&mut self) -> bool {
        let shared = Arc::clone(&self.direction);
        let mut direction = shared.lock().expect("no holder panics");
        for _ in 0..BATCH {
            let mut buffer = self.spare.pop().unwrap_or_else(|| vec![0; usize::from(self.mtu)].into_boxed_slice());
            match self.from.read(&mut buffer) {
                // Of such, a link between two hosts has none that a test sends; they would spoil its counts.
                Ok(_) if is_multicast(&buffer) => self.spare.push(buffer),
                Ok(length) => {
                    let arrived = Instant::now();
                    self.pace.count(arrived);
                    match direction.admit(arrived, length) {
                        Some(release) => self.waiting.push_back(Packet { arrived, release, length, buffer }),
                        None => self.spare.push(buffer),
                    }
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock, "{:?} cannot be read: {error}", self.from);
                    self.spare.push(buffer);
                    return true;
                }
            }
        }
        false
    }

    /// Writes what is due.
    fn write(&mut self) {
        let shared = Arc::clone(&self.direction);
        // Held until the counts are right, so that whoever has a packet finds it counted.
        let mut direction = shared.lock().expect("no holder panics");
        for _ in 0..BATCH {
            let now = Instant::now();
            let due = self.waiting.front().is_some_and(|packet| packet.release <= now);
            let Some(packet) = due.then(|| self.waiting.pop_front()).flatten() else { return };
            // Up to the write and not beyond: the packet is received while it is being written.
            let held = now - packet.arrived;
            let written = packet.buffer.get(..packet.length).map(|bytes| self.to.write(bytes));
            let held = matches!(written, Some(Ok(()))).then_some(held);
            direction.left(packet.length, held);
            self.spare.push(packet.buffer);
        }
    }

    /// Waits until a packet comes or is due, and says whether to go on.
    fn wait(&mut self, stop: &UnixStream) -> bool {
        let now = Instant::now();
        let left = self.waiting.front().map(|packet| packet.release.saturating_duration_since(now));
        let (left, awaited) = match self.pace.is_dense(now) {
            true => (Some(left.map_or(NAP, |left| left.clamp(NAP / 2, NAP))), PollFlags::empty()),
            false => (left, PollFlags::POLLIN),
        };
        let mut waited = [PollFd::new(self.from.as_fd(), awaited), PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
        // A signal may end it before; the next turn waits again.
        let _ = ppoll(&mut waited, left.map(TimeSpec::from_duration), None);
        let [_, stopped] = waited;
        stopped.revents().is_none_or(|events| events.is_empty())
    }
}

/// How many packets come.
#[derive(Debug, Default)]
struct Pace {
    begun: Option<Instant>,
    /// In the window that has begun, and in the one before it.
    counts: [u32; 2],
}

impl Pace {
    fn count(&mut self, now: Instant) {
        self.turn(now);
        self.counts[0] += 1;
    }

    /// Whether so many came in the last whole window that to wake up for each costs too much.
    fn is_dense(&mut self, now: Instant) -> bool {
        self.turn(now);
        self.counts[1] >= DENSE
    }

    fn turn(&mut self, now: Instant) {
        let passed = self.begun.map_or(WINDOW, |begun| now.saturating_duration_since(begun));
        if passed >= WINDOW {
            // After a pause the window before was empty.
            self.counts = [0, if passed < 2 * WINDOW { self.counts[0] } else { 0 }];
            self.begun = Some(now);
        }
    }
}

/// Whether a packet goes to a group: what the kernel says to its neighbours of its own accord.
fn is_multicast(packet: &[u8]) -> bool {
    match packet.first().map(|first| first >> 4) {
        Some(4) => packet.get(16).is_some_and(|first| first & 0xf0 == 0xe0),
        Some(6) => packet.get(24) == Some(&0xff),
        _ => false,
    }
}
