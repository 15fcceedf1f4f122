//! Good answers: every phase is there, and what was read is told.

use crate::server::{Server, answer, assert_success, builder, measured, phases, probe, read_head, until_closed};
use netring_core::{Host, ProbeKind, Prober};
use std::net::Ipv6Addr;
use tokio::{io::AsyncWriteExt, net::lookup_host, sync::mpsc};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

#[tokio::test]
async fn the_prober_is_named_by_kind_and_endpoint() {
    let prober = builder().build();
    assert_eq!(prober.kind(), ProbeKind::HTTP);
    assert_eq!(prober.endpoint().unwrap().as_str(), "/health");
}

#[tokio::test]
async fn every_phase_of_a_plain_probe_is_measured() {
    let server = Server::answering(OK).await;
    let report = probe(&builder().build(), &server.target()).await;
    assert_success(&report);
    assert_eq!(report.ip, Some(server.address.ip()));
    assert_eq!(phases(&report), ["connect", "first byte", "body"]);
    let http = measured(&report);
    assert_eq!((http.status, http.body_bytes, http.body_truncated), (Some(200), 5, false));
    assert_eq!(report.round_trip_time(), http.connect);
}

#[tokio::test]
async fn a_name_is_resolved() {
    let ip = lookup_host(("localhost", 0)).await.unwrap().next().expect("localhost has an address").ip();
    let server = Server::start_on(ip, |stream| answer(stream, OK.into())).await;
    let report =
        probe(&builder().build(), &server.target_by(Host::Name(netring_core::HostName::new("localhost").unwrap())))
            .await;
    assert_success(&report);
    assert_eq!(report.ip, Some(ip));
    assert_eq!(phases(&report), ["resolve", "connect", "first byte", "body"]);
}

#[tokio::test]
async fn ipv6_is_probed() {
    let server = Server::start_on(Ipv6Addr::LOCALHOST.into(), |stream| answer(stream, OK.into())).await;
    assert_success(&probe(&builder().build(), &server.target()).await);
}

#[tokio::test]
async fn bodies_of_every_framing_are_read() {
    for (framing, answer, bytes) in [
        ("a length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 3),
        ("to the end", "HTTP/1.1 200 OK\r\n\r\nabcd", 4),
        ("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabcd", 4),
        ("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 5),
        ("chunks, trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\n", 1),
        ("no reason, no body", "HTTP/1.1 204\r\n\r\n", 0),
        ("not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 0),
        ("an empty body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0),
        ("one more head first", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", 1),
        ("more than was promised", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc", 1),
    ] {
        let server = Server::answering(answer).await;
        let report = probe(&builder().build(), &server.target()).await;
        assert!(report.outcome.is_success(), "{framing}: {report:?}");
        let http = measured(&report);
        assert_eq!((http.body_bytes, http.body_truncated), (bytes, false), "{framing}");
        assert_eq!(phases(&report), ["connect", "first byte", "body"], "{framing}");
    }
}

#[tokio::test]
async fn a_connection_that_is_kept_open_is_not_waited_for() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(OK.as_bytes()).await.unwrap();
        until_closed(&mut stream).await;
    })
    .await;
    assert_success(&probe(&builder().build(), &server.target()).await);
}

#[tokio::test]
async fn an_answer_before_the_request_is_read_as_an_answer() {
    // The whole answer is in the client's buffer before the request is sent, as often as the server is fast enough.
    let server = Server::start(|mut stream| async move {
        stream.write_all(OK.as_bytes()).await.unwrap();
        until_closed(&mut stream).await;
    })
    .await;
    let prober = builder().build();
    for _ in 0..100 {
        assert_success(&probe(&prober, &server.target()).await);
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_bound_and_the_rest_left() {
    let (closed, mut was_closed) = mpsc::channel(1);
    let server = Server::start(move |mut stream| {
        let closed = closed.clone();
        async move {
            read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n").await.unwrap();
            // Ends once the client has gone: it never reads it all.
            while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
            closed.send(()).await.unwrap();
        }
    })
    .await;
    let report = probe(&builder().max_body_bytes(10_000).build(), &server.target()).await;
    assert_success(&report);
    let http = measured(&report);
    assert_eq!((http.body_bytes, http.body_truncated), (10_000, true));
    assert!(http.body.is_some());
    was_closed.recv().await.unwrap();
}

#[tokio::test]
async fn a_body_of_exactly_the_bound_is_whole() {
    let server = Server::answering(OK).await;
    for (bound, bytes, truncated) in [(5, 5, false), (4, 4, true), (0, 0, true)] {
        let http = measured(&probe(&builder().max_body_bytes(bound).build(), &server.target()).await);
        assert_eq!((http.body_bytes, http.body_truncated), (bytes, truncated), "bound {bound}");
    }
}

#[tokio::test]
async fn many_probes_run_at_once() {
    let server = Server::answering(OK).await;
    let (prober, target) = (builder().build(), server.target());
    let (a, b, c, d) = tokio::join!(
        probe(&prober, &target),
        probe(&prober, &target),
        probe(&prober, &target),
        probe(&prober, &target)
    );
    for report in [a, b, c, d] {
        assert_success(&report);
    }
}
