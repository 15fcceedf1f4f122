//! The one socket option that neither nix nor socket2 has.

#![expect(unsafe_code, reason = "setsockopt of an option that no crate wraps")]

use std::{
    io,
    net::IpAddr,
    os::fd::{AsFd, AsRawFd},
};

/// `IP_RECVERR_RFC4884` of linux/in.h.
const IP_RECVERR_RFC4884: libc::c_int = 26;
/// `IPV6_RECVERR_RFC4884` of linux/in6.h.
const IPV6_RECVERR_RFC4884: libc::c_int = 31;

/// Asks for errors to say where the extensions of the ICMP message are (Linux 5.9 and later).
pub(super) fn receive_extension_offsets(socket: &impl AsFd, target: IpAddr) -> io::Result<()> {
    let (level, name) = match target {
        IpAddr::V4(_) => (libc::IPPROTO_IP, IP_RECVERR_RFC4884),
        IpAddr::V6(_) => (libc::IPPROTO_IPV6, IPV6_RECVERR_RFC4884),
    };
    let on: libc::c_int = 1;
    // SAFETY: the descriptor is open for as long as `socket` is borrowed, and the kernel reads no more than the length that is
    // given here from a value that outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            level,
            name,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
