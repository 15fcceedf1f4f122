//! How traces end.

use super::traced::{MODES, Site, Traced, settings, traces};
use futures_util::future::join3;
use netring_core::{FailureReason, Outcome, model::PathEnd};
use netring_testbed::lab::{self, Lab};
use std::net::IpAddr;

fn failed(traced: &Traced) -> Option<FailureReason> {
    match &traced.outcome {
        Outcome::Success => None,
        Outcome::Failure { reason, .. } => Some(*reason),
    }
}

#[test]
fn a_chain_is_followed_to_its_target() {
    lab::test(async || {
        for name in ["chain_v4", "chain_v6"] {
            for traced in traces(name, 1).await {
                let expected: Vec<_> = (1..=15).chain([0]).map(Some).collect();
                assert_eq!((traced.numbers(), traced.end()), (expected, PathEnd::Reached), "{}", traced.mode);
                assert_eq!(traced.outcome, Outcome::Success);
                assert_eq!(traced.measurement.hops(), Some(16));
                // Each hop was asked three times, and nothing was lost.
                assert!(traced.hops().iter().all(|hop| hop.sent == 3 && hop.answers.len() == 3), "{traced:?}");
            }
        }
    });
}

#[test]
fn an_open_target_is_reached() {
    lab::test(async || {
        for traced in traces("open_target", 1).await {
            assert_eq!(traced.numbers(), [Some(1), Some(2), Some(3), Some(0)], "{}", traced.mode);
            assert_eq!((traced.end(), failed(&traced)), (PathEnd::Reached, None));
        }
    });
}

#[test]
fn what_is_silent_stays_silent() {
    lab::test(async || {
        // Each trace waits until nobody can answer any more: all of them at once.
        let networks = (traces("silent_middle", 1), traces("silent_end", 1), traces("silent_target", 1));
        let (middle, end, target) = join3(networks.0, networks.1, networks.2).await;
        for traced in middle {
            let expected = [Some(1), None, Some(3), None, None, Some(6), Some(0)];
            assert_eq!((traced.numbers(), traced.end()), (expected.to_vec(), PathEnd::Reached), "{}", traced.mode);
        }
        for (traces, last) in [(end, 3), (target, 4)] {
            for traced in traces {
                let expected: Vec<_> = (1..=last).map(Some).collect();
                assert_eq!((traced.numbers(), traced.end()), (expected, PathEnd::Silent), "{}", traced.mode);
                assert_eq!(failed(&traced), Some(FailureReason::Timeout));
            }
        }
    });
}

#[test]
fn a_loop_is_told() {
    lab::test(async || {
        for traced in traces("loop", 1).await {
            assert_eq!((traced.end(), failed(&traced)), (PathEnd::Loop, Some(FailureReason::Unreachable)));
            let numbers = traced.numbers();
            assert_eq!(numbers[..6], [1, 2, 3, 4, 3, 4].map(Some), "{}: {numbers:?}", traced.mode);
        }
    });
}

#[test]
fn each_unreachable_has_its_name() {
    lab::test(async || {
        for name in ["unreachable_v4", "unreachable_v6"] {
            let traced = traces(name, 1).await;
            assert!(traced.len() >= 30);
            for traced in traced {
                let expected = expected_end(traced.target);
                assert_eq!(traced.end(), expected, "{} to {}: {:?}", traced.mode, traced.target, traced.outcome);
                assert_eq!((traced.hops().len(), failed(&traced)), (3, Some(FailureReason::Unreachable)));
            }
        }
    });
}

fn expected_end(target: IpAddr) -> PathEnd {
    match target {
        IpAddr::V4(target) => match target.octets()[3] {
            0 | 6 | 11 => PathEnd::NetworkUnreachable,
            1 | 7 | 8 | 12 => PathEnd::HostUnreachable,
            2 => PathEnd::ProtocolUnreachable,
            3 => PathEnd::PortUnreachable,
            4 => PathEnd::FragmentationNeeded,
            5 => PathEnd::SourceRouteFailed,
            9 | 10 | 13 => PathEnd::AdministrativelyProhibited,
            _ => PathEnd::PrecedenceViolation,
        },
        IpAddr::V6(target) => match (target.octets()[13], target.octets()[15]) {
            (1, 0) => PathEnd::NetworkUnreachable,
            (1, 1 | 5) => PathEnd::AdministrativelyProhibited,
            (1, 3) => PathEnd::HostUnreachable,
            (1, 4) => PathEnd::PortUnreachable,
            (2, _) => PathEnd::FragmentationNeeded,
            (4, _) => PathEnd::ProtocolUnreachable,
            _ => PathEnd::AddressUnreachable,
        },
    }
}

#[test]
fn a_path_that_changes_is_seen_as_it_is() {
    lab::test(async || {
        let mut lab = Lab::new();
        for mode in MODES {
            let site = Site::new(&mut lab, "changing");
            let targets: Vec<_> = site.network.network().targets().collect();
            for target in targets {
                for (phase, expected, end) in [
                    (None, &[1, 2, 3, 6, 0][..], PathEnd::Reached),
                    (Some("after"), &[1, 4, 5, 6, 0], PathEnd::Reached),
                    (Some("longer"), &[1, 4, 5, 3, 6, 0], PathEnd::Reached),
                    (Some("cut"), &[1, 2], PathEnd::HostUnreachable),
                    (None, &[1, 2, 3, 6, 0], PathEnd::Reached),
                ] {
                    site.network.set_phase(phase);
                    let traced = site.trace(target, settings(mode)).await;
                    let expected: Vec<_> = expected.iter().copied().map(Some).collect();
                    assert_eq!((traced.numbers(), traced.end()), (expected, end), "{mode}, {phase:?}");
                }
            }
        }
    });
}
