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
use std::time::Duration;

const PORT: u16 = 9;

fn builder(mode: TracerouteMode) -> TracerouteProberBuilder {
    TracerouteProber::builder().mode(Some(mode))
}

fn trace_in(chain: &Chain, builder: TracerouteProberBuilder, v6: bool) -> ProbeReport {
    let target = target(chain.address(chain.hosts.len() - 1, v6), PORT);
    chain.client().block_on(async move { trace(builder, &target).await })
}

#[test]
fn every_router_is_seen_in_every_mode() {
    let chain = Chain::with_routers(4);
    for mode in MODES {
        for v6 in [false, true] {
            let report = trace_in(&chain, builder(mode), v6);
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
}

#[test]
fn a_silent_router_stays_silent() {
    let chain = Chain::with_routers(3);
    chain.hosts[2].command("nft", "add table ip t; add chain ip t out { type filter hook output priority 0; }");
    chain.hosts[2].command("nft", "add rule ip t out icmp type time-exceeded drop");
    for mode in MODES {
        let report = trace_in(&chain, builder(mode).timeout(Duration::from_millis(300)), false);
        let flow = flow(&report);
        let mut expected = chain.path(false);
        expected[1].clear();
        assert_eq!((flow.path().0, flow.end), (expected, PathEnd::Reached), "{mode}: {flow:?}");
        assert_eq!((flow.hops[1].sent, flow.hops[1].loss_ratio), (3, 1.0), "{mode}");
    }
}

#[test]
fn a_router_that_says_why_it_goes_no_further_ends_the_path() {
    let chain = Chain::with_routers(3);
    for (kind, end) in [("prohibit", PathEnd::AdministrativelyProhibited), ("unreachable", PathEnd::HostUnreachable)] {
        chain.hosts[2].ip(&format!("route replace {kind} 10.9.3.2/32"));
        for mode in MODES {
            let report = trace_in(&chain, builder(mode), false);
            let flow = flow(&report);
            // Linux looks for a route before it looks at the time to live.
            assert_eq!(flow.path().0, chain.path(false)[..flow.hops.len()], "{mode} {kind}: {flow:?}");
            assert_eq!((flow.end, flow.hops.len()), (end, 2), "{mode} {kind}: {flow:?}");
            let Outcome::Failure { reason, message } = &report.outcome else { panic!("{report:?}") };
            assert_eq!(*reason, FailureReason::Unreachable);
            assert!(message.contains("says 10.9.1.2 at hop 2"), "{message}");
        }
        chain.hosts[2].ip(&format!("route del {kind} 10.9.3.2/32"));
    }
}

#[test]
fn packets_that_go_in_a_circle_are_called_so() {
    let chain = Chain::with_routers(3);
    chain.hosts[2].ip("route replace 10.9.3.2/32 via 10.9.1.1");
    for mode in MODES {
        let report = trace_in(&chain, builder(mode).max_hops(12), false);
        let flow = flow(&report);
        assert_eq!(flow.end, PathEnd::Loop, "{mode}: {flow:?}");
        assert!(flow.hops.len() < 9, "{mode}: {flow:?}");
        let Outcome::Failure { reason, .. } = &report.outcome else { panic!("{report:?}") };
        assert_eq!(*reason, FailureReason::Unreachable);
    }
}
