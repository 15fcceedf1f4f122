//! One kind of probe, and who makes it.

use super::{
    network::{Break, Net},
    three_by_three,
};

const HALF: &[&str] = &["a-3", "b-2", "b-3", "c-3"];

/// Five of nine make the check.
fn half_without_http() -> Net {
    Net { without_http: HALF, ..three_by_three() }
}

#[test]
fn what_few_make_fails_for_those_who_make_it() {
    use Break::*;
    let table: Vec<(Break, &str, &str)> = vec![
        (
            HttpAll,
            "kind http /health unreachable",
            "HTTP /health fails for all 5 members that make this check, while other probes get through: all 20 pairs fail. Look at the service, not at the network.",
        ),
        (
            Http("a-1"),
            "kind http /health of a-1 unreachable",
            "HTTP /health of a-1 (a) fails for all 4 members, while other probes get through: look at the service, not at the network. The other 16 pairs are fine.",
        ),
        (
            HttpFrom("a-1"),
            "kind http /health from a-1 unreachable",
            "HTTP /health from a-1 (a) fails to all 4 members, while other probes get through: look at this member, not at the services. The other 16 pairs are fine.",
        ),
        (
            HttpWay("a", "c"),
            "kind http /health a > c unreachable",
            "HTTP /health fails from a to c, while other probes get through: all 4 pairs fail. Look at what filters on the way. The other 16 pairs are fine.",
        ),
    ];
    for (what, expected, sentence) in table {
        let run = half_without_http().with(6..20, what).run(19);
        assert_eq!((run.open(), run.ever()), ([expected.to_owned()].into(), run.open()), "{what:?}: {:#?}", run.told());
        let fault = &run.book.open()[0];
        assert_eq!(fault.sentence, sentence);
        assert!(fault.confidence > 0.9, "{what:?}: all who make it say so: {}", fault.confidence);
        let run = half_without_http().with(6..20, what).run(30);
        assert!(run.open().is_empty() && run.told().len() == 2, "{what:?}: {:#?}", run.told());
    }
}
