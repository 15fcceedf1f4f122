//! What the tests of both protocols need of the system.

use nix::{
    sched::{CloneFlags, unshare},
    sys::socket::{ControlMessageOwned, MsgFlags, TimestampingFlag, recvmsg, setsockopt, sockopt},
};
use std::{
    io::IoSliceMut,
    net::UdpSocket,
    os::fd::AsRawFd,
    process::Command,
    time::{Duration, Instant},
};

/// Puts this thread, which the test has for itself, into a new network namespace, and runs each line as a command there.
/// It needs root, or CAP_SYS_ADMIN and CAP_NET_ADMIN.
pub(crate) fn enter_namespace(commands: &[&str]) {
    unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace: run this test as root");
    for line in ["ip link set lo up"].iter().chain(commands) {
        let mut words = line.split_whitespace();
        let status = Command::new(words.next().unwrap()).args(words).status().unwrap();
        assert!(status.success(), "{line}: {status}");
    }
}

/// Sets `name` in the network namespace of this thread.
pub(crate) fn write_sysctl(name: &str, value: &str) {
    std::fs::write(format!("/proc/sys/{name}"), value).unwrap();
}

/// Waits until the kernel stamps what arrives: it begins a moment after it was asked to.
pub(crate) fn wait_until_the_kernel_stamps() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(socket.local_addr().unwrap()).unwrap();
    let flags = TimestampingFlag::SOF_TIMESTAMPING_RX_SOFTWARE | TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE;
    setsockopt(&socket, sockopt::Timestamping, &flags).unwrap();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        socket.send(b"x").unwrap();
        let (mut buffer, mut control) = ([0; 8], [0; 256]);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let message = recvmsg::<()>(socket.as_raw_fd(), &mut slices, Some(&mut control), MsgFlags::empty()).unwrap();
        if message.cmsgs().unwrap().any(|control| matches!(control, ControlMessageOwned::ScmTimestampsns(_))) {
            return;
        }
    }
    panic!("this kernel stamps nothing");
}
