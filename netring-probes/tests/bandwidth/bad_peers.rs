//! Peers that do not do what is expected of them.

use crate::server::{MIB, Server, assert_failure, measured, only, probe, say, success, until_closed};
use netring_core::{FailureReason, Prober, model::Limit, testing::net};
use netring_probes::{BandwidthProber, Directions, TestMode};
use std::time::Duration;
use tokio::time::{Instant, interval};

#[tokio::test]
async fn a_peer_that_refuses() {
    let target = net::refusing().unwrap();
    assert_failure(&probe(&BandwidthProber::default(), &target.target).await, FailureReason::Refused, "connect");
}

#[tokio::test]
async fn a_peer_that_takes_the_request_and_says_nothing() {
    let server = Server::start(|_, mut stream| async move { until_closed(&mut stream).await }).await;
    let within = Duration::from_millis(300);
    let report = only(Directions::Download).build().probe(&server.target, Instant::now() + within).await.unwrap();
    assert_failure(&report, FailureReason::Timeout, "download: no answer before the deadline");
    assert!(report.duration >= within, "{report:?}");
}

#[tokio::test]
async fn a_peer_that_is_silent_does_not_hold_a_place_for_as_long_as_there_is_time() {
    let unanswered = net::silent().unwrap();
    let report = probe(&BandwidthProber::default(), &unanswered.target).await;
    assert_failure(&report, FailureReason::Timeout, "connect: no answer for 3s");
    let server = Server::start(|_, mut stream| async move { until_closed(&mut stream).await }).await;
    let report = probe(&BandwidthProber::default(), &server.target).await;
    assert_failure(&report, FailureReason::Timeout, "download: no answer for 3s");
}

#[tokio::test]
async fn a_peer_that_stops_in_the_middle() {
    let server = Server::start(|_, mut stream| async move {
        say(&mut stream, format!("HTTP/1.1 200 OK\r\nContent-Length: {MIB}\r\n\r\n")).await;
        say(&mut stream, vec![b'.'; 100_000]).await;
        until_closed(&mut stream).await;
    })
    .await;
    let report = probe(&only(Directions::Download).build(), &server.target).await;
    assert_failure(&report, FailureReason::Timeout, "download: less than 4 kbit/s came");
    let download = measured(&report).unwrap().download.unwrap();
    assert_eq!((download.bytes, download.settled), (100_000, false), "what was measured until then is told");
}

#[tokio::test]
async fn a_peer_that_closes_in_the_middle() {
    let server = Server::start(|_, mut stream| async move {
        say(&mut stream, format!("HTTP/1.1 200 OK\r\nContent-Length: {MIB}\r\n\r\nhello")).await;
    })
    .await;
    let report = probe(&only(Directions::Download).build(), &server.target).await;
    assert_failure(&report, FailureReason::Protocol, "download: the connection was closed before its end");
    assert_eq!(measured(&report), None, "five bytes are no rate");
}

#[tokio::test]
async fn a_peer_that_has_next_to_nothing_to_send() {
    let server = Server::start(|_, mut stream| async move {
        say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
    })
    .await;
    let report = probe(&only(Directions::Download).build(), &server.target).await;
    assert_failure(&report, FailureReason::Protocol, "download: the target ended it after 5 bytes");
    assert_eq!(measured(&report), None);
}

#[tokio::test]
async fn a_taker_that_answers_before_it_took_anything() {
    let server = Server::start(|_, mut stream| async move {
        // Buffers as small as they get: what the kernel takes says nothing of the path.
        socket2::SockRef::from(&stream).set_recv_buffer_size(1).unwrap();
        say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
        std::future::pending::<()>().await;
    })
    .await;
    let report = probe(&only(Directions::Upload).build(), &server.target).await;
    assert_failure(&report, FailureReason::Protocol, "upload: ");
    assert_eq!(measured(&report), None);
}

#[tokio::test]
async fn a_peer_that_sends_more_than_was_asked_for_is_cut_off() {
    for head in ["Content-Length: 99999999999999", "Transfer-Encoding: chunked", "Connection: close"] {
        let server = Server::start(move |_, mut stream| async move {
            say(&mut stream, format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n")).await;
            let chunk = if head.contains("chunked") {
                [b"10000\r\n".as_slice(), &[b'.'; 0x10000], b"\r\n"].concat()
            } else {
                vec![b'.'; 0x10000]
            };
            while tokio::io::AsyncWriteExt::write_all(&mut stream, &chunk).await.is_ok() {}
        })
        .await;
        let download = only(Directions::Download);
        let adaptive = download.clone().max_bytes(2 * MIB).build();
        let measured = success(&probe(&adaptive, &server.target).await).download.unwrap();
        assert!((2 * MIB..3 * MIB).contains(&measured.bytes), "{head}: {measured:?}");
        assert_eq!((measured.settled, measured.limited_by), (false, Some(Limit::Bytes)), "{head}");
        let fixed = download.mode(TestMode::Fixed { size_mib: 1 }).build();
        let measured = success(&probe(&fixed, &server.target).await).download.unwrap();
        assert_eq!((measured.bytes, measured.limited_by), (MIB, Some(Limit::FixedSize)), "{head}");
    }
}

/// A peer that sends `piece` bytes every tenth of a second.
async fn trickle(piece: usize) -> Server {
    Server::start(move |_, mut stream| async move {
        say(&mut stream, format!("HTTP/1.1 200 OK\r\nContent-Length: {MIB}\r\n\r\n")).await;
        let (piece, mut slowly) = (vec![b'.'; piece], interval(Duration::from_millis(100)));
        while tokio::io::AsyncWriteExt::write_all(&mut stream, &piece).await.is_ok() {
            slowly.tick().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_peer_of_one_byte_a_while_has_stalled() {
    let server = trickle(1).await;
    // When it is looked at, and when the time is over before that.
    for time in [30, 1] {
        let prober = only(Directions::Download).max_duration(Duration::from_secs(time)).build();
        let report = probe(&prober, &server.target).await;
        assert_failure(&report, FailureReason::Timeout, "download: less than 4 kbit/s came");
        let download = measured(&report).unwrap().download.unwrap();
        assert!(download.bytes > 0 && !download.settled, "what was measured until then is told: {download:?}");
    }
}

#[tokio::test]
async fn a_slow_link_is_measured_until_the_time_is_over() {
    // Some 35 kbit/s.
    let server = trickle(437).await;
    for mode in [TestMode::Fixed { size_mib: 1 }, TestMode::Adaptive] {
        let prober = only(Directions::Download).mode(mode).max_duration(Duration::from_secs(3)).build();
        let download = success(&probe(&prober, &server.target).await).download.unwrap();
        assert!(download.limited_by == Some(Limit::Time) || download.settled, "{download:?}");
        assert!((10e3..60e3).contains(&download.bits_per_second), "{download:?}");
    }
}

#[tokio::test]
async fn answers_that_are_none() {
    for (answer, reason, said) in [
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            FailureReason::UnexpectedStatus,
            "download: status 404",
        ),
        ("HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n", FailureReason::UnexpectedStatus, "download: status 503"),
        ("HTTP/1.1 204 No Content\r\n\r\n", FailureReason::UnexpectedStatus, "download: status 204"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", FailureReason::Protocol, "download: the answer has no body"),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", FailureReason::Protocol, "download: what came is not HTTP"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", FailureReason::Protocol, "download: what came is not HTTP"),
        ("", FailureReason::Reset, "download: the connection was closed before an answer"),
    ] {
        let server = Server::start(move |_, mut stream| async move { say(&mut stream, answer).await }).await;
        let report = probe(&BandwidthProber::default(), &server.target).await;
        assert_failure(&report, reason, said);
        assert_eq!(measured(&report), None, "{answer:?}");
    }
}

#[tokio::test]
async fn a_taker_that_stops_in_the_middle() {
    let server = Server::start(|_, mut stream| async move {
        let mut some = vec![0; 100_000];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut some).await.unwrap();
        // Neither reads on nor closes.
        std::future::pending::<()>().await;
    })
    .await;
    let report = probe(&only(Directions::Upload).build(), &server.target).await;
    assert_failure(&report, FailureReason::Timeout, "upload: less than 4 kbit/s was acknowledged");
    let upload = measured(&report).unwrap().upload.unwrap();
    assert!(upload.bytes >= 90_000 && !upload.settled, "{upload:?}");
}

#[tokio::test]
async fn a_taker_that_closes_in_the_middle() {
    let server = Server::start(|_, mut stream| async move {
        let mut some = vec![0; 100_000];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut some).await.unwrap();
    })
    .await;
    let report = probe(&only(Directions::Upload).build(), &server.target).await;
    assert_failure(&report, FailureReason::Reset, "upload");
}

#[tokio::test]
async fn a_taker_that_never_answers() {
    let server = Server::start(|_, mut stream| async move {
        until_closed(&mut stream).await;
    })
    .await;
    let report = probe(&only(Directions::Upload).max_bytes(1_000).build(), &server.target).await;
    assert_failure(&report, FailureReason::Timeout, "upload: no answer for 2s");
}
