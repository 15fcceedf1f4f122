//! From what was sent and came back to the path of a flow.

use super::{
    packet::{Kind, Unreachable},
    record::{FlowRecord, Try},
};
use netring_core::model::{Flow, FlowPath, Hop, HopAnswer, PathEnd};
use std::net::IpAddr;

/// The path of a flow, and what a router said where it ended at one.
#[derive(Debug, PartialEq)]
pub(super) struct Assembled {
    pub(super) path: FlowPath,
    pub(super) unreachable: Option<(IpAddr, Unreachable)>,
}

/// The path of `flow`.
///
/// It ends at the lowest time to live at which the target answered; else at the lowest at which somebody said that the
/// packets come no further, unless one came further all the same; else where a loop shows ([`loop_at`]); else after the last hop that answered.
pub(super) fn assemble(flow: Flow, record: &FlowRecord) -> Assembled {
    let answered = |wanted: fn(&Kind) -> bool| {
        record.tries.iter().filter(move |sent| sent.answer.as_ref().is_some_and(|(got, _)| wanted(&got.kind)))
    };
    let order = |sent: &&Try| (sent.probe.ttl, sent.probe.attempt);
    let reached = answered(|kind| *kind == Kind::Reached).min_by_key(order);
    let farthest = answered(|kind| *kind == Kind::TimeExceeded).map(|sent| sent.probe.ttl).max().unwrap_or(0);
    let unreachable = answered(|kind| matches!(kind, Kind::Unreachable(_)));
    let unreachable = unreachable.filter(|sent| sent.probe.ttl >= farthest).min_by_key(order);
    let highest = record.tries.iter().filter(|sent| sent.answer.is_some()).map(|sent| sent.probe.ttl).max();
    let hops = hops(record, highest.unwrap_or(0));

    let (end, last, said) = if let Some(reached) = reached {
        (PathEnd::Reached, Some(reached.probe.ttl), None)
    } else if let Some((Try { probe, .. }, ip, why)) = unreachable.and_then(said) {
        (why.end, Some(probe.ttl), Some((ip, why)))
    } else if let Some(failed) = record.failed {
        (failed, None, None)
    } else if let Some(ttl) = loop_at(&hops) {
        (PathEnd::Loop, Some(ttl), None)
    } else {
        (PathEnd::Silent, None, None)
    };
    let hops = hops.into_iter().filter(|hop| last.is_none_or(|last| hop.ttl <= last)).collect();
    Assembled { path: FlowPath { flow, end, hops }, unreachable: said }
}

fn said(sent: &Try) -> Option<(&Try, IpAddr, Unreachable)> {
    match sent.answer.as_ref() {
        Some((got, _)) => match got.kind {
            Kind::Unreachable(why) => Some((sent, got.from, why)),
            Kind::TimeExceeded | Kind::Reached => None,
        },
        None => None,
    }
}

/// The hops up to `highest`. Where a packet that was alone on its way was answered only such packets count: of the others
/// it is not known whether they were.
fn hops(record: &FlowRecord, highest: u8) -> Vec<Hop> {
    let hop = |ttl| {
        let mut tries: Vec<_> = record.tries.iter().filter(|sent| sent.probe.ttl == ttl).collect();
        if tries.iter().any(|sent| sent.alone && sent.answer.is_some()) {
            tries.retain(|sent| sent.alone || sent.answer.is_some());
        }
        let answers = tries.iter().filter_map(|sent| sent.answer.as_ref());
        let answers = answers.map(|(got, round_trip_time)| HopAnswer {
            ip: got.from,
            round_trip_time: *round_trip_time,
            answer_ttl: got.answer_ttl,
            mpls: got.mpls.clone(),
        });
        Hop::new(ttl, u8::try_from(tries.len()).unwrap_or(u8::MAX), answers.collect())
    };
    (record.first_ttl..=highest).map(hop).collect()
}

/// The time to live at which a loop shows: one address answers for the third time, each time after a hop at which it did
/// not, but another did. Packets that go round meet a router again after at least one other. An address that answers at
/// several hops in a row is none: translators of addresses do that, and routers that let a packet pass whose time is over.
/// Nor do silent hops between them tell of another router.
fn loop_at(hops: &[Hop]) -> Option<u8> {
    let stands = |hop: &Hop, ip| hop.answers.iter().any(|answer| answer.ip == ip);
    hops.iter().enumerate().find_map(|(last, hop)| {
        let again = hop.answers.iter().any(|answer| {
            let until = hops.get(..=last).unwrap_or_default();
            let starts = until.iter().enumerate().filter(|(i, hop)| {
                let before = until.iter().take(*i).rfind(|hop| !hop.answers.is_empty());
                stands(hop, answer.ip) && before.is_none_or(|before| !stands(before, answer.ip))
            });
            starts.count() >= 3
        });
        again.then_some(hop.ttl)
    })
}
