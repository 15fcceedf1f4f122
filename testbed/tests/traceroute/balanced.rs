//! Balanced paths, and the flows that make them visible.

use super::traced::{MODES, Site, settings, traces};
use netring_core::model::TracerouteMeasurement;
use netring_testbed::lab::{self, Lab};
use std::collections::{BTreeSet, HashMap, hash_map::Entry};

/// All flows that a trace can have. What tells them apart hangs on the target alone, and who goes which way on that: a test
/// finds the same ways each time.
const MANY: u8 = TracerouteMeasurement::MAX_FLOWS as u8;

#[test]
fn one_flow_goes_one_way_at_every_hop() {
    lab::test(async || {
        for name in ["balanced_per_flow", "balanced_per_flow_label", "balanced_unequal", "balanced_twice"] {
            for traced in traces(name, 1).await {
                let ways: BTreeSet<_> =
                    traced.passages.iter().map(|passage| passage.flow.map(|flow| format!("{flow:?}"))).collect();
                assert_eq!(ways.len(), 1, "{} to {}: {ways:?}", traced.mode, traced.target);
                // The routers of one packet that went all the way are those of every hop.
                let longest =
                    traced.passages.iter().map(|passage| &passage.routers).max_by_key(|routers| routers.len()).unwrap();
                for (hop, router) in traced.hops().iter().zip(longest) {
                    assert!(hop.answers.iter().all(|answer| answer.ip == *router), "{}: {hop:?}", traced.mode);
                }
                assert_eq!(traced.hops().len(), longest.len() + 1);
            }
        }
    });
}

#[test]
fn a_flow_goes_the_same_way_in_every_trace() {
    // Alone in its process: while another test starts a program, that holds this one's ports.
    lab::test_in_process(async || {
        let mut lab = Lab::new();
        let (mut seen, mut again, mut paths) = (HashMap::new(), 0, 0);
        for mode in MODES {
            let site = Site::new(&mut lab, "balanced_twice");
            let targets: Vec<_> = site.network.network().targets().collect();
            for target in targets {
                for _ in 0..4 {
                    for path in site.trace(target, settings(mode).flows(4)).await.measurement.flows {
                        paths += 1;
                        match seen.entry((mode, target, path.flow)) {
                            Entry::Occupied(first) => {
                                assert_eq!(path.path(), *first.get(), "{mode} to {target}");
                                again += 1;
                            }
                            Entry::Vacant(first) => drop(first.insert(path.path())),
                        }
                    }
                }
            }
        }
        // Each of four traces after the first has the flows of the first.
        assert_eq!(again, paths * 3 / 4, "{seen:?}");
    });
}

#[test]
fn many_flows_find_both_ways() {
    lab::test(async || {
        let mut found = traces("balanced_per_flow", MANY).await;
        found.extend(traces("balanced_per_flow", 8).await);
        for traced in found {
            let (mode, target) = (traced.mode, traced.target);
            let paths: BTreeSet<Vec<u8>> = traced
                .measurement
                .flows
                .iter()
                .map(|path| path.hops.iter().map(|hop| traced.number(hop.answers[0].ip)).collect())
                .collect();
            assert_eq!(paths, BTreeSet::from([vec![1, 2, 3, 4, 7, 0], vec![1, 2, 5, 6, 7, 0]]), "{mode} to {target}");
        }
    });
}

#[test]
fn ways_of_different_lengths_are_both_right() {
    lab::test(async || {
        for traced in traces("balanced_unequal", MANY).await {
            let (mode, target) = (traced.mode, traced.target);
            let paths: BTreeSet<Vec<u8>> = traced
                .measurement
                .flows
                .iter()
                .map(|path| path.hops.iter().map(|hop| traced.number(hop.answers[0].ip)).collect())
                .collect();
            assert_eq!(paths, BTreeSet::from([vec![1, 2, 6, 0], vec![1, 3, 4, 5, 6, 0]]), "{mode} to {target}");
            assert_eq!(traced.measurement.hops(), Some(4));
        }
    });
}

#[test]
fn packets_that_are_balanced_one_by_one_show_several_routers_at_a_hop() {
    lab::test(async || {
        for traced in traces("balanced_per_packet", 1).await {
            // Which packet goes which way hangs on their order; what is said is true (that is checked for every trace),
            // and nobody else is there.
            for (hop, routers) in traced.hops().iter().zip([&[1][..], &[2], &[3, 5], &[4, 6], &[7], &[0]]) {
                assert!(hop.answers.iter().all(|answer| routers.contains(&traced.number(answer.ip))), "{hop:?}");
            }
            assert_eq!(traced.hops().len(), 6);
        }
    });
}
