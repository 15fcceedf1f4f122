//! Targets to which there is no way.

use crate::running::{PATIENCE, SHORT, burst, probe, prober, reason, settings};
use netring_core::{CancellationToken, FailureReason, Outcome, ProbeReport, testing::net};
use netring_probes::{UdpEcho, UdpProber};
use netring_testbed::lab::{self, Host};
use socket2::{Domain, Socket, Type};
use std::{
    net::{SocketAddr, UdpSocket},
    time::Duration,
};
use tokio::time::sleep;

async fn probe_of(address: &str) -> ProbeReport {
    probe(&prober(10), &net::target(address.parse().unwrap()), PATIENCE).await.0
}

#[tokio::test]
async fn nobody_listens() {
    for ip in ["127.0.0.1", "::1"] {
        // The kernel refuses what does not come from where this socket is connected to.
        let taken = UdpSocket::bind((ip, 0)).unwrap();
        taken.connect((ip, 1)).unwrap();
        let (report, _) = probe(&prober(10), &net::target(taken.local_addr().unwrap()), PATIENCE).await;
        assert_eq!(reason(&report), FailureReason::Refused);
        let Outcome::Failure { message, .. } = &report.outcome else { unreachable!() };
        assert_eq!(*message, format!("udp: Connection refused (os error 111), as {ip} says"));
        let m = burst(&report);
        assert_eq!((m.sent, m.received, m.loss_ratio), (10, 0, 1.0));
        assert!(report.duration < PATIENCE, "nobody waits for the deadline");
    }
}

/// A socket at `address`, where others may be as well.
fn shared(address: SocketAddr) -> UdpSocket {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&address.into()).unwrap();
    socket.into()
}

#[tokio::test]
async fn a_host_that_begins_to_listen_is_no_failure() {
    // The first packets are refused, and the others are sent all the same.
    let taken = shared("127.0.0.1:0".parse().unwrap());
    taken.connect("127.0.0.1:1").unwrap();
    let address = taken.local_addr().unwrap();
    let prober = UdpProber::builder().settings(settings(200)).build();
    let target = net::target(address);
    let begin = async {
        sleep(Duration::from_millis(50)).await;
        let echo = UdpEcho::from_std(shared(address)).unwrap();
        echo.run(CancellationToken::new()).await;
    };
    let probe = probe(&prober, &target, SHORT);
    let report = tokio::select! {
        (report, _) = probe => report,
        () = begin => unreachable!("the echo runs on"),
    };
    assert_eq!(report.outcome, Outcome::Success);
    let m = burst(&report);
    assert!(m.sent == 200 && m.received > 0 && m.received < 200, "{m:?}");
}

#[test]
fn no_route_goes_there() {
    let set_up = |host: &Host| host.command("ip route add unreachable 192.0.2.0/24");
    lab::test_on_host(set_up, async || {
        for address in ["192.0.2.1:9", "198.51.100.1:9", "[2001:db8::1]:9"] {
            let report = probe_of(address).await;
            assert_eq!(reason(&report), FailureReason::Unreachable, "{report:?}");
            assert_eq!(report.measurement, None, "nothing was sent");
        }
    });
}

#[test]
fn a_router_knows_no_way() {
    let set_up = |host: &Host| {
        host.command("nft add table inet router");
        host.command("nft add chain inet router in { type filter hook input priority 0 ; }");
        for rule in [
            "ip daddr 127.0.0.9 udp dport 9 reject with icmp type host-unreachable",
            "ip6 daddr ::1 udp dport 9 reject with icmpv6 type no-route",
        ] {
            host.command(&format!("nft add rule inet router in {rule}"));
        }
    };
    lab::test_on_host(set_up, async || {
        for address in ["127.0.0.9:9", "[::1]:9"] {
            let report = probe_of(address).await;
            assert_eq!(reason(&report), FailureReason::Unreachable, "{report:?}");
            assert_eq!((burst(&report).sent, burst(&report).loss_ratio), (10, 1.0));
            assert!(report.duration < PATIENCE, "nobody waits for the deadline");
        }
    });
}

#[test]
fn a_system_without_ipv6_cannot_reach_an_ipv6_target() {
    // It has the family, and no address of it.
    let set_up = |host: &Host| host.sysctl("net.ipv6.conf.all.disable_ipv6", "1");
    lab::test_on_host(set_up, async || {
        for address in ["[::1]:9", "[2001:db8::1]:9"] {
            let report = probe_of(address).await;
            assert_eq!(reason(&report), FailureReason::Unreachable, "{report:?}");
        }
    });
}
