use super::*;
use crate::{
    analysis::{KindOf, PairRef, Subject, Symptom},
    model::ProbeKind,
    testing::sample::{NOW, id},
};

fn place(name: &str) -> Location {
    Location::new(name).unwrap()
}

/// `a` stands in `x`, `b` in `y`; nobody knows where anybody else stands.
fn concerned(what: &Occurrence) -> String {
    let (x, y) = (place("x"), place("y"));
    let locate = |instance_id: &InstanceId| match instance_id.as_str() {
        "a" => Some(&x),
        "b" => Some(&y),
        _ => None,
    };
    ["x", "y", "z"].into_iter().filter(|&name| what.concerns(&place(name), locate)).collect()
}

#[test]
fn an_event_concerns_those_whom_it_is_about() {
    // It says itself where they stand, whatever is known of that now.
    let whose = |location: &str| Whose { instance_id: id("gone"), location: place(location) };
    let change = PathChange { at: NOW, before: vec![], after: vec![] };
    let path =
        |a: &str, b: &str| Occurrence::PathChanged { source: whose(a), target: whose(b), change: change.clone() };
    for (what, expected) in [
        (Occurrence::Joined(whose("x")), "x"),
        (Occurrence::Left(whose("y")), "y"),
        (Occurrence::Stale(whose("z")), "z"),
        (Occurrence::Offline(whose("x")), "x"),
        (Occurrence::Online(whose("nowhere")), ""),
        (path("x", "y"), "xy"),
        (path("z", "z"), "z"),
        (
            Occurrence::ThroughputDropped {
                source: whose("y"),
                target: whose("z"),
                direction: TransferDirection::Upload,
                bits_per_second: 1.0,
                usual_bits_per_second: 10.0,
            },
            "yz",
        ),
    ] {
        assert_eq!(concerned(&what), expected, "{what:?}");
    }
}

#[test]
fn a_fault_concerns_whom_it_is_about() {
    let member = || (id("gone"), place("x"));
    let kind = |of| Subject::Kind { kind: ProbeKind::HTTP, endpoint: None, of };
    let pair =
        |source: &str, target: &str, both_ways| Subject::Pair { source: id(source), target: id(target), both_ways };
    let pairs = |ids: &[(&str, &str)]| -> Vec<PairRef> {
        ids.iter().map(|&(source, target)| PairRef { source: id(source), target: id(target) }).collect()
    };
    // Its pairs say where a router and a link are used, and nothing besides.
    let (none, shown) = (vec![], pairs(&[("a", "b"), ("gone", "b")]));
    let (instance_id, location) = member();
    let router = Subject::Router { router: [10, 0, 0, 1].into() };
    let link = Subject::Link { link: [[10, 0, 0, 1].into(), [10, 0, 0, 2].into()] };
    for (subject, pairs, expected) in [
        (Subject::Target { instance_id: instance_id.clone(), location: location.clone() }, &shown, "x"),
        (Subject::Inbound { instance_id: instance_id.clone(), location: location.clone() }, &shown, "x"),
        (Subject::Source { instance_id, location: location.clone() }, &shown, "x"),
        (Subject::Location { location: location.clone() }, &shown, "x"),
        (Subject::Partition { sides: [vec![place("w"), place("y")], vec![place("z")]] }, &shown, "yz"),
        (Subject::LocationPair { locations: [location.clone(), place("z")] }, &shown, "xz"),
        (Subject::LocationPair { locations: [place("y"), place("y")] }, &shown, "y"),
        (Subject::Direction { source_location: place("z"), target_location: location }, &shown, "xz"),
        (pair("a", "b", false), &none, "xy"),
        (pair("a", "gone", true), &shown, "x"),
        (pair("gone", "b", false), &shown, "y"),
        (pair("gone", "gone-2", true), &shown, ""),
        (kind(KindOf::Target(id("a"))), &shown, "x"),
        (kind(KindOf::Source(id("b"))), &shown, "y"),
        (kind(KindOf::Source(id("gone"))), &shown, ""),
        (kind(KindOf::Direction(place("x"), place("z"))), &shown, "xz"),
        (kind(KindOf::Pair(id("a"), id("b"))), &none, "xy"),
        (kind(KindOf::Pair(id("gone"), id("b"))), &none, "y"),
        (kind(KindOf::Ring), &none, "xyz"),
        (router.clone(), &shown, "xy"),
        (router, &none, ""),
        (link, &pairs(&[("gone", "b")]), "y"),
    ] {
        let fault = Fault {
            id: "1".to_owned(),
            subject,
            symptom: Symptom::Unreachable,
            since: NOW,
            closed_at: None,
            relapses: 0,
            confidence: 1.0,
            pairs: pairs.clone(),
            pairs_total: pairs.len(),
            suspects: vec![],
            sentence: String::new(),
        };
        let fault = Box::new(fault);
        for what in [Occurrence::FaultOpened { fault: fault.clone() }, Occurrence::FaultClosed { fault }] {
            assert_eq!(concerned(&what), expected, "{what:?}");
        }
    }
}
