//! A TUN device: what the kernel sends through it is read here, and what is written here the kernel receives from it.
//!
//! A packet is an IPv4 or IPv6 packet from its first byte on, without any header before it. A device lies in the network
//! namespace of the thread that opens it, and is gone when it is dropped; it may be read and written from any thread.

use std::{
    fmt,
    io::{self, ErrorKind},
    net::IpAddr,
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
    process::Command,
};
use tun_rs::{AsyncDevice, DeviceBuilder, SyncDevice};

/// How many packets the kernel keeps for a program that is late, before it drops.
const QUEUED_PACKETS: &str = "10000";

/// The file itself may not be opened; where a capability is missing, the error is another one.
const EACCES: i32 = nix::errno::Errno::EACCES as i32;

/// A TUN device that never blocks: where there is nothing to read, [`read`](Self::read) fails with `WouldBlock`.
/// `poll` it, or let [`AsyncTun`] wait.
pub struct Tun {
    device: SyncDevice,
    name: String,
}

impl Tun {
    /// Creates the device `name` (15 bytes at most) in the network namespace of this thread. It is down and has no
    /// address.
    ///
    /// # Errors
    /// Where `/dev/net/tun` cannot be opened, where this process has no `CAP_NET_ADMIN` in its network namespace, or
    /// where there is such a device already.
    pub fn open(name: &str) -> io::Result<Self> {
        let build = || {
            let device = DeviceBuilder::new().name(name).enable(false).build_sync()?;
            device.set_nonblocking(true)?;
            Ok(device)
        };
        match build() {
            Ok(device) => Ok(Self { device, name: name.to_owned() }),
            Err(error) => Err(explained(&error, name)),
        }
    }

    /// The name of the device.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the device `addresses`, each with the length of its prefix, and sets it up. To be called on a thread in the
    /// device's namespace, for it runs `ip`.
    ///
    /// It sends no router solicitation, and has no link-local address. The kernel may still report multicast groups
    /// (MLD) through it: packets to `ff00::/8`.
    ///
    /// # Errors
    /// Where `ip` is missing, or refuses.
    pub fn up(&self, addresses: &[(IpAddr, u8)]) -> io::Result<()> {
        // What a test counts must not depend on what the kernel says to its neighbours.
        ip(&["link", "set", "dev", &self.name, "addrgenmode", "none", "multicast", "off"])?;
        // By netlink: the ioctl wants to be root outside of any user namespace.
        ip(&["link", "set", "dev", &self.name, "txqueuelen", QUEUED_PACKETS])?;
        for (address, prefix) in addresses {
            let address = format!("{address}/{prefix}");
            let mut arguments = vec!["address", "add", &address, "dev", &self.name];
            if address.contains(':') {
                // An address whose uniqueness is still being checked cannot be used.
                arguments.push("nodad");
            }
            ip(&arguments)?;
        }
        ip(&["link", "set", "dev", &self.name, "up"])
    }

    /// Reads one packet into `buffer`, and gives its length. What does not fit is cut off.
    ///
    /// # Errors
    /// `WouldBlock` where there is none; any other where the device is unusable.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.device.recv(buffer)
    }

    /// Lets the kernel receive `packet` from the device.
    ///
    /// # Errors
    /// Where it is no packet (`InvalidInput`), or the device is down.
    pub fn write(&self, packet: &[u8]) -> io::Result<()> {
        self.device.send(packet).map(|_| ())
    }
}

impl AsRawFd for Tun {
    fn as_raw_fd(&self) -> RawFd {
        self.device.as_raw_fd()
    }
}

impl AsFd for Tun {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

impl fmt::Debug for Tun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tun").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The same for tasks.
pub struct AsyncTun {
    device: AsyncDevice,
    name: String,
}

impl AsyncTun {
    /// Hands the device over to the runtime in which this is called.
    ///
    /// # Errors
    /// Where the runtime does not take it.
    pub fn new(tun: Tun) -> io::Result<Self> {
        Ok(Self { device: AsyncDevice::new(tun.device)?, name: tun.name })
    }

    /// Waits for a packet, writes it into `buffer`, and gives its length. What does not fit is cut off. Nothing is lost
    /// where this is dropped before.
    ///
    /// # Errors
    /// Where the device is unusable.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.device.recv(buffer).await
    }

    /// Lets the kernel receive `packet` from the device.
    ///
    /// # Errors
    /// Where it is no packet (`InvalidInput`), or the device is down.
    pub async fn write(&self, packet: &[u8]) -> io::Result<()> {
        self.device.send(packet).await.map(|_| ())
    }
}

impl fmt::Debug for AsyncTun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncTun").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The error with what to do about it.
fn explained(error: &io::Error, name: &str) -> io::Error {
    let advice = match (error.kind(), error.raw_os_error()) {
        (ErrorKind::NotFound, _) => "load the kernel module: modprobe tun",
        (_, Some(EACCES)) => "make it usable to everybody, as udev does: chmod 666 /dev/net/tun",
        _ => "it needs CAP_NET_ADMIN in this network namespace, and a name that is free",
    };
    io::Error::new(error.kind(), format!("cannot open the TUN device {name} by /dev/net/tun: {error}; {advice}"))
}

/// Runs `ip` of iproute2 in the network namespace of this thread.
fn ip(arguments: &[&str]) -> io::Result<()> {
    let output = Command::new("ip").args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("ip {}: {}", arguments.join(" "), said.trim())))
}
