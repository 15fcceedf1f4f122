//! Answers that are no good: each is a failure of its kind, with what was measured until then.

use crate::server::{Server, assert_failure, assert_success, builder, measured, phases, probe, read_head, target};
use netring_core::{FailureReason, Host, Outcome};
use netring_probes::HttpProberBuilder;
use std::net::{Ipv4Addr, TcpListener};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn statuses_are_held_against_what_is_expected() {
    for (expected, status, good) in [
        (None, 200, true),
        (None, 204, true),
        (None, 301, true),
        (None, 399, true),
        (None, 404, false),
        (None, 500, false),
        (None, 999, false),
        (Some("2xx"), 302, false),
        (Some("204"), 204, true),
        (Some("204"), 200, false),
        (Some("200-204, 401"), 401, true),
        (Some("200-204, 401"), 403, false),
        (Some("5xx"), 503, true),
    ] {
        let server = Server::answering(format!("HTTP/1.1 {status} Word\r\nContent-Length: 0\r\n\r\n")).await;
        let builder = match expected {
            Some(list) => builder().expect_statuses(list.parse().unwrap()),
            None => builder(),
        };
        let report = probe(&builder.build(), &server.target()).await;
        assert_eq!(measured(&report).status, Some(status));
        if good {
            assert_success(&report);
        } else {
            let list = expected.unwrap_or("2xx, 3xx");
            let said = format!("status {status} is not one of {list}");
            let reason = FailureReason::UnexpectedStatus;
            assert_eq!(report.outcome, Outcome::Failure { reason, message: said });
            assert_eq!(phases(&report), ["connect", "first byte"]);
        }
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = Server::answering("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n").await;
    let report = probe(&builder().build(), &server.target()).await;
    assert_success(&report);
    assert_eq!(measured(&report).status, Some(302));
}

#[tokio::test]
async fn a_switch_of_protocols_is_not_expected() {
    let server =
        Server::answering("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n").await;
    let report = probe(&builder().build(), &server.target()).await;
    assert_failure(&report, FailureReason::UnexpectedStatus, "status 101 is not one of 2xx, 3xx");
}

#[tokio::test]
async fn what_is_not_http_is_a_failure_of_the_protocol() {
    let large = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(HttpProberBuilder::MAX_HEAD_BYTES));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(101));
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "220 mail ESMTP ready\r\n",
        "<html></html>",
        "\0\0\u{12}\u{4}\0\0\0\0\0\0\0",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/0.9 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        &large,
        &many,
    ] {
        let server = Server::answering(answer).await;
        let report = probe(&builder().build(), &server.target()).await;
        let start: String = answer.chars().take(40).collect();
        assert!(!report.outcome.is_success(), "{start:?}");
        assert_failure(&report, FailureReason::Protocol, "first byte: what came is not HTTP/1.1: ");
        assert_eq!(phases(&report), ["connect"], "{start:?}");
    }
}

#[tokio::test]
async fn an_endless_head_is_cut_off() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX: ").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let report = probe(&builder().build(), &server.target()).await;
    assert_failure(&report, FailureReason::Protocol, "first byte: ");
}

#[tokio::test]
async fn a_connection_that_is_closed_before_the_head_is_a_reset() {
    for answer in ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-"] {
        let server = Server::answering(answer).await;
        let report = probe(&builder().build(), &server.target()).await;
        let said = "first byte: the connection was closed before an answer";
        assert_failure(&report, FailureReason::Reset, said);
        assert_eq!(phases(&report), ["connect"], "{answer:?}");
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_at_once_is_a_reset() {
    let server = Server::start(|stream| async move { drop(stream) }).await;
    let prober = builder().build();
    for _ in 0..100 {
        assert_failure(&probe(&prober, &server.target()).await, FailureReason::Reset, "first byte: ");
    }
}

/// Closes by a RST instead of a FIN.
fn tear_down(stream: tokio::net::TcpStream) {
    let stream = socket2::Socket::from(stream.into_std().unwrap());
    stream.set_linger(Some(std::time::Duration::ZERO)).unwrap();
}

#[tokio::test]
async fn a_connection_that_is_torn_down_is_a_reset() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        tear_down(stream);
    })
    .await;
    let report = probe(&builder().build(), &server.target()).await;
    assert_failure(&report, FailureReason::Reset, "first byte: ");
}

#[tokio::test]
async fn a_connection_that_is_torn_down_in_the_body_is_a_reset() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await.unwrap();
        tear_down(stream);
    })
    .await;
    let report = probe(&builder().build(), &server.target()).await;
    assert_failure(&report, FailureReason::Reset, "body: ");
    assert_eq!(phases(&report), ["connect", "first byte"]);
}

#[tokio::test]
async fn a_body_that_is_cut_short_is_a_failure_of_the_protocol() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
    ] {
        let server = Server::answering(answer).await;
        let report = probe(&builder().build(), &server.target()).await;
        assert_failure(&report, FailureReason::Protocol, "body: the connection was closed before its end");
        assert_eq!(phases(&report), ["connect", "first byte"], "{answer:?}");
        let http = measured(&report);
        assert_eq!((http.status, http.body_bytes, http.body_truncated), (Some(200), 5, false));
    }
}

#[tokio::test]
async fn chunks_that_make_no_sense_are_a_failure_of_the_protocol() {
    for chunk in ["hello\r\n", "5hello", "\r\n", "fffffffffffffffff\r\n"] {
        let server = Server::answering(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}")).await;
        let report = probe(&builder().build(), &server.target()).await;
        assert_failure(&report, FailureReason::Protocol, "body: ");
    }
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_refused() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let report = probe(&builder().build(), &target(Host::Ip(Ipv4Addr::LOCALHOST.into()), port)).await;
    assert_failure(&report, FailureReason::Refused, "connect: ");
    assert_eq!(report.measurement, None);
    assert_eq!(report.ip, Some(Ipv4Addr::LOCALHOST.into()));
}

#[tokio::test]
async fn a_name_without_an_address_is_not_resolved() {
    // RFC 6761, section 6.4: this name has no address, and resolvers need not ask anybody.
    let report =
        probe(&builder().build(), &target(Host::Name(netring_core::HostName::new("netring.invalid").unwrap()), 80))
            .await;
    assert_failure(&report, FailureReason::NameNotResolved, "resolve: ");
    assert_eq!((report.ip, report.measurement), (None, None));
}
