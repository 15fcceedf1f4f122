//! A target on this host: one hop.

use super::support::{MODES, PATIENCE, RAW, flow, measured, target, trace};
use netring_core::{
    FailureReason, Outcome,
    model::{Flow, PathEnd, TracerouteMode},
};
use netring_probes::{DestinationPort, TracerouteProber};
use netring_testbed::lab::{self, Host, Lab};
use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket},
};

#[tokio::test]
async fn a_target_on_this_host_is_one_hop_away_by_udp() {
    is_one_hop_away(&[TracerouteMode::Udp]).await;
}

#[test]
fn a_target_on_this_host_is_one_hop_away() {
    lab::test_on_host(|_| {}, async || is_one_hop_away(&RAW).await);
}

async fn is_one_hop_away(modes: &[TracerouteMode]) {
    for &mode in modes {
        for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            let listener = TcpListener::bind((ip, 0)).unwrap();
            let target = target(ip, listener.local_addr().unwrap().port());
            let report = trace(TracerouteProber::builder().mode(Some(mode)), &target).await;
            assert_eq!(report.outcome, Outcome::Success, "{mode} {ip}: {report:?}");
            assert_eq!(report.ip, Some(ip));
            let flow = flow(&report);
            let [hop] = &*flow.hops else { panic!("{mode} {ip}: {flow:?}") };
            assert_eq!((flow.end, hop.ttl, hop.sent, hop.loss_ratio), (PathEnd::Reached, 1, 3, 0.0), "{mode} {ip}");
            assert_eq!(hop.answers.len(), 3, "{mode} {ip}: {hop:?}");
            for answer in &hop.answers {
                assert_eq!(answer.ip, ip, "{mode}");
                assert!(answer.answer_ttl.is_some_and(|ttl| ttl >= 64), "{mode} {ip}: {answer:?}");
                assert!(answer.round_trip_time < report.duration, "{mode} {ip}: {answer:?}");
            }
        }
    }
}

#[test]
fn no_address_is_this_host() {
    lab::test_on_host(
        |_| {},
        async || {
            for mode in MODES {
                for ip in [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)] {
                    let report = trace(TracerouteProber::builder().mode(Some(mode)), &target(ip, 9)).await;
                    assert_eq!(report.outcome, Outcome::Success, "{mode} {ip}: {report:?}");
                }
            }
        },
    );
}

#[test]
fn a_port_that_refuses_is_reached_by_tcp() {
    lab::test_on_host(
        |_| {},
        async || {
            let refusing = netring_core::testing::net::refusing().unwrap();
            let report = trace(TracerouteProber::builder().mode(Some(TracerouteMode::Tcp)), &refusing.target).await;
            assert_eq!((report.outcome.clone(), flow(&report).end), (Outcome::Success, PathEnd::Reached), "{report:?}");
        },
    );
}

#[tokio::test]
async fn a_datagram_from_the_target_is_an_arrival() {
    // It answers with something of its own, which does not say to what: the hop is asked again alone.
    let echo = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = target(Ipv4Addr::LOCALHOST, echo.local_addr().unwrap().port());
    let stop = echo.try_clone().unwrap();
    let server = std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while let Ok((_, from)) = echo.recv_from(&mut buffer) {
            if buffer[0] == b'!' && from == echo.local_addr().unwrap() {
                return;
            }
            echo.send_to(b"what?", from).unwrap();
        }
    });
    let builder = TracerouteProber::builder().mode(Some(TracerouteMode::Udp));
    let report = trace(builder.destination_port(DestinationPort::Target), &target).await;
    stop.send_to(b"!", stop.local_addr().unwrap()).unwrap();
    server.join().unwrap();
    assert_eq!(report.outcome, Outcome::Success, "{report:?}");
    let [hop] = &*flow(&report).hops else { panic!("{report:?}") };
    assert_eq!((hop.ttl, hop.sent, hop.answers.len()), (1, 1, 1), "{hop:?}");
}

#[test]
fn a_flow_is_the_same_in_every_trace() {
    // In a process that starts no other: a new process has the sockets of the first trace for a moment, and their ports.
    lab::test_in_process(async || {
        let mut lab = Lab::new();
        lab.host("host").run(traces_twice).await;
    });
}

async fn traces_twice() {
    for mode in MODES {
        let target = target(Ipv4Addr::LOCALHOST, 9);
        let builder = TracerouteProber::builder().mode(Some(mode)).flows(3).tries(1);
        let mut seen: Vec<Vec<Flow>> = Vec::new();
        for _ in 0..2 {
            let report = trace(builder.clone(), &target).await;
            seen.push(measured(&report).flows.iter().map(|path| path.flow).collect());
        }
        assert_eq!(seen[0], seen[1], "{mode}");
        assert_eq!(seen[0].iter().collect::<HashSet<_>>().len(), 3, "{mode}: {seen:?}");
    }
}

#[tokio::test]
async fn an_address_that_nobody_may_send_to_is_an_outcome_by_udp() {
    nobody_may_send(&[TracerouteMode::Udp]).await;
}

#[test]
fn an_address_that_nobody_may_send_to_is_an_outcome() {
    // Without a route it would be unreachable for want of one.
    let set_up = |host: &Host| host.command("ip route add default dev lo");
    lab::test_on_host(set_up, async || nobody_may_send(&RAW).await);
}

async fn nobody_may_send(modes: &[TracerouteMode]) {
    let target = target(Ipv4Addr::BROADCAST, 9);
    for &mode in modes {
        let prober = TracerouteProber::builder().mode(Some(mode)).build().unwrap();
        let report =
            netring_core::Prober::probe(&prober, &target, tokio::time::Instant::now() + PATIENCE).await.unwrap();
        let Outcome::Failure { reason, message } = &report.outcome else { panic!("{report:?}") };
        assert_eq!(*reason, FailureReason::Unreachable, "{mode}: {message}");
    }
}
