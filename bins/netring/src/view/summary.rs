use super::{
    members::{ID_WIDTH, LOCATION_WIDTH, last_seen, note_left_out, some_deregistered, status},
    pair,
    text::{BAD, Cell, Columns, FAINT, GOOD, PLAIN, STRONG, UNSURE, WARN, shorten},
};
use netring_core::{
    InstanceId,
    analysis::{Matrix, State},
};
use std::{collections::HashMap, time::Duration};

/// A terminal that is not so wide has no room for whole ids.
const ROOMY: usize = 140;
const SHORT_ID_WIDTH: usize = 16;

/// What there is to say of one member's pairs in one direction.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    all: usize,
    up: usize,
    bad: usize,
}

impl Tally {
    fn count(&mut self, state: State) {
        self.all += 1;
        self.up += usize::from(state == State::Up);
        self.bad += usize::from(matches!(state, State::Down | State::Degraded));
    }

    fn cell(self) -> Cell {
        let style = match self {
            Self { all: 0, .. } => return Cell::new(FAINT, "-"),
            Self { all, up, .. } if up == all => GOOD,
            Self { bad: 0, .. } => UNSURE,
            Self { up: 0, .. } => BAD,
            _ => WARN,
        };
        Cell::new(style, format!("{} of {}", self.up, self.all))
    }
}

#[derive(Debug, Default)]
struct Seen<'a> {
    by: Tally,
    of: Tally,
    worst: Option<(Duration, &'a InstanceId)>,
}

/// A line for each member: by how many others it is reached, how many it reaches, and which of those is furthest.
pub(super) fn summary(matrix: &Matrix, width: Option<usize>, out: &mut String) {
    let id_width = if width.is_some_and(|width| width < ROOMY) { SHORT_ID_WIDTH } else { ID_WIDTH };
    let mut seen: HashMap<&InstanceId, Seen<'_>> = HashMap::new();
    for pair in &matrix.pairs {
        seen.entry(&pair.target).or_default().by.count(pair.state);
        let source = seen.entry(&pair.source).or_default();
        source.of.count(pair.state);
        source.worst = source.worst.max(pair.latency().map(|latency| (latency, &pair.target)));
    }
    let mut list = Columns::default();
    list.heading(&["member", "location", "status", "last seen", "reached by", "reaches", "slowest to"]);
    let nothing = Seen::default();
    let mut left_out = 0;
    for member in some_deregistered(matrix, &mut left_out) {
        let seen = seen.get(&member.instance_id).unwrap_or(&nothing);
        let worst = seen.worst.map(|(latency, target)| {
            format!("{} {}", pair::milliseconds(latency), shorten(target.as_str(), SHORT_ID_WIDTH))
        });
        list.line(vec![
            Cell::new(STRONG, shorten(member.instance_id.as_str(), id_width)),
            Cell::plain(shorten(member.location.as_str(), LOCATION_WIDTH)),
            status(member.status),
            last_seen(matrix, member),
            seen.by.cell(),
            seen.of.cell(),
            worst.map_or(Cell::new(FAINT, "-"), |worst| Cell::new(PLAIN, worst)),
        ]);
    }
    list.write(out);
    note_left_out(left_out, out);
}

#[cfg(test)]
mod tests {
    use super::super::sample::{check, down, member, plain, ring, up};
    use super::*;
    use netring_core::{FailureReason, MemberStatus, analysis::RingState};

    #[test]
    fn a_line_says_who_reaches_a_member_and_whom_it_reaches() {
        let mut matrix = ring(13, RingState::Unhealthy, |source, target| match (source, target) {
            (_, 1) => vec![down(None, FailureReason::Timeout, "")],
            (2, _) => vec![check(State::Unknown)],
            (0, 12) => vec![up(300_000)],
            _ => vec![up(100)],
        });
        matrix.members.push(member("zz", "l1", MemberStatus::Offline));
        let mut out = String::new();
        summary(&matrix, None, &mut out);
        let text = plain(&out);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + 14);
        let fields = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(fields(lines[1]), "m01 l1 online 3 s ago 11 of 12 11 of 12 300 ms m13");
        assert_eq!(fields(lines[2]), "m02 l2 online 3 s ago 0 of 12 12 of 12 0.10 ms m13");
        assert_eq!(fields(lines[3]), "m03 l3 online 3 s ago 12 of 12 0 of 12 -");
        assert_eq!(fields(lines[14]), "zz l1 OFFLINE 3 s ago - - -");
    }
}
