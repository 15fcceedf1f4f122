//! Members that tell of checks that nobody else knows.

use crate::{
    analysis::{
        CheckEvidence, Count, Evidence, Fault, Finding, MadeCheck, PairEvidence, Sensitivity, Standing, Subject,
        Suspicion, Witness, judge,
    },
    model::{Endpoint, InstanceId, Location, MemberStatus, ProbeKind, Timestamp},
};
use std::time::Duration;

pub(super) type Check = (ProbeKind, Option<Endpoint>, bool);

fn endpoint(i: usize) -> Option<Endpoint> {
    Some(Endpoint::new(format!("/{i}")).unwrap())
}

/// Ten members in two locations, and what each says of each.
pub(super) fn evidence(says: impl Fn(usize, usize) -> Vec<Check>) -> Evidence {
    let at = Timestamp::from_unix_seconds(1_700_000_000);
    let member = |i: usize| Witness {
        instance_id: InstanceId::new(format!("m{i}")).unwrap(),
        location: Location::new(if i < 5 { "a" } else { "b" }).unwrap(),
        status: MemberStatus::Online,
        reporting: true,
        reported_at: Some(at),
        check_interval: Duration::from_secs(1),
        tainted: Count { bad: 0, of: 16 },
    };
    let mut pairs = Vec::new();
    for (source, target) in (0..10).flat_map(|source| (0..10).map(move |target| (source, target))) {
        if source == target {
            continue;
        }
        let mut checks = vec![(ProbeKind::TCP, None, true)];
        checks.extend(says(source, target));
        let finding = |good: bool| {
            let standing = if good { Standing::Good } else { Standing::Bad };
            Finding { standing, count: Count { bad: if good { 0 } else { 3 }, of: 3 } }
        };
        let made = |(kind, endpoint, good): &Check| MadeCheck {
            kind: kind.clone(),
            endpoint: endpoint.clone(),
            standing: finding(*good).standing,
            settled: true,
        };
        let made = Some(checks.iter().map(made).collect());
        let differ = checks.iter().any(|(_, _, good)| !good);
        let told =
            checks.into_iter().map(|(kind, endpoint, good)| CheckEvidence { kind, endpoint, finding: finding(good) });
        pairs.push(PairEvidence {
            source: source as u32,
            target: target as u32,
            reach: finding(true),
            checks: if differ { told.collect() } else { vec![] },
            made,
            ..PairEvidence::default()
        });
    }
    Evidence { at, members: (0..10).map(member).collect(), pairs }
}

pub(super) fn names_of(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| fault.subject.to_string()).collect()
}

fn names(suspicions: &[Suspicion]) -> Vec<String> {
    suspicions.iter().map(|suspicion| suspicion.subject.to_string()).collect()
}

#[test]
fn made_up_kinds_hide_no_real_one() {
    // HTTP of m9 is down; m0 tells of as many endpoints as it can that nobody else knows, and that all fail.
    for liars in 1..=3 {
        let evidence = evidence(|source, target| {
            let http = (ProbeKind::HTTP, None, target != 9);
            if source < liars {
                (0..30)
                    .map(|i| (ProbeKind::HTTP, endpoint(source * 1_000 + target * 30 + i), false))
                    .chain([http])
                    .collect()
            } else {
                vec![http]
            }
        });
        let suspicions = judge(&evidence, &Sensitivity::default());
        let names = names(&suspicions);
        assert!(names.contains(&"http of m9".to_owned()), "{liars} liars: {names:#?}");
        assert!(names.len() <= 1 + 8 * liars, "{liars} liars: {names:#?}");
    }
}

#[test]
fn who_sees_a_kind_fail_without_any_order_names_a_few_pairs_and_no_more() {
    // From m0 each second one of 20 endpoints, and others in each pair.
    let evidence = evidence(|source, target| {
        let bad = |i: usize| source == 0 && (i + target).is_multiple_of(2);
        (0..20).map(|i| (ProbeKind::HTTP, endpoint(i), !bad(i))).collect()
    });
    let suspicions = judge(&evidence, &Sensitivity::default());
    assert!((1..=8).contains(&suspicions.len()), "{:#?}", names(&suspicions));
    assert!(suspicions.iter().all(|suspicion| matches!(suspicion.subject, Subject::Kind { .. })));
}
