//! Targets to which there is no way.

use crate::{
    relay::{Fate, Relay},
    running::{PATIENCE, Running, burst, probe, prober, reason, settings},
};
use netring_core::{CancellationToken, FailureReason, Outcome, ProbeReport, testing::net};
use netring_probes::{BurstProgress, UdpEcho, UdpProber};
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

#[test]
fn a_host_that_begins_to_listen_is_no_failure() {
    // The first packets are refused, and the others are sent all the same. In a network of its own nobody else is refused.
    lab::test_on_host(
        |_| {},
        async || {
            let taken = shared("127.0.0.1:0".parse().unwrap());
            taken.connect("127.0.0.1:1").unwrap();
            let address = taken.local_addr().unwrap();
            let prober = UdpProber::builder().settings(settings(200)).build();
            let target = net::target(address);
            let begin = async {
                while refused() == 0 {
                    sleep(Duration::from_millis(1)).await;
                }
                let echo = UdpEcho::from_std(shared(address)).unwrap();
                echo.run(CancellationToken::new()).await;
            };
            let probe = probe(&prober, &target, PATIENCE);
            let report = tokio::select! {
                (report, _) = probe => report,
                () = begin => unreachable!("the echo runs on"),
            };
            assert_eq!(report.outcome, Outcome::Success);
            let m = burst(&report);
            assert!(m.received > 0 && m.received < m.sent, "{m:?}");
        },
    );
}

/// UDP packets that this thread's network had nobody for.
fn refused() -> u64 {
    let table = std::fs::read_to_string("/proc/thread-self/net/snmp").unwrap();
    let mut udp = table.lines().filter_map(|line| line.strip_prefix("Udp: ")).map(str::split_whitespace);
    let (names, values) = (udp.next().unwrap(), udp.next().unwrap());
    let (_, refused) = names.zip(values).find(|(name, _)| *name == "NoPorts").unwrap();
    refused.parse().unwrap()
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

/// A table of rules for what comes in or goes out.
fn rules(host: &Host, hook: &str, rules: &[&str]) {
    host.command("nft add table inet rules");
    host.command(&format!("nft add chain inet rules it {{ type filter hook {hook} priority 0 ; }}"));
    for rule in rules {
        host.command(&format!("nft add rule inet rules it {rule}"));
    }
}

#[test]
fn one_error_ends_no_burst_to_a_target_far_away() {
    // The first packet of all is the first of the burst.
    let rule =
        "ip daddr 127.0.0.1 meta l4proto udp limit rate 1/day burst 1 packets reject with icmp type host-unreachable";
    lab::test_on_host(
        move |host: &Host| rules(host, "input", &[rule]),
        async || {
            let running = Running::start(UdpEcho::builder(), "127.0.0.2:0");
            let relay = Relay::start(running.echo.local_addr(), |_| Fate::Delayed(Duration::from_millis(400))).await;
            let (report, _) = probe(&prober(10), &relay.target(), PATIENCE).await;
            assert_eq!(report.outcome, Outcome::Success);
            assert_eq!((burst(&report).sent, burst(&report).received), (10, 9));
        },
    );
}

#[test]
fn a_router_that_limits_its_errors_is_not_waited_for() {
    let set_up = |host: &Host| {
        let reject = "ip daddr 127.0.0.9 meta l4proto udp limit rate 1/day burst 6 packets reject with icmp type host-unreachable";
        rules(host, "input", &[reject, "ip daddr 127.0.0.9 drop"]);
    };
    lab::test_on_host(set_up, async || {
        let report = probe_of("127.0.0.9:9").await;
        assert_eq!(reason(&report), FailureReason::Unreachable, "{report:?}");
        assert!(report.duration < PATIENCE, "nobody waits for the deadline");
    });
}

#[test]
fn packets_that_this_system_does_not_let_out_are_lost() {
    let set_up = |host: &Host| {
        let some = "ip daddr 127.0.0.2 limit rate over 1/day burst 6 packets drop";
        rules(host, "output", &[some, "ip daddr 127.0.0.9 drop"]);
    };
    lab::test_on_host(set_up, async || {
        let running = Running::start(UdpEcho::builder(), "127.0.0.2:0");
        let (report, told) = probe(&prober(10), &running.target(), PATIENCE).await;
        assert_eq!(report.outcome, Outcome::Success);
        let m = burst(&report);
        assert_eq!((m.sent, m.received, m.loss_ratio), (10, 6, 0.4));
        let lost = (6..10).map(|sequence| BurstProgress::Lost { sequence });
        assert!(lost.into_iter().all(|lost| told.contains(&lost)), "{told:?}");
        assert!(report.duration < PATIENCE, "nobody waits for what was never sent");

        // Where it lets nothing out there is nothing to measure.
        let report = probe_of("127.0.0.9:9").await;
        assert_eq!(reason(&report), FailureReason::Unreachable, "{report:?}");
        assert_eq!(report.measurement, None);
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
