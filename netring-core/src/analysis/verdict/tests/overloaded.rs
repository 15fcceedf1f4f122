use super::network::{Break, Net};
use crate::{
    analysis::{Count, Evidence, FaultBook, FaultChange, Sensitivity, Symptom, Witness, judge},
    model::{InstanceId, Location, MemberStatus, Timestamp},
};
use std::time::Duration;

#[test]
fn it_opens_at_half_of_the_probes_and_closes_below_a_quarter() {
    let sensitivity = Sensitivity::default();
    let mut book = FaultBook::default();
    let mut told = Vec::new();
    let rounds = [
        // Too few to tell, and less than half.
        (true, 3, 3, false),
        (true, 7, 16, false),
        // It has to be so for two intervals.
        (true, 8, 16, false),
        (true, 7, 16, false),
        (true, 8, 16, false),
        (true, 16, 16, false),
        (true, 8, 16, true),
        (true, 7, 16, true),
        (true, 4, 16, true),
        // Nobody knows.
        (false, 0, 16, true),
        (true, 0, 3, true),
        // A single report that was well does not close it, nor does it count as one that came back.
        (true, 3, 16, true),
        (true, 4, 16, true),
        (true, 3, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, false),
        (true, 7, 16, false),
        (true, 4, 4, false),
        (true, 4, 4, false),
        (true, 4, 4, true),
        // It had seemed to be over for 60 s: now it has to be for twice as long.
        (true, 3, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, true),
        (true, 0, 16, false),
    ];
    for (i, (reporting, bad, of, open)) in (0..).zip(rounds) {
        let member = Witness {
            instance_id: InstanceId::new("a-1").unwrap(),
            location: Location::new("a").unwrap(),
            status: MemberStatus::Online,
            reporting,
            reported_at: None,
            check_interval: Duration::from_secs(10),
            tainted: Count { bad, of },
        };
        let at = Timestamp::from_unix_seconds(1_700_000_000 + 10 * i);
        let evidence = Evidence { at, members: vec![member], pairs: vec![] };
        told.extend(book.update(judge(&evidence, &sensitivity), &evidence, &sensitivity));
        assert_eq!(book.open().len(), usize::from(open), "{bad} of {of} in round {i}");
        assert!(book.open().iter().all(|fault| fault.symptom == Symptom::Overloaded));
    }
    let opened: Vec<_> = told.iter().map(|change| matches!(change, FaultChange::Opened(_))).collect();
    assert_eq!(opened, [true, false, true, false]);
    let faults: Vec<_> = book.closed().collect();
    assert_eq!((faults.len(), faults[0].relapses), (1, 1), "it came back soon");
}

#[test]
fn who_is_gone_is_not_overloaded() {
    let net = Net::new(&[("a", 3), ("b", 3)]).with(6..60, Break::Overloaded("a-1")).with(20..60, Break::Gone("a-1"));
    let run = net.run(30);
    assert!(run.book.open().is_empty() && run.changes.len() == 2, "{:#?}", run.told());
}
