//! What the tests of both protocols need of the system.

use nix::sys::socket::{ControlMessageOwned, MsgFlags, TimestampingFlag, recvmsg, setsockopt, sockopt};
use std::{
    io::IoSliceMut,
    net::UdpSocket,
    os::fd::AsRawFd,
    time::{Duration, Instant},
};

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
