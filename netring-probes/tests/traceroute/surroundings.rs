//! What a system lacks, and several traces at once.

use super::{
    chain::Chain,
    support::{MODES, PATIENCE, flow, measured, target, trace},
};
use netring_core::{
    FailureReason, Host, HostName, Outcome, ProbeReport, Prober, Target,
    model::{PathEnd, TracerouteMode},
};
use netring_probes::TracerouteProber;
use netring_testbed::lab::{self, Lab};
use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};

fn reason(report: &ProbeReport) -> FailureReason {
    match &report.outcome {
        Outcome::Failure { reason, .. } => *reason,
        Outcome::Success => panic!("{report:?}"),
    }
}

#[test]
fn a_network_without_a_route_is_unreachable() {
    lab::test(async || {
        let mut lab = Lab::new();
        let alone = lab.host("alone");
        for mode in MODES {
            for ip in [IpAddr::from([192, 0, 2, 1]), "2001:db8::1".parse().unwrap()] {
                let builder = TracerouteProber::builder().mode(Some(mode));
                let report = alone.run(move || async move { trace(builder, &target(ip, 9)).await }).await;
                assert_eq!(reason(&report), FailureReason::Unreachable, "{mode} {ip}: {report:?}");
                let ends: HashSet<_> = measured(&report).flows.iter().map(|flow| flow.end).collect();
                assert!(
                    ends.is_empty() || ends == HashSet::from([PathEnd::NetworkUnreachable]),
                    "{mode} {ip}: {ends:?}"
                );
            }
        }
    });
}

#[test]
fn packets_that_the_interface_drops_are_lost_and_no_error() {
    let set_up = |host: &lab::Host| {
        host.command("ip link add d0 type veth peer name d1");
        host.command("ip link set d1 up");
        host.command("ip addr add 192.0.2.1/24 dev d0");
        host.command("ip link set d0 up");
        host.command("ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:01 dev d0 nud permanent");
        // One packet is sent, one waits, all others find the queue full.
        host.command("tc qdisc add dev d0 root tbf rate 8bit burst 100 limit 100");
    };
    lab::test_on_host(set_up, async || {
        for mode in MODES {
            let builder = TracerouteProber::builder().mode(Some(mode)).tries(1).timeout(Duration::from_millis(100));
            let report = trace(builder, &target([192, 0, 2, 9], 9)).await;
            assert_eq!(reason(&report), FailureReason::Timeout, "{mode}: {report:?}");
            assert_eq!(flow(&report).end, PathEnd::Silent, "{mode}: {report:?}");
        }
    });
}

#[test]
fn a_system_without_ipv6_is_no_error() {
    lab::test(async || {
        let mut lab = Lab::new();
        let host = lab.host("host");
        host.sysctl("net.ipv6.conf.all.disable_ipv6", "1");
        for mode in MODES {
            for ip in [Ipv6Addr::LOCALHOST, "2001:db8::1".parse().unwrap()] {
                let builder = TracerouteProber::builder().mode(Some(mode));
                let report = host.run(move || async move { trace(builder, &target(ip, 9)).await }).await;
                assert_eq!(reason(&report), FailureReason::Unreachable, "{mode} {ip}: {report:?}");
            }
        }
    });
}

#[tokio::test]
async fn a_name_without_an_address_is_said_to_be_one() {
    let host = Host::Name(HostName::new("no-such-host.invalid").unwrap());
    let target = Target { host, ..target(Ipv4Addr::LOCALHOST, 9) };
    let report = trace(TracerouteProber::builder(), &target).await;
    assert_eq!((reason(&report), report.measurement), (FailureReason::NameNotResolved, None));
}

/// The part of the next test that a process without privileges does.
#[tokio::test]
#[ignore = "for a process without privileges, which the next test starts"]
async fn without_privileges() {
    let prober = TracerouteProber::builder().build().unwrap();
    assert_eq!(prober.mode(), TracerouteMode::Udp);
    let report = prober.probe(&target(Ipv4Addr::LOCALHOST, 9), Instant::now() + PATIENCE).await.unwrap();
    assert_eq!(report.outcome, Outcome::Success, "{report:?}");
    for mode in [TracerouteMode::Icmp, TracerouteMode::Tcp] {
        let error = TracerouteProber::builder().mode(Some(mode)).build().unwrap_err().to_string();
        assert!(error.contains("CAP_NET_RAW") && error.contains("setcap"), "{error}");
    }
}

#[test]
fn without_privileges_it_traces_by_udp_and_says_what_the_rest_needs() {
    lab::test(async || {
        let mut lab = Lab::new();
        let host = lab.host("host");
        // Not as another user: a user namespace need not have one. Root without capabilities has no more than others.
        let mut command = Command::new("setpriv");
        command.args(["--inh-caps=-all", "--bounding-set=-all"]).arg(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "surroundings::without_privileges"]);
        let output = host.output(command);
        let (said, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && said.contains("1 passed"), "{said} {warned}");
    });
}

#[test]
fn with_cap_net_raw_tcp_is_chosen() {
    lab::test_on_host(|_| {}, async || assert_eq!(TracerouteProber::new().unwrap().mode(), TracerouteMode::Tcp));
}

#[test]
fn a_target_that_says_nothing_is_a_timeout_in_every_mode() {
    lab::test(async || {
        let chain = Chain::with_routers(1);
        let silent = chain.hosts.last().unwrap();
        silent.command("nft add table inet t");
        silent.command("nft add chain inet t in { type filter hook input priority 0; }");
        silent.command(&format!("nft add rule inet t in ip daddr {} drop", chain.address(2, false)));
        for mode in MODES {
            let ip = chain.address(2, false);
            let report = chain
                .client()
                .run(move || async move {
                    let prober = TracerouteProber::builder().mode(Some(mode)).build().unwrap();
                    let started = Instant::now();
                    let report = prober.probe(&target(ip, 9), started + Duration::from_millis(300)).await.unwrap();
                    assert!(started.elapsed() >= Duration::from_millis(300));
                    report
                })
                .await;
            assert_eq!(reason(&report), FailureReason::Timeout, "{mode}");
            let flow = flow(&report);
            assert_eq!(
                (flow.end, flow.path().0),
                (PathEnd::Silent, chain.path(false)[..1].to_vec()),
                "{mode}: {flow:?}"
            );
        }
    });
}

#[test]
fn traces_at_once_do_not_take_each_others_answers() {
    lab::test(async || {
        let chain = Chain::with_routers(3);
        for v6 in [false, true] {
            let (ip, path) = (chain.address(4, v6), chain.path(v6));
            let reports = chain
                .client()
                .run(move || async move {
                    let mut traces = JoinSet::new();
                    for mode in MODES.into_iter().cycle().take(24) {
                        let builder = TracerouteProber::builder().mode(Some(mode)).flows(3).tries(2);
                        // Probers apart, as those of two processes are.
                        traces.spawn(async move { trace(builder, &target(ip, 9)).await });
                    }
                    traces.join_all().await
                })
                .await;
            let mut flows = HashSet::new();
            for report in &reports {
                let measured = measured(report);
                for flow in &measured.flows {
                    assert!(flows.insert((measured.mode, flow.flow)), "no two have one flow: {flow:?}");
                    assert_eq!((flow.end, flow.path().0), (PathEnd::Reached, path.clone()), "{flow:?}");
                    for hop in &flow.hops {
                        assert_eq!((hop.sent, hop.answers.len()), (2, 2), "{:?} {hop:?}", measured.mode);
                    }
                }
            }
            assert_eq!(flows.len(), 24 * 3);
        }
    });
}

#[test]
fn whoever_watches_sees_each_answer() {
    lab::test(async || {
        let chain = Chain::with_routers(2);
        let ip = chain.address(3, false);
        let (report, seen) = chain
            .client()
            .run(move || async move {
                let prober = TracerouteProber::builder().mode(Some(TracerouteMode::Udp)).flows(2).build().unwrap();
                let seen = Arc::new(Mutex::new(Vec::new()));
                let deadline = Instant::now() + PATIENCE;
                let report =
                    prober.probe_with(&target(ip, 9), deadline, &|answer| seen.lock().unwrap().push(answer)).await;
                (report.unwrap(), Arc::into_inner(seen).unwrap().into_inner().unwrap())
            })
            .await;
        let mut expected = Vec::new();
        for (flow, path) in (0..).zip(&measured(&report).flows) {
            for hop in &path.hops {
                expected.extend(
                    (0..).zip(&hop.answers).map(|(attempt, a)| (flow, hop.ttl, attempt, a.ip, a.round_trip_time)),
                );
            }
        }
        let told = seen.iter().filter(|a| a.ttl <= 3);
        let told: HashSet<_> = told.map(|a| (a.flow, a.ttl, a.attempt, a.ip, a.round_trip_time)).collect();
        assert_eq!(told, expected.into_iter().collect());
        assert!(seen.iter().all(|answer| answer.reached == (answer.ip == ip)));
    });
}
