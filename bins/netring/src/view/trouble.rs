use super::{
    pair,
    text::{BAD, Cell, Columns, FAINT, STRONG, WARN, paint, shorten},
};
use netring_core::analysis::{Matrix, State};

/// Not more pairs than this are listed.
const MAX_PAIRS: usize = 20;
const ID_WIDTH: usize = 24;

/// The pairs that are down, and then those that are only partly up, each with what is wrong; empty where there is none.
pub(crate) fn bad_pairs(matrix: &Matrix) -> String {
    let mut out = String::new();
    let in_state = |state| matrix.pairs.iter().filter(move |pair| pair.state == state);
    let bad: Vec<_> = in_state(State::Down).chain(in_state(State::Degraded)).collect();
    if bad.is_empty() {
        return out;
    }
    let mut list = Columns::default();
    for pair in bad.iter().take(MAX_PAIRS) {
        let state = if pair.state == State::Down { Cell::new(BAD, "DOWN") } else { Cell::new(WARN, "part") };
        let from = Cell::new(STRONG, shorten(pair.source.as_str(), ID_WIDTH));
        let to = Cell::new(STRONG, format!("-> {}", shorten(pair.target.as_str(), ID_WIDTH)));
        let trouble = pair::trouble(pair);
        let more = match trouble.len() {
            0 | 1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        let first = trouble.first().map_or("", String::as_str);
        list.line(vec![from, to, state, Cell::plain(format!("{first}{more}"))]);
    }
    out += &format!("  {}\n", paint(FAINT, "who does not reach whom, and why"));
    list.write(&mut out);
    if bad.len() > MAX_PAIRS {
        out += &format!("  and {} more\n", bad.len() - MAX_PAIRS);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample::{down, plain, ring, up};
    use super::*;
    use netring_core::{FailureReason, analysis::RingState};

    #[test]
    fn bad_pairs_are_listed_up_to_a_bound() {
        let refused = || down(None, FailureReason::Refused, "connect: Connection refused (os error 111)");
        let status = || down(Some("/health"), FailureReason::UnexpectedStatus, "status 503");
        let matrix = ring(4, RingState::Unhealthy, |source, target| match (source, target) {
            (1, 3) => vec![refused(), status()],
            (0, 3) => vec![up(1), status()],
            _ => vec![up(1)],
        });
        let text = plain(&bad_pairs(&matrix));
        let expected = "\
\x20 who does not reach whom, and why
  m02   -> m04   DOWN   tcp: connect: Connection refused (os error 111) (and 1 more)
  m01   -> m04   part   /health: status 503
";
        assert_eq!(text, expected, "\n{text}");

        let all_down = ring(8, RingState::Unhealthy, |_, _| vec![refused()]);
        let text = plain(&bad_pairs(&all_down));
        assert_eq!(text.lines().count(), 1 + 20 + 1);
        assert!(text.ends_with("  and 36 more\n"), "\n{text}");

        assert_eq!(bad_pairs(&ring(3, RingState::Healthy, |_, _| vec![up(1)])), "");
    }
}
