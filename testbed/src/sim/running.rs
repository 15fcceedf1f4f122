use super::{Network, Passage, Simulator, delay_queue::DelayQueue};
use crate::tun::Tun;
use nix::{
    poll::{PollFd, PollFlags, ppoll},
    sys::time::TimeSpec,
};
use std::{
    collections::BTreeSet,
    fmt,
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::{fd::AsFd, unix::net::UnixStream},
    process::Command,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

/// As large as a packet gets.
const LARGEST_PACKET: usize = 65_575;

/// A network behind a TUN device, in the network namespace of the thread that started it. It is gone when this is dropped.
///
/// What runs in that namespace reaches the network's targets by any socket.
pub struct SimulatedNetwork {
    network: Network,
    simulator: Arc<Mutex<Simulator>>,
    device: String,
    /// Its end makes the thread stop.
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl SimulatedNetwork {
    /// The address that the host under test has (RFC 5737), towards every network.
    pub const HOST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
    /// The same of IPv6 (RFC 3849).
    pub const HOST_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xaaaa, 0, 0, 0, 0, 1);

    /// Puts `network` behind a new device, and its targets behind routes to it. To be called on a thread in the namespace
    /// where it is to be.
    ///
    /// # Errors
    /// Where there is no right to do so (`CAP_NET_ADMIN` in the namespace), no `/dev/net/tun`, no `ip`, or where the system
    /// has routes to the same targets already.
    pub fn start(network: Network) -> io::Result<Self> {
        // One process may run several, and in one namespace: a name is used once.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let tun = Tun::open(&format!("sim{}", NEXT.fetch_add(1, Ordering::Relaxed)))?;
        let versions: BTreeSet<_> = network.targets().map(|target| target.is_ipv4()).collect();
        let hosts: Vec<_> = versions.iter().map(|&v4| host(v4)).collect();
        tun.up(&hosts)?;
        for target in network.targets() {
            let (target, (host, _)) = (target.to_string(), host(target.is_ipv4()));
            ip(&["route", "add", &target, "dev", tun.name(), "src", &host.to_string()])?;
        }
        let (stop, stopped) = UnixStream::pair()?;
        let device = tun.name().to_owned();
        let simulator = Arc::new(Mutex::new(Simulator::new(network.clone())));
        let shared = Arc::clone(&simulator);
        let thread = thread::Builder::new().name(device.clone()).spawn(move || serve(&tun, &shared, &stopped))?;
        Ok(Self { network, simulator, device, stop: Some(stop), thread: Some(thread) })
    }

    /// The network of the file `testbed/networks/<name>.yaml`; see [`start`](Self::start).
    ///
    /// # Panics
    /// Where the file is not there, or cannot be used, or the network cannot be started.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::start(Network::named(name)).unwrap_or_else(|e| panic!("cannot start the network `{name}`: {e}"))
    }

    /// What it is.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Goes into another phase: the one of that name, or the first one. Answers that are on their way still arrive.
    ///
    /// # Panics
    /// Where the network has no phase of that name.
    pub fn set_phase(&self, phase: Option<&str>) {
        self.simulator().set_phase(phase);
    }

    /// What became of every packet so far, or since [`take_passages`](Self::take_passages). A packet that a socket has
    /// taken may not be there yet; one that has been answered is.
    #[must_use]
    pub fn passages(&self) -> Vec<Passage> {
        self.simulator().passages().to_vec()
    }

    /// The same, to be forgotten by the network.
    #[must_use]
    pub fn take_passages(&self) -> Vec<Passage> {
        self.simulator().take_passages()
    }

    fn simulator(&self) -> MutexGuard<'_, Simulator> {
        // A phase that does not exist panics with the lock, and changes nothing.
        self.simulator.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SimulatedNetwork {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            // A network that broke down would look like one that is silent.
            match ended {
                Some(Ok(Err(error))) => panic!("the network behind {} broke down: {error}", self.device),
                Some(Err(_)) => panic!("the network behind {} panicked", self.device),
                Some(Ok(Ok(()))) | None => {}
            }
        }
    }
}

impl fmt::Debug for SimulatedNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedNetwork").field("device", &self.device).finish_non_exhaustive()
    }
}

/// The address of the host under test, with the length of its prefix.
fn host(v4: bool) -> (IpAddr, u8) {
    if v4 { (SimulatedNetwork::HOST.into(), 32) } else { (SimulatedNetwork::HOST_V6.into(), 128) }
}

/// Runs until the other end of `stopped` is closed.
fn serve(tun: &Tun, simulator: &Mutex<Simulator>, stopped: &UnixStream) -> io::Result<()> {
    let mut buffer = vec![0; LARGEST_PACKET];
    let mut queue = DelayQueue::default();
    loop {
        let wait = queue.wait(Instant::now()).map(TimeSpec::from_duration);
        let mut files = [PollFd::new(tun.as_fd(), PollFlags::POLLIN), PollFd::new(stopped.as_fd(), PollFlags::POLLIN)];
        match ppoll(&mut files, wait, None) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [_, stop] = files;
        if stop.any() == Some(true) {
            return Ok(());
        }
        while let Some(packet) = queue.arrived(Instant::now()) {
            tun.write(&packet)?;
        }
        loop {
            let length = match tun.read(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            };
            let now = Instant::now();
            let mut simulator = simulator.lock().unwrap_or_else(PoisonError::into_inner);
            for reply in simulator.step(now, buffer.get(..length).unwrap_or_default()) {
                queue.send(reply.packet, now + reply.after);
            }
            // What is due goes first: a sender that never pauses must not hold answers up.
            if queue.wait(now).is_some_and(|wait| wait.is_zero()) {
                break;
            }
        }
    }
}

fn ip(arguments: &[&str]) -> io::Result<()> {
    let output = Command::new("ip").args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("ip {}: {}", arguments.join(" "), said.trim())))
}
