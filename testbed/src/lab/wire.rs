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
    time::Instant,
};

/// How many packets are read, and how many written, before the other is looked at.
const BATCH: usize = 64;

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
            .spawn(move || Carrier { from, to, mtu, direction, waiting: VecDeque::new(), spare: Vec::new() }.run(&stop))
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
            let due = self.waiting.front().is_some_and(|packet| packet.release <= Instant::now());
            let Some(packet) = due.then(|| self.waiting.pop_front()).flatten() else { return };
            let written = packet.buffer.get(..packet.length).map(|bytes| self.to.write(bytes));
            let held = matches!(written, Some(Ok(()))).then(|| packet.arrived.elapsed());
            direction.left(packet.length, held);
            self.spare.push(packet.buffer);
        }
    }

    /// Waits until a packet comes or is due, and says whether to go on.
    fn wait(&self, stop: &UnixStream) -> bool {
        let left = self.waiting.front().map(|packet| packet.release.saturating_duration_since(Instant::now()));
        let mut waited =
            [PollFd::new(self.from.as_fd(), PollFlags::POLLIN), PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
        // A signal may end it before; the next turn waits again.
        let _ = ppoll(&mut waited, left.map(TimeSpec::from_duration), None);
        let [_, stopped] = waited;
        stopped.revents().is_none_or(|events| events.is_empty())
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
