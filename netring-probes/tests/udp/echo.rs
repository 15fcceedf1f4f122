//! The echo: what it answers, from where, and how much.

use crate::running::{PATIENCE, Running, SHORT, burst, key, probe, prober, settings};
use netring_core::{CancellationToken, Outcome};
use netring_probes::{EchoCounters, UdpEcho, UdpProber};
use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};
use tokio::time::timeout;

#[tokio::test]
async fn it_answers_from_the_address_that_was_asked() {
    for (bound, asked) in [
        ("0.0.0.0:0", "127.0.0.1"),
        ("0.0.0.0:0", "127.0.0.2"),
        ("127.0.0.2:0", "127.0.0.2"),
        ("127.0.0.1:0", "::ffff:127.0.0.1"),
        ("[::1]:0", "::1"),
        ("[::]:0", "::1"),
        ("[::]:0", "127.0.0.1"),
        ("[::]:0", "127.0.0.2"),
    ] {
        let running = Running::start(UdpEcho::builder(), bound);
        let (report, _) = probe(&prober(3), &running.at(asked), PATIENCE).await;
        assert_eq!(report.outcome, Outcome::Success, "{asked} at {bound}");
        let ip = asked.parse::<IpAddr>().unwrap().to_canonical();
        assert_eq!((burst(&report).received, report.ip), (3, Some(ip)), "{asked} at {bound}");
    }
}

#[tokio::test]
async fn one_address_gets_no_more_than_its_share() {
    let one = NonZeroU32::new(1).unwrap();
    let builder = UdpEcho::builder().packets_per_second(one).burst(NonZeroU32::new(6).unwrap());
    let running = Running::start(builder, "0.0.0.0:0");
    let (report, _) = probe(&prober(10), &running.at("127.0.0.1"), SHORT).await;
    let m = burst(&report);
    assert_eq!((m.sent, m.received), (10, 6));
    let counters = running.echo.counters();
    assert_eq!((counters.answered, counters.rate_limited), (6, 4));
}

#[tokio::test]
async fn what_its_limits_refuse_was_not_lost_on_the_way_there() {
    let builder = UdpEcho::builder().packets_per_second(NonZeroU32::new(20).unwrap()).burst(NonZeroU32::MIN);
    let running = Running::start(builder, "127.0.0.1:0");
    let (report, _) = probe(&prober(200), &running.target(), SHORT).await;
    let m = burst(&report);
    assert!(m.received > 0 && running.echo.counters().rate_limited > 0, "{m:?}");
    assert_eq!(m.forward.as_ref().unwrap().lost, 0, "{m:?}");
}

#[tokio::test]
async fn all_together_get_no_more_than_what_is_set() {
    let running = Running::start(UdpEcho::builder().packets_per_second_overall(NonZeroU32::MIN), "127.0.0.1:0");
    let (report, _) = probe(&prober(10), &running.target(), SHORT).await;
    let counters = running.echo.counters();
    assert_eq!(u64::from(burst(&report).received), counters.answered);
    assert!(counters.rate_limited > 0, "{counters:?}");
}

#[tokio::test]
async fn a_captured_packet_is_answered_once_more_at_most_from_whatever_address() {
    let running = Running::start(UdpEcho::builder().key(key("k")), "127.0.0.1:0");
    let prober = UdpProber::builder().settings(settings(1)).key(key("k")).build();
    let captured = request(&prober).await;
    let mut buffer = [0; 2_048];
    for address in ["127.0.0.1:0", "127.0.0.2:0", "127.0.0.3:0", "127.0.0.1:0"] {
        let socket = tokio::net::UdpSocket::bind(address).await.unwrap();
        socket.send_to(&captured, running.echo.local_addr()).await.unwrap();
    }
    // Whatever follows is answered after all of them were looked at.
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&request(&prober).await, running.echo.local_addr()).await.unwrap();
    timeout(PATIENCE, socket.recv(&mut buffer)).await.unwrap().unwrap();
    let EchoCounters { answered, replayed, stale, rate_limited, .. } = running.echo.counters();
    assert_eq!((answered, replayed, stale, rate_limited), (3, 2, 0, 0));
}

#[tokio::test]
async fn a_broadcast_is_not_answered() {
    for bound in ["0.0.0.0:0", "[::]:0"] {
        let running = Running::start(UdpEcho::builder(), bound);
        let request = request(&prober(1)).await;
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.set_broadcast(true).unwrap();
        let port = running.echo.local_addr().port();
        socket.send_to(&request, ("127.255.255.255", port)).await.unwrap();
        socket.send_to(&request, ("127.0.0.1", port)).await.unwrap();
        timeout(PATIENCE, socket.recv(&mut [0; 2_048])).await.unwrap().unwrap();
        let EchoCounters { answered, malformed, socket_errors, .. } = running.echo.counters();
        assert_eq!((answered, malformed, socket_errors), (1, 1, 0), "{bound}");
    }
}

/// A packet that is a good request, as a prober sends it.
async fn request(prober: &UdpProber) -> Vec<u8> {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let target = netring_core::testing::net::target(socket.local_addr().unwrap());
    let probe = probe(prober, &target, SHORT);
    let mut buffer = [0; 2_048];
    tokio::select! {
        _ = probe => panic!("a probe that nobody answers is over before its packet is here"),
        received = socket.recv(&mut buffer) => buffer[..received.unwrap()].to_vec(),
    }
}

#[tokio::test]
async fn it_answers_requests_alone_and_never_with_more() {
    let running = Running::start(UdpEcho::builder(), "127.0.0.1:0");
    let request = request(&prober(1)).await;
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(running.echo.local_addr()).await.unwrap();
    let mut buffer = [0; 2_048];

    socket.send(&request).await.unwrap();
    let length = timeout(PATIENCE, socket.recv(&mut buffer)).await.unwrap().unwrap();
    assert_eq!(length, request.len());
    let reply = buffer[..length].to_vec();

    // None of these gets an answer: the next that comes is the one to the request that follows them.
    let long = [&request[..], &[0; 1_409]].concat();
    for nothing in [&reply[..], &[], b"hello", &request[..63], &long, &[0; 64], &[0; 1_472]] {
        socket.send(nothing).await.unwrap();
    }
    let longer = [&request[..], b"padding"].concat();
    socket.send(&longer).await.unwrap();
    let length = timeout(PATIENCE, socket.recv(&mut buffer)).await.unwrap().unwrap();
    assert_eq!((length, &buffer[64..length]), (longer.len(), &b"padding"[..]));
    let EchoCounters { answered, malformed, socket_errors, .. } = running.echo.counters();
    assert_eq!((answered, malformed, socket_errors), (2, 7, 0));
}

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = socket.local_addr().unwrap();
    let echo = Arc::new(UdpEcho::from_std(socket).unwrap());
    assert_eq!(echo.local_addr(), address);
    let shutdown = CancellationToken::new();
    let running = tokio::spawn({
        let (echo, shutdown) = (Arc::clone(&echo), shutdown.clone());
        async move { echo.run(shutdown).await }
    });
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(!running.is_finished());
    shutdown.cancel();
    timeout(PATIENCE, running).await.unwrap().unwrap();
}
