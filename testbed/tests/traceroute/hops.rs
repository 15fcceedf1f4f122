//! What is said of each hop.

use super::traced::traces;
use netring_core::model::{MplsLabel, PathEnd};
use netring_testbed::{lab, sim::Fate};
use std::{iter, time::Duration};

#[test]
fn label_stacks_are_read_in_both_styles() {
    lab::test(async || {
        let label =
            |label, traffic_class, bottom_of_stack, ttl| MplsLabel { label, traffic_class, bottom_of_stack, ttl };
        let expected = [
            vec![],
            vec![label(16001, 3, true, 1)],
            vec![label(24000, 0, false, 1), label(1_048_575, 7, true, 254)],
            vec![label(3000, 0, true, 2)],
            vec![label(299_776, 0, true, 1)],
            vec![],
            vec![],
        ];
        for traced in traces("mpls", 1).await {
            assert_eq!(traced.end(), PathEnd::Reached);
            for (hop, expected) in traced.hops().iter().zip(&expected) {
                assert!(!hop.answers.is_empty());
                for answer in &hop.answers {
                    assert_eq!(&answer.mpls, expected, "{} to {}, hop {}", traced.mode, traced.target, hop.ttl);
                }
            }
        }
    });
}

#[test]
fn eight_quoted_bytes_are_enough() {
    lab::test(async || {
        for traced in traces("short_quotes", 1).await {
            let expected: Vec<_> = (1..=5).chain([0]).map(Some).collect();
            assert_eq!((traced.numbers(), traced.end()), (expected, PathEnd::Reached), "{}", traced.mode);
        }
    });
}

#[test]
fn a_limit_is_loss_of_that_hop_alone() {
    lab::test(async || {
        for traced in traces("rate_limited", 1).await {
            let expected: Vec<_> = (1..=5).chain([0]).map(Some).collect();
            assert_eq!((traced.numbers(), traced.end()), (expected, PathEnd::Reached), "{}", traced.mode);
            for hop in traced.hops() {
                let answered =
                    traced.passages.iter().filter(|passage| passage.ttl == hop.ttl && passage.answered_by.is_some());
                assert_eq!(hop.answers.len(), answered.count(), "{}: {hop:?}", traced.mode);
            }
            let second = &traced.hops()[1];
            assert_eq!((second.sent, second.answers.len()), (3, 1));
            assert!((second.loss_ratio - 2.0 / 3.0).abs() < 1e-9);
        }
    });
}

#[test]
fn what_is_lost_is_lost_and_what_comes_twice_counts_once() {
    lab::test(async || {
        for traced in traces("lossy", 1).await {
            // Which packets are lost hangs on their order, so all to one hop may be.
            let expected = [1, 2, 3].into_iter().chain(iter::repeat(0));
            let stands = |(number, expected): (Option<u8>, u8)| number.is_none_or(|number| number == expected);
            assert!(traced.numbers().into_iter().zip(expected).all(stands), "{:?}", traced.numbers());
            assert_eq!((traced.end(), traced.numbers().last().copied().flatten()), (PathEnd::Reached, Some(0)));
            assert!(traced.passages.iter().any(|passage| passage.fate == Fate::Dropped));
            for hop in traced.hops().iter().take(3) {
                let answered =
                    traced.passages.iter().filter(|passage| passage.ttl == hop.ttl && passage.answered_by.is_some());
                assert_eq!(hop.answers.len(), answered.count(), "{}: {hop:?}", traced.mode);
            }
            assert!(traced.hops().iter().all(|hop| hop.answers.len() <= usize::from(hop.sent)));
        }
    });
}

#[test]
fn odd_answers_are_told_as_they_are() {
    lab::test(async || {
        for traced in traces("odd_answers", 1).await {
            let other = if traced.target.is_ipv4() { "192.168.7.7" } else { "2001:db8:7::7" };
            let from = |hop: usize| traced.hops()[hop].answers[0].ip;
            assert_eq!(from(1).to_string(), other);
            assert_eq!((from(0), traced.numbers()[2], traced.end()), (from(3), Some(3), PathEnd::Reached));
            // The third router takes 30 ms longer than the way to it.
            assert!(traced.measurement.max_hop_round_trip_time() >= Some(Duration::from_millis(36)));
            let ttls: Vec<_> = traced.hops().iter().map(|hop| hop.answers[0].answer_ttl).collect();
            let expected = [64, 254, 253, 252, 124].map(Some);
            assert_eq!(ttls, expected, "{} to {}", traced.mode, traced.target);
        }
    });
}
