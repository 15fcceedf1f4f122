//! What came of a trace, in words.

use super::{path::Assembled, run::Trace};
use netring_core::{
    FailureReason, Outcome,
    model::{FlowPath, PathEnd},
};

/// What came of a trace: a success where any flow reached the target; else the flow that says most.
pub(super) fn outcome_of(trace: &Trace) -> Outcome {
    let ends = |wanted: fn(&Assembled) -> bool| trace.paths.iter().find(|assembled| wanted(assembled));
    if ends(|assembled| assembled.path.end == PathEnd::Reached).is_some() {
        return Outcome::Success;
    }
    if let Some((path, (ip, why))) = trace.paths.iter().find_map(|a| Some((&a.path, a.unreachable?))) {
        let at = path.hops.last().map_or(0, |hop| hop.ttl);
        let (end, icmp_type, code) = (words(why.end), why.icmp_type, why.code);
        let message = format!("not reached: {end} (ICMP {icmp_type}/{code}), says {ip} at hop {at}");
        return Outcome::failure(FailureReason::Unreachable, message);
    }
    if let Some(failure) = &trace.send_failure {
        return failure.clone();
    }
    if let Some(assembled) = ends(|assembled| assembled.path.end == PathEnd::Loop) {
        let message = format!("not reached: packets go in a circle, {}", last(&assembled.path));
        return Outcome::failure(FailureReason::Unreachable, message);
    }
    let farthest = trace.paths.iter().map(|assembled| &assembled.path).max_by_key(|path| path.hops.len());
    let seen = farthest.map_or_else(String::new, last);
    let message = if trace.cut_short { "not reached before the deadline: " } else { "not reached: " };
    Outcome::failure(FailureReason::Timeout, format!("{message}{seen}"))
}

fn last(path: &FlowPath) -> String {
    let answered = path.hops.iter().rev().find_map(|hop| Some((hop.ttl, hop.answers.first()?.ip)));
    match answered {
        Some((ttl, ip)) => format!("the last to answer is {ip} at hop {ttl}"),
        None => "nobody answered".to_owned(),
    }
}

fn words(end: PathEnd) -> String {
    end.as_str().replace('_', " ")
}
