//! What the kernel knows of a connection: `TCP_INFO` of tcp(7), of Linux.

use std::time::Duration;
use tokio::net::TcpStream;

/// What the kernel tells of a connection, as far as this kernel knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TcpInfo {
    /// Bytes that the far end acknowledged (RFC 4898, `tcpEStatsAppHCThruOctetsAcked`), and of what is beyond a lost segment
    /// those that it acknowledged selectively (RFC 2018): else the count would stand still until the loss is repaired, and
    /// jump then. Since Linux 4.1.
    pub(super) bytes_acked: Option<u64>,
    /// The smoothed round-trip time.
    pub(super) round_trip_time: Option<Duration>,
    /// The shortest round-trip time. Since Linux 4.6.
    pub(super) min_round_trip_time: Option<Duration>,
    /// The round-trip time as whoever receives estimates it.
    pub(super) receiver_round_trip_time: Option<Duration>,
    /// Segments that were sent again.
    pub(super) retransmits: Option<u64>,
    /// Segments that arrived after a gap. Since Linux 5.4.
    pub(super) out_of_order: Option<u64>,
    /// For how long the far end's receive window, or this side's send buffer, kept this side from sending. Since Linux 4.10.
    pub(super) window_limited: Option<Duration>,
    /// The receive window that this side offers, in bytes. Since Linux 6.2.
    pub(super) receive_window: Option<u64>,
}

/// What the kernel knows of `stream`; none where it does not tell.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no safe binding of TCP_INFO has the counters of bytes")]
pub(super) fn tcp_info(stream: &TcpStream) -> Option<TcpInfo> {
    use std::{
        mem::{offset_of, size_of},
        os::fd::AsRawFd,
    };
    // SAFETY: the structure is made of integers alone, for which zero is a value.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut length = libc::socklen_t::try_from(size_of::<libc::tcp_info>()).ok()?;
    // SAFETY: the descriptor is open for as long as `stream` is borrowed. The kernel writes at most `length` bytes, which is
    // the size of `info`, and puts into `length` how many it wrote.
    let result = unsafe {
        libc::getsockopt(stream.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_INFO, (&raw mut info).cast(), &raw mut length)
    };
    let length = usize::try_from(length).ok().filter(|_| result == 0)?;
    // An older kernel writes less: a field counts only where all of it was written.
    macro_rules! known {
        ($field:ident) => {
            (length >= offset_of!(libc::tcp_info, $field) + size_of_val(&info.$field)).then_some(info.$field)
        };
    }
    // Zero and the largest value both stand for "not measured yet".
    let time = |micros: u32| (micros != 0 && micros != u32::MAX).then(|| Duration::from_micros(micros.into()));
    let selectively = u64::from(info.tcpi_sacked) * u64::from(info.tcpi_snd_mss);
    let limited = known!(tcpi_rwnd_limited).zip(known!(tcpi_sndbuf_limited));
    Some(TcpInfo {
        bytes_acked: known!(tcpi_bytes_acked).map(|acked| acked.saturating_add(selectively)),
        round_trip_time: known!(tcpi_rtt).and_then(time),
        min_round_trip_time: known!(tcpi_min_rtt).and_then(time),
        receiver_round_trip_time: known!(tcpi_rcv_rtt).and_then(time),
        retransmits: known!(tcpi_total_retrans).map(u64::from),
        out_of_order: known!(tcpi_rcv_ooopack).map(u64::from),
        window_limited: limited.map(|(receiver, sender)| Duration::from_micros(receiver.saturating_add(sender))),
        receive_window: known!(tcpi_rcv_wnd).map(u64::from).filter(|&window| window > 0),
    })
}

/// What the kernel knows of `stream`: this system does not tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn tcp_info(_stream: &TcpStream) -> Option<TcpInfo> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    #[tokio::test]
    async fn the_kernel_counts_what_was_acknowledged() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        let before = tcp_info(&near).unwrap().bytes_acked.unwrap();
        near.write_all(&[0; 10_000]).await.unwrap();
        far.read_exact(&mut [0; 10_000]).await.unwrap();
        let info = loop {
            let info = tcp_info(&near).unwrap();
            if info.bytes_acked.unwrap() - before >= 10_000 {
                break info;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(info.bytes_acked.unwrap() - before, 10_000);
        let (shortest, smoothed) = (info.min_round_trip_time.unwrap(), info.round_trip_time.unwrap());
        assert!(shortest > Duration::ZERO && smoothed > Duration::ZERO, "{info:?}");
        assert!(info.retransmits.is_some(), "{info:?}");
    }
}
