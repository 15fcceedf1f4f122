//! The deadline, hit in each phase.

use crate::server::{Server, assert_failure, builder, phases, probe_within, read_head, target, until_closed};
use netring_core::{FailureReason, Host, ProbeReport, Prober, Target};
use netring_probes::{HttpProber, Scheme};
use socket2::{Domain, SockAddr, Socket, Type};
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, interval},
};

const WITHIN: Duration = Duration::from_millis(200);

/// Probes until the deadline, and checks that the whole of it was waited, and not much more. The bound from above is
/// for a prober that does not see its deadline, not for a machine that is busy.
async fn probe_until_deadline(prober: &HttpProber, target: &Target, said: &str) -> ProbeReport {
    let report = probe_within(prober, target, WITHIN).await;
    assert_failure(&report, FailureReason::Timeout, said);
    assert!(report.duration >= WITHIN - Duration::from_millis(5), "{:?}", report.duration);
    assert!(report.duration < WITHIN + Duration::from_secs(5), "{:?}", report.duration);
    report
}

#[test]
fn a_name_that_takes_too_long() {
    // Names are resolved on a thread for work that blocks. There is one, and it is taken.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    let (free, taken) = std::sync::mpsc::channel::<()>();
    runtime.block_on(async {
        tokio::task::spawn_blocking(move || taken.recv());
        let target = target(Host::Name(netring_core::HostName::new("localhost").unwrap()), 80);
        let report = probe_until_deadline(&builder().build(), &target, "resolve: no answer before the deadline").await;
        assert_eq!((report.ip, report.measurement), (None, None));
    });
    drop(free);
}

#[tokio::test]
async fn a_host_that_does_not_answer_a_syn() {
    // A listener whose queue is full drops each further SYN.
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SockAddr::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let fill = || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        let _in_progress = socket.connect(&address);
        socket
    };
    let _queue: Vec<Socket> = (0..8).map(|_| fill()).collect();
    let target = target(Host::Ip(Ipv4Addr::LOCALHOST.into()), address.as_socket().unwrap().port());
    let report = probe_until_deadline(&builder().build(), &target, "connect: no answer before the deadline").await;
    assert_eq!((report.ip, report.measurement), (Some(Ipv4Addr::LOCALHOST.into()), None));
}

/// Accepts and says nothing.
async fn silent() -> Server {
    Server::start(|mut stream: TcpStream| async move { until_closed(&mut stream).await }).await
}

#[tokio::test]
async fn a_server_that_never_shakes_hands() {
    let server = silent().await;
    let prober = builder().scheme(Scheme::Https).build();
    let report = probe_until_deadline(&prober, &server.target(), "tls: no handshake before the deadline").await;
    assert_eq!(phases(&report), ["connect"]);
}

#[tokio::test]
async fn a_server_that_never_answers() {
    let server = silent().await;
    let said = "first byte: no answer before the deadline";
    let report = probe_until_deadline(&builder().build(), &server.target(), said).await;
    assert_eq!(phases(&report), ["connect"]);
}

#[tokio::test]
async fn a_server_that_answers_with_a_head_alone() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await.unwrap();
        until_closed(&mut stream).await;
    })
    .await;
    let report = probe_until_deadline(&builder().build(), &server.target(), "body: no end before the deadline").await;
    assert_eq!(phases(&report), ["connect", "first byte"]);
}

/// Sends `start` at once and then `byte` for ever, one at a time.
async fn dripping(start: &'static [u8], byte: u8) -> Server {
    Server::start(move |mut stream| async move {
        stream.set_nodelay(true).unwrap();
        read_head(&mut stream).await;
        let _ = stream.write_all(start).await;
        let mut drop_by_drop = interval(Duration::from_millis(10));
        loop {
            drop_by_drop.tick().await;
            if stream.write_all(&[byte]).await.is_err() {
                break;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_head_that_drips() {
    let server = dripping(b"HTTP/1.1 200 OK\r\nX: ", b'x').await;
    let said = "first byte: no answer before the deadline";
    probe_until_deadline(&builder().build(), &server.target(), said).await;
}

#[tokio::test]
async fn a_body_that_drips() {
    let server = dripping(b"HTTP/1.1 200 OK\r\n\r\n", b'x').await;
    let said = "body: no end before the deadline";
    probe_until_deadline(&builder().build(), &server.target(), said).await;
}

#[tokio::test]
async fn a_body_that_floods_does_not_outlast_the_deadline() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 65536]).await.is_ok() {}
    })
    .await;
    let prober = builder().max_body_bytes(u64::MAX).build();
    probe_until_deadline(&prober, &server.target(), "body: no end before the deadline").await;
}

#[tokio::test]
async fn a_deadline_that_is_over_is_a_timeout() {
    let server = silent().await;
    let deadline = Instant::now() - Duration::from_secs(1);
    let prober = builder().build();
    let report = prober.probe(&server.target(), deadline).await.unwrap();
    assert_failure(&report, FailureReason::Timeout, "");
}
