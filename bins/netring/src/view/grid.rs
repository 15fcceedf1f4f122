use super::{
    MAX_GRID_MEMBERS,
    members::{ID_WIDTH, LOCATION_WIDTH},
    pair,
    text::{Cell, Columns, FAINT, STRONG, shorten},
};
use netring_core::{
    InstanceId,
    analysis::{Matrix, MemberState, PairState},
};
use std::collections::HashMap;
use unicode_width::UnicodeWidthStr;

/// Widest id or location at the head of a column, where there may be twelve.
const HEAD_WIDTH: usize = 12;
/// As wide as most cells, so that a table that is watched stands still.
const CELL_WIDTH: usize = "DOWN refused".len();

/// Sources down, targets across; none where there are too many members. Whoever is gone keeps a place while there is
/// room, so that a table that is watched keeps its shape.
pub(super) fn grid(matrix: &Matrix) -> Option<Columns> {
    let mut members: Vec<&MemberState> = matrix.members.iter().collect();
    if members.len() > MAX_GRID_MEMBERS {
        members.retain(|member| member.status.is_active());
    }
    if members.len() > MAX_GRID_MEMBERS {
        return None;
    }
    let pairs: HashMap<(&InstanceId, &InstanceId), &PairState> =
        matrix.pairs.iter().map(|pair| ((&pair.source, &pair.target), pair)).collect();

    // Cut to the width of a column, long ids are easily mistaken for each other.
    let numbered = members.iter().any(|member| member.instance_id.as_str().width() > HEAD_WIDTH);
    let mut grid = Columns::at_least(CELL_WIDTH, 2);
    let mut locations = vec![Cell::plain(""), Cell::new(FAINT, "to")];
    let mut heads = vec![Cell::new(FAINT, "from"), Cell::plain("")];
    for (number, member) in (1..).zip(&members) {
        locations.push(Cell::new(FAINT, shorten(member.location.as_str(), HEAD_WIDTH)));
        heads.push(Cell::new(STRONG, if numbered { format!("#{number}") } else { member.instance_id.to_string() }));
    }
    grid.line(locations);
    grid.line(heads);
    for (number, source) in (1..).zip(&members) {
        let id = shorten(source.instance_id.as_str(), ID_WIDTH);
        let mut line = vec![
            Cell::new(FAINT, shorten(source.location.as_str(), LOCATION_WIDTH)),
            Cell::new(STRONG, if numbered { format!("#{number} {id}") } else { id }),
        ];
        line.extend(members.iter().map(|target| {
            if source.instance_id == target.instance_id {
                Cell::new(FAINT, "·")
            } else {
                pair::cell(pairs.get(&(&source.instance_id, &target.instance_id)).copied())
            }
        }));
        grid.line(line);
    }
    Some(grid)
}

#[cfg(test)]
mod tests {
    use super::super::{
        ring as show,
        sample::{check, down, matrix, member, pair, plain, ring, up},
    };
    use netring_core::{
        FailureReason::{Refused, UnexpectedStatus},
        MemberStatus::{Deregistered, Offline, Online},
        analysis::{RingState, State},
    };
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn few_members_make_a_table() {
        let members = vec![member("a1", "asia1", Online), member("b", "eu1", Online), member("gone", "us1", Offline)];
        let status = down(Some("/health"), UnexpectedStatus, "status 503 is not one of 2xx, 3xx");
        let pairs = vec![pair("a1", "b", vec![up(210)]), pair("b", "a1", vec![up(1), status])];
        let text = plain(&show(&matrix(RingState::Unhealthy, members, pairs), None));
        let expected = "\
\x20         to     asia1                   eu1            us1
  from           a1                      b              gone
  asia1   a1     ·                       up 0.21 ms     -
  eu1     b      part /health http 503   ·              -
  us1     gone   -                       -              ·

  member   location   address         status    last seen
  a1       asia1      10.0.0.1:8757   online    3 s ago
  b        eu1        10.0.0.1:8757   online    3 s ago
  gone     us1        10.0.0.1:8757   OFFLINE   3 s ago
";
        assert_eq!(text, expected, "\n{text}");
    }

    #[test]
    fn every_cell_has_its_colour_too() {
        let members = vec![member("a", "x", Online), member("b", "y", Online)];
        let pairs = vec![pair("a", "b", vec![down(None, Refused, "")]), pair("b", "a", vec![check(State::Unknown)])];
        let text = show(&matrix(RingState::Unhealthy, members, pairs), None);
        assert!(text.contains("\u{1b}[1m\u{1b}[31mDOWN refused\u{1b}[0m"), "{text:?}");
        assert!(text.contains("\u{1b}[36m? 0 s old\u{1b}[0m"), "{text:?}");
    }

    #[test]
    fn long_and_wide_names_are_numbered_and_aligned() {
        let long = |end: &str| format!("{}{end}", "x".repeat(100));
        let (one, two) = (long("one"), long("two"));
        let members = vec![member(&one, "東京データセンター", Online), member(&two, "Zürich", Online)];
        let pairs = vec![pair(&one, &two, vec![up(1)]), pair(&two, &one, vec![up(2)])];
        let text = plain(&show(&matrix(RingState::Healthy, members, pairs), None));
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.iter().all(|line| line.width() < 120), "\n{text}");
        let column = |line: &str, word: &str| line.find(word).map(|at| line[..at].width());
        assert_eq!(column(lines[1], "#1"), column(lines[3], "up"), "\n{text}");
        assert_eq!(column(lines[1], "#2"), column(lines[2], "up"), "\n{text}");
        assert!(lines[2].contains("   #1 xxxxxx") && lines[2].contains("xxone"), "\n{text}");
    }

    #[test]
    fn many_members_or_a_narrow_terminal_make_a_list() {
        let healthy = |n| ring(n, RingState::Healthy, |_, _| vec![up(100)]);
        let is_grid = |text: String| plain(&text).trim_start().starts_with("to");
        assert!(is_grid(show(&healthy(12), None)));
        assert!(!is_grid(show(&healthy(13), None)));
        assert!(is_grid(show(&healthy(4), Some(80))));
        assert!(!is_grid(show(&healthy(12), Some(80))));
    }

    #[test]
    fn whoever_is_gone_gives_way_to_who_is_there() {
        let mut matrix = ring(12, RingState::Healthy, |_, _| vec![up(100)]);
        matrix.members.push(member("zgone", "x", Deregistered));
        let text = plain(&show(&matrix, None));
        assert!(text.trim_start().starts_with("to"), "\n{text}");
        assert_eq!(text.matches("zgone").count(), 1, "in the list alone\n{text}");
    }
}
