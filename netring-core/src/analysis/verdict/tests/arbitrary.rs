use crate::{
    analysis::{
        CheckEvidence, Count, Evidence, Fault, FaultBook, FaultChange, Finding, PairEvidence, Sensitivity, Standing,
        Witness, judge,
    },
    model::{InstanceId, Location, MemberStatus, ProbeKind, Timestamp},
};
use proptest::prelude::*;
use std::{net::IpAddr, time::Duration};

fn finding() -> impl Strategy<Value = Finding> {
    let standing = prop_oneof![1 => Just(Standing::Unknown), 1 => Just(Standing::Good), 3 => Just(Standing::Bad)];
    (standing, any::<(u16, u16)>()).prop_map(|(standing, (bad, of))| Finding { standing, count: Count { bad, of } })
}

fn witness() -> impl Strategy<Value = Witness> {
    let status =
        prop_oneof![3 => Just(MemberStatus::Online), 1 => Just(MemberStatus::Stale), 1 => Just(MemberStatus::Offline)];
    (0u8..9, 0u8..4, status, any::<(bool, u16, u16)>(), prop::option::of(0..4_000_000_000_000_000u64), any::<u64>())
        .prop_map(|(id, location, status, (reporting, bad, of), reported_at, interval)| Witness {
            instance_id: InstanceId::new(format!("{}{id}", "m".repeat(100))).unwrap(),
            location: Location::new(format!("{}{location}", "東".repeat(30))).unwrap(),
            status,
            reporting,
            reported_at: reported_at.map(Timestamp::from_unix_micros),
            check_interval: Duration::from_secs(interval),
            tainted: Count { bad, of },
        })
}

fn pair() -> impl Strategy<Value = PairEvidence> {
    let seat = || prop_oneof![9 => 0u32..9, 1 => any::<u32>()];
    let hop = prop_oneof![Just(None), (0u8..6).prop_map(|n| Some(IpAddr::from([10, 0, 0, n])))];
    let path = prop::option::of(prop::collection::vec(hop.clone(), 0..6).prop_map(|path| path.into()));
    let findings = (finding(), finding(), finding(), finding(), finding());
    let checks = prop::collection::vec((0u8..3, finding()), 0..3);
    (seat(), seat(), findings, checks, path, hop).prop_map(|(source, target, findings, checks, path, last_hop)| {
        let kind = |n: u8| [ProbeKind::TCP, ProbeKind::HTTP, ProbeKind::UDP][usize::from(n)].clone();
        let check = |(n, finding)| CheckEvidence { kind: kind(n), endpoint: None, finding };
        PairEvidence {
            source,
            target,
            reach: findings.0,
            latency: findings.1,
            loss_forward: findings.2,
            loss_backward: findings.3,
            loss: findings.4,
            checks: checks.into_iter().map(check).collect(),
            path,
            last_hop,
            ..PairEvidence::default()
        }
    })
}

prop_compose! {
    fn evidence()(
        at in 0..4_000_000_000_000_000u64,
        members in prop::collection::vec(witness(), 0..9),
        pairs in prop::collection::vec(pair(), 0..80),
    ) -> Evidence {
        Evidence { at: Timestamp::from_unix_micros(at), members, pairs }
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_judged_alike(rounds in prop::collection::vec(evidence(), 1..4), chance in any::<f64>()) {
        let sensitivity = Sensitivity { chance, ..Sensitivity::default() };
        let mut books = [FaultBook::default(), FaultBook::default()];
        for evidence in rounds {
            let suspicions = judge(&evidence, &sensitivity);
            prop_assert_eq!(&suspicions, &judge(&evidence, &sensitivity));
            for suspicion in &suspicions {
                prop_assert!((0.0..=1.0).contains(&suspicion.confidence), "{:?}", suspicion);
                prop_assert!(suspicion.sentence.len() <= 400, "{:?}", suspicion);
                prop_assert!(suspicion.pairs.len() <= Fault::MAX_PAIRS && suspicion.pairs_total >= suspicion.pairs.len());
                prop_assert!(suspicion.suspects.iter().all(|suspect| (0.0..=1.0).contains(&suspect.share)));
            }
            let changes = books.each_mut().map(|book| book.update(suspicions.clone(), &evidence, &sensitivity));
            // JSON may round the last digit of a confidence.
            let said = changes.map(|changes| changes.into_iter().map(|change| match change {
                FaultChange::Opened(fault) => (true, fault.id, fault.subject, fault.sentence),
                FaultChange::Closed(fault) => (false, fault.id, fault.subject, fault.sentence),
            }).collect::<Vec<_>>());
            prop_assert_eq!(&said[0], &said[1]);
            books[1] = serde_json::from_str(&serde_json::to_string(&books[0]).unwrap()).unwrap();
        }
    }
}
