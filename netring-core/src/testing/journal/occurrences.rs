use crate::{
    analysis::{Fault, KindOf, Occurrence, PairRef, Subject, Suspect, Symptom, TransferDirection, Whose},
    model::{Endpoint, Location, PathChange, ProbeKind},
    testing::sample::{NOW, id},
};
use std::time::Duration;

/// One of each kind, and a fault of each subject.
pub(super) fn occurrences() -> Vec<Occurrence> {
    let place = |name: &str| Location::new(name).expect("a location");
    let whose = |instance_id: &str| Whose { instance_id: id(instance_id), location: place("Zürich \"1\" \\ 'x'") };
    let (instance_id, location) = (id("ä 1"), place("eu1"));
    let endpoint = Endpoint::new("/health?a=b").ok();
    let of = [
        KindOf::Target(id("a")),
        KindOf::Source(id("a")),
        KindOf::Direction(place("eu1"), place("us1")),
        KindOf::Pair(id("a"), id("b")),
        KindOf::Ring,
    ];
    let mut subjects = vec![
        Subject::Target { instance_id: instance_id.clone(), location: location.clone() },
        Subject::Inbound { instance_id: instance_id.clone(), location: location.clone() },
        Subject::Source { instance_id, location: location.clone() },
        Subject::Location { location: location.clone() },
        Subject::Partition { sides: [vec![location.clone(), place("eu2")], vec![place("us1"), place("us2")]] },
        Subject::LocationPair { locations: [location.clone(), place("us1")] },
        Subject::Direction { source_location: location, target_location: place("us1") },
        Subject::Pair { source: id("a"), target: id("b"), both_ways: true },
        Subject::Router { router: [10, 0, 0, 1].into() },
        Subject::Link { link: [[10, 0, 0, 1].into(), "2001:db8::1".parse().expect("an address")] },
    ];
    subjects.extend(of.into_iter().map(|of| Subject::Kind { kind: ProbeKind::HTTP, endpoint: endpoint.clone(), of }));
    let fault = |(i, subject)| Fault {
        id: format!("fault-{i}"),
        subject,
        symptom: Symptom::Unreachable,
        since: NOW - Duration::from_secs(10),
        closed_at: (i % 2 == 1).then_some(NOW),
        relapses: 2,
        confidence: 0.75,
        pairs: vec![PairRef { source: id("a"), target: id("b") }],
        pairs_total: 17,
        suspects: vec![Suspect { routers: vec![[10, 0, 0, 1].into()], share: 0.5 }],
        sentence: "eu1-a is \"down\".\nReally: 100 %".to_owned(),
    };
    let faults = subjects.into_iter().enumerate().map(fault).map(Box::new);
    let mut all: Vec<_> = faults
        .map(|fault| match fault.closed_at {
            None => Occurrence::FaultOpened { fault },
            Some(_) => Occurrence::FaultClosed { fault },
        })
        .collect();
    all.extend([
        Occurrence::Joined(whose("a")),
        Occurrence::Left(whose("a")),
        Occurrence::Stale(whose("a")),
        Occurrence::Offline(whose("a")),
        Occurrence::Online(whose("a")),
        Occurrence::PathChanged {
            source: whose("a"),
            target: whose("b"),
            change: PathChange { at: NOW, before: Vec::new(), after: Vec::new() },
        },
        Occurrence::ThroughputDropped {
            source: whose("a"),
            target: whose("b"),
            direction: TransferDirection::Upload,
            bits_per_second: 1.5e6,
            usual_bits_per_second: 93.25e6,
        },
    ]);
    all
}
