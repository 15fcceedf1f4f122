//! Routers in a row.

use super::{
    chain::Chain,
    support::{MODES, flow, target, trace},
};
use netring_core::{
    FailureReason, Outcome, ProbeReport,
    model::{PathEnd, TracerouteMode},
};
use netring_probes::{TracerouteProber, TracerouteProberBuilder};
use netring_testbed::lab;
use std::time::Duration;

const PORT: u16 = 9;

fn builder(mode: TracerouteMode) -> TracerouteProberBuilder {
    TracerouteProber::builder().mode(Some(mode))
}

async fn trace_in(chain: &Chain, builder: TracerouteProberBuilder, v6: bool) -> ProbeReport {
    let target = target(chain.address(chain.hosts.len() - 1, v6), PORT);
    chain.client().run(move || async move { trace(builder, &target).await }).await
}

#[test]
fn every_router_is_seen_in_every_mode() {
    lab::test(async || {
        let chain = Chain::with_routers(4);
        for mode in MODES {
            for v6 in [false, true] {
                let report = trace_in(&chain, builder(mode), v6).await;
                assert_eq!(report.outcome, Outcome::Success, "{mode} {v6}: {report:?}");
                let flow = flow(&report);
                assert_eq!(flow.path().0, chain.path(v6), "{mode} {v6}: {flow:?}");
                assert_eq!(flow.end, PathEnd::Reached);
                for hop in &flow.hops {
                    assert_eq!((hop.sent, hop.loss_ratio), (3, 0.0), "{mode} {v6}: {hop:?}");
                }
                // What a router sends back loses one of its time to live at each router before.
                let ttls: Vec<_> = flow.hops.iter().map(|hop| hop.answers[0].answer_ttl.unwrap()).collect();
                assert!(ttls.windows(2).all(|pair| pair[1] == pair[0] - 1), "{mode} {v6}: {ttls:?}");
            }
        }
    });
}

#[test]
fn a_silent_router_stays_silent() {
    lab::test(async || {
        let chain = Chain::with_routers(3);
        let silent = &chain.hosts[2];
        silent.command("nft add table ip t");
        silent.command("nft add chain ip t out { type filter hook output priority 0; }");
        silent.command("nft add rule ip t out icmp type time-exceeded drop");
        for mode in MODES {
            let report = trace_in(&chain, builder(mode).timeout(Duration::from_millis(300)), false).await;
            let flow = flow(&report);
            let mut expected = chain.path(false);
            expected[1].clear();
            assert_eq!((flow.path().0, flow.end), (expected, PathEnd::Reached), "{mode}: {flow:?}");
            assert_eq!((flow.hops[1].sent, flow.hops[1].loss_ratio), (3, 1.0), "{mode}");
        }
    });
}

#[test]
fn a_router_that_says_why_it_goes_no_further_ends_the_path() {
    lab::test(async || {
        let chain = Chain::with_routers(3);
        for (kind, end) in
            [("prohibit", PathEnd::AdministrativelyProhibited), ("unreachable", PathEnd::HostUnreachable)]
        {
            let (router, target) = (&chain.hosts[2], chain.address(4, false));
            router.command(&format!("ip route replace {kind} {target}/32"));
            for mode in MODES {
                let report = trace_in(&chain, builder(mode), false).await;
                let flow = flow(&report);
                // Linux looks for a route before it looks at the time to live.
                assert_eq!(flow.path().0, chain.path(false)[..flow.hops.len()], "{mode} {kind}: {flow:?}");
                assert_eq!((flow.end, flow.hops.len()), (end, 2), "{mode} {kind}: {flow:?}");
                let Outcome::Failure { reason, message } = &report.outcome else { panic!("{report:?}") };
                assert_eq!(*reason, FailureReason::Unreachable);
                assert!(message.contains(&format!("says {} at hop 2", chain.address(2, false))), "{message}");
            }
            router.command(&format!("ip route del {kind} {target}/32"));
        }
    });
}

#[test]
fn packets_that_go_in_a_circle_are_called_so() {
    lab::test(async || {
        let chain = Chain::with_routers(3);
        chain.send_back(2);
        for mode in MODES {
            let report = trace_in(&chain, builder(mode).max_hops(12), false).await;
            let flow = flow(&report);
            assert_eq!(flow.end, PathEnd::Loop, "{mode}: {flow:?}");
            assert!(flow.hops.len() < 9, "{mode}: {flow:?}");
            let Outcome::Failure { reason, .. } = &report.outcome else { panic!("{report:?}") };
            assert_eq!(*reason, FailureReason::Unreachable);
        }
    });
}
