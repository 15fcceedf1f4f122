use super::text::{BAD, GOOD, UNSURE, paint};
use netring_core::{
    MemberStatus,
    analysis::{Matrix, RingState, State},
};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What `netring status` ends with for a ring in this state.
pub(crate) const fn exit_code(state: RingState) -> u8 {
    match state {
        RingState::Healthy => 0,
        RingState::Unhealthy => 1,
        RingState::Unknown => 3,
    }
}

/// How the ring is, in one line without a line break: the word, and the numbers that it rests on.
pub(crate) fn verdict(matrix: &Matrix) -> String {
    let members = |status| matrix.members.iter().filter(|member| member.status == status).count();
    let pairs = |state| matrix.pairs.iter().filter(|pair| pair.state == state).count();
    line(matrix.state, members, pairs)
}

/// The same of a ring in this `state`, with so many members and pairs of each kind.
pub(super) fn line(
    state: RingState,
    members: impl Fn(MemberStatus) -> usize,
    pairs: impl Fn(State) -> usize,
) -> String {
    let word = match state {
        RingState::Healthy => paint(GOOD.bold(), "HEALTHY"),
        RingState::Unhealthy => paint(BAD, "UNHEALTHY"),
        RingState::Unknown => paint(UNSURE.bold(), "NOT KNOWN YET"),
    };
    let counted = |count: usize, words: &str| (count > 0).then(|| format!("{count} {words}"));
    let standing: Vec<_> =
        MemberStatus::ALL.into_iter().filter_map(|status| counted(members(status), status.as_str())).collect();
    if standing.is_empty() {
        return format!("{word}   no member has registered");
    }
    let mut parts = vec![format!("members: {}", standing.join(", "))];
    let [up, down, degraded, unknown] = [State::Up, State::Down, State::Degraded, State::Unknown].map(pairs);
    let all = up + down + degraded + unknown;
    if all > 0 {
        let others = [(down, "down"), (degraded, "partly up"), (unknown, "not known")];
        let reaching: Vec<_> = std::iter::once(format!("{up} of {all} up"))
            .chain(others.into_iter().filter_map(|(count, words)| counted(count, words)))
            .collect();
        parts.push(format!("pairs: {}", reaching.join(", ")));
    }
    format!("{word}   {}", parts.join("; "))
}

/// Differs from another one when something has changed that is worth a new table: times alone are not.
pub(crate) fn fingerprint(matrix: &Matrix) -> u64 {
    let mut hasher = DefaultHasher::new();
    matrix.state.hash(&mut hasher);
    for member in &matrix.members {
        (&member.instance_id, member.status).hash(&mut hasher);
    }
    for pair in &matrix.pairs {
        (&pair.source, &pair.target, pair.state).hash(&mut hasher);
        for check in pair.checks.iter().filter(|check| check.state == State::Down) {
            (&check.kind, &check.endpoint, check.reason).hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{check, down, matrix, member, pair, plain, ring, up};
    use super::*;
    use netring_core::FailureReason;

    #[test]
    fn the_verdict_says_what_it_rests_on() {
        use MemberStatus::{Deregistered, Offline, Online};
        let good = ring(3, RingState::Healthy, |_, _| vec![up(1)]);
        let mixed = matrix(
            RingState::Unhealthy,
            vec![member("a", "x", Online), member("b", "x", Online), member("c", "x", Offline)],
            vec![pair("a", "b", vec![up(1), down(None, FailureReason::Tls, "")]), pair("b", "a", vec![])],
        );
        let gone = matrix(RingState::Unknown, vec![member("a", "x", Deregistered)], vec![]);
        for (matrix, expected, code) in [
            (good, "HEALTHY   members: 3 online; pairs: 6 of 6 up", 0),
            (mixed, "UNHEALTHY   members: 2 online, 1 offline; pairs: 0 of 2 up, 1 partly up, 1 not known", 1),
            (gone, "NOT KNOWN YET   members: 1 deregistered", 3),
            (matrix(RingState::Unknown, vec![], vec![]), "NOT KNOWN YET   no member has registered", 3),
        ] {
            assert_eq!(plain(&verdict(&matrix)), expected);
            assert_eq!(exit_code(matrix.state), code);
        }
    }

    #[test]
    fn times_alone_are_nothing_new() {
        let at_rtt = |rtt| fingerprint(&ring(3, RingState::Healthy, |_, _| vec![up(rtt)]));
        assert_eq!(at_rtt(1), at_rtt(2));
        assert_ne!(at_rtt(1), fingerprint(&ring(3, RingState::Healthy, |_, _| vec![check(State::Unknown)])));
        let failing = |reason| fingerprint(&ring(3, RingState::Unhealthy, |_, _| vec![down(None, reason, "")]));
        assert_ne!(failing(FailureReason::Timeout), failing(FailureReason::Refused));
    }
}
