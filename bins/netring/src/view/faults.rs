use super::{
    pair::seconds,
    text::{BAD, FAINT, WARN, paint, printable},
};
use netring_core::{
    analysis::{Fault, Symptom},
    wire::FaultsResponse,
};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Not more faults than this are listed.
const MAX_FAULTS: usize = 20;

/// What is at fault, each in a sentence, since when, and how sure that is; empty where nothing is.
pub(crate) fn faults(faults: &FaultsResponse) -> String {
    if faults.open.is_empty() {
        return String::new();
    }
    let mut out = format!("  {}\n", paint(FAINT, "what is at fault"));
    for fault in faults.open.iter().take(MAX_FAULTS) {
        let style = if fault.symptom == Symptom::Unreachable { BAD } else { WARN };
        let head = format!("{} {}", fault.subject.scope().replace('_', " "), printable(&fault.subject.to_string()));
        let since = format!(
            "for {}, {:.0} % sure{}",
            seconds(faults.at.since(fault.since)),
            fault.confidence * 100.0,
            relapses(fault)
        );
        out += &format!("  {} {} {}\n", paint(style, &head), fault.symptom, paint(FAINT, &format!("({since})")));
        out += &format!("    {}\n", printable(&fault.sentence));
        if !fault.suspects.is_empty() {
            out += &format!("    {}\n", suspects(fault));
        }
    }
    if faults.open.len() > MAX_FAULTS {
        out += &format!("  and {} more\n", faults.open.len() - MAX_FAULTS);
    }
    out
}

/// Differs from another one when a fault has opened, closed, come back, or turned out to be another.
pub(crate) fn fingerprint_of(faults: Option<&FaultsResponse>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for fault in faults.iter().flat_map(|faults| &faults.open) {
        (&fault.id, &fault.subject, fault.relapses).hash(&mut hasher);
    }
    hasher.finish()
}

fn relapses(fault: &Fault) -> String {
    match fault.relapses {
        0 => String::new(),
        1 => ", came back once".to_owned(),
        n => format!(", came back {n} times"),
    }
}

fn suspects(fault: &Fault) -> String {
    let one = |suspect: &netring_core::analysis::Suspect| {
        let routers: Vec<_> = suspect.routers.iter().map(ToString::to_string).collect();
        format!("{} ({:.0} %)", routers.join(" > "), suspect.share * 100.0)
    };
    let all: Vec<_> = fault.suspects.iter().map(one).collect();
    format!("shared by their traces, and by no good one: {}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{NOW, id, plain};
    use super::*;
    use netring_core::{
        Location,
        analysis::{PairRef, Subject, Suspect},
    };
    use std::time::Duration;

    fn fault() -> Fault {
        Fault {
            id: "1".to_owned(),
            subject: Subject::Target { instance_id: id("eu1-a"), location: Location::new("eu1").unwrap() },
            symptom: Symptom::Unreachable,
            since: NOW - Duration::from_secs(180),
            closed_at: None,
            relapses: 0,
            confidence: 0.947,
            pairs: vec![PairRef { source: id("a"), target: id("eu1-a") }],
            pairs_total: 1,
            suspects: Vec::new(),
            sentence: "eu1-a (eu1) is down.".to_owned(),
        }
    }

    #[test]
    fn each_fault_has_its_sentence() {
        let none = FaultsResponse { at: NOW, stale_since: None, open: Vec::new(), closed: vec![fault()] };
        assert_eq!(faults(&none), "");
        let suspects = vec![Suspect { routers: vec![[10, 0, 0, 1].into(), [10, 0, 0, 2].into()], share: 0.5 }];
        let slow = Fault { symptom: Symptom::Slow, relapses: 2, suspects, ..fault() };
        let text = plain(&faults(&FaultsResponse {
            at: NOW,
            stale_since: None,
            open: vec![fault(), slow],
            closed: Vec::new(),
        }));
        let expected = "\
\x20 what is at fault
  target eu1-a unreachable (for 3 min, 95 % sure)
    eu1-a (eu1) is down.
  target eu1-a slow (for 3 min, 95 % sure, came back 2 times)
    eu1-a (eu1) is down.
    shared by their traces, and by no good one: 10.0.0.1 > 10.0.0.2 (50 %)
";
        assert_eq!(text, expected, "\n{text}");
    }

    #[test]
    fn many_faults_are_bounded_and_cannot_write_to_the_terminal() {
        let sentence = "\u{1b}[2Jhello".to_owned();
        let open = vec![Fault { sentence, ..fault() }; MAX_FAULTS + 3];
        let text = plain(&faults(&FaultsResponse { at: NOW, stale_since: None, open, closed: Vec::new() }));
        assert!(text.ends_with("  and 3 more\n") && !text.contains('\u{1b}'), "{text:?}");
    }
}
