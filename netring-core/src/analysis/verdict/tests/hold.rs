//! What is known of a suspicion while it waits.

use super::super::{Suspicion, hold::Pending, ring::Ring, scope::Names};
use crate::{
    analysis::{
        Count, Evidence, Finding, PairEvidence, PairRef, Sensitivity, Standing, Subject, Symptom, Witness, judge,
    },
    model::{InstanceId, Location, MemberStatus, Timestamp},
};
use std::time::Duration;

const START: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// Three members in as many locations, who have all reported at `at`.
fn members(at: Timestamp) -> Vec<Witness> {
    let member = |name: &str| Witness {
        instance_id: InstanceId::new(name).unwrap(),
        location: Location::new(name).unwrap(),
        status: MemberStatus::Online,
        reporting: true,
        reported_at: Some(at),
        check_interval: Duration::from_secs(60),
        tainted: Count::default(),
    };
    ["a", "b", "c"].map(member).into()
}

/// That these do not reach each other, one way; as bad as noise is in one of e⁹ cases, of e¹⁰ that there may be.
fn suspicion(seats: &[(usize, usize)]) -> Suspicion {
    let members = members(START);
    let id = |seat: usize| members[seat].instance_id.clone();
    let pairs: Vec<_> = seats.iter().map(|&(a, b)| PairRef { source: id(a), target: id(b) }).collect();
    Suspicion {
        subject: Subject::Pair { source: id(seats[0].0), target: id(seats[0].1), both_ways: seats.len() > 1 },
        symptom: Symptom::Unreachable,
        confidence: 1.0,
        pairs_total: pairs.len(),
        pairs,
        suspects: vec![],
        sentence: String::new(),
        seats: seats.to_vec(),
        ln_tail: -9.0,
        ln_hypotheses: 10.0,
        ln_chance: -6.9,
        doubtful: false,
    }
}

#[test]
fn what_comes_back_is_proved_unless_it_had_many_chances_to() {
    let one = suspicion(&[(0, 1)]);
    // A span is three checks of a minute.
    for (minutes, expected) in [(3, true), (6, true), (18, false)] {
        let at = START + Duration::from_secs(minutes * 60);
        // All others have had their say by then.
        let members = members(at + Duration::from_secs(1));
        let ring = Ring::new(&members);
        let names = Names::new(&ring);
        let is_ready =
            |pending: &mut Pending, at: Timestamp| pending.is_ready(&one, &names, &Sensitivity::default(), true, at);
        let mut first = Pending::new(&one, &[], &names, START);
        assert!(!is_ready(&mut first, START), "once is not enough");
        let kept = Pending::kept(vec![first], &[], &[], &names, at);
        assert_eq!(kept.len(), 1);
        let mut back = Pending::new(&one, &kept, &names, at);
        assert_eq!(back.began(), START, "it came for the first time then");
        is_ready(&mut back, at);
        let later = at + Duration::from_secs(121);
        assert_eq!(is_ready(&mut back, later), expected, "after {minutes} minutes");
    }
}

#[test]
fn what_is_gone_is_kept_for_a_time_unless_it_was_the_edge_of_something_larger() {
    let (small, large) = (suspicion(&[(0, 1)]), suspicion(&[(0, 1), (1, 0)]));
    let members = members(START);
    let ring = Ring::new(&members);
    let names = Names::new(&ring);
    let of = |suspicion: &Suspicion| Pending::new(suspicion, &[], &names, START);
    for (before, now, minutes, expected) in [
        (&small, None, 1, 1),
        (&small, None, 20, 1),
        (&small, None, 21, 0),
        // It is there.
        (&small, Some(&small), 1, 0),
        (&small, Some(&large), 1, 0),
        (&large, Some(&small), 1, 1),
    ] {
        let at = START + Duration::from_secs(minutes * 60);
        let suspicions: Vec<_> = now.into_iter().cloned().collect();
        let pendings: Vec<_> = suspicions.iter().map(of).collect();
        let kept = Pending::kept(vec![of(before)], &pendings, &suspicions, &names, at);
        assert_eq!(kept.len(), expected, "{:?}, now {now:?}, after {minutes} minutes", before.subject);
    }
}

#[test]
fn while_it_is_outdated_what_others_see_there_is_doubt() {
    let found = |standing, bad| Finding { standing, count: Count { bad, of: 3 } };
    let pair =
        |source, target, reach, outdated| PairEvidence { source, target, reach, outdated, ..PairEvidence::default() };
    for (outdated, expected) in [(Standing::Unknown, false), (Standing::Good, true), (Standing::Bad, false)] {
        let good = found(Standing::Good, 0);
        let pairs = vec![
            pair(0, 1, good, Standing::Unknown),
            pair(0, 2, found(Standing::Bad, 3), Standing::Unknown),
            pair(1, 0, good, Standing::Unknown),
            pair(1, 2, Finding::default(), outdated),
            pair(2, 0, good, Standing::Unknown),
            pair(2, 1, good, Standing::Unknown),
        ];
        let evidence = Evidence { at: START, members: members(START), pairs };
        let doubtful: Vec<_> =
            judge(&evidence, &Sensitivity::default()).iter().map(|suspicion| suspicion.doubtful).collect();
        assert_eq!(doubtful, [expected], "{outdated:?}");
    }
}
