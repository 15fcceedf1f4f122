//! What is said of one pair, in a cell and in a line.

use super::text::{BAD, Cell, FAINT, GOOD, UNSURE, WARN, printable, shorten};
use netring_core::{
    FailureReason,
    analysis::{CheckState, PairState, State},
};
use std::time::Duration;

/// Widest name of an endpoint in a cell.
const ENDPOINT_WIDTH: usize = 16;
/// Widest message in a line.
const MESSAGE_WIDTH: usize = 100;

/// The cell of a pair: always a word, and a colour that says the same.
pub(super) fn cell(pair: Option<&PairState>) -> Cell {
    let Some(pair) = pair else { return Cell::new(FAINT, "-") };
    match pair.state {
        State::Up => match pair.latency() {
            Some(latency) => Cell::new(GOOD, format!("up {}", milliseconds(latency))),
            None => Cell::new(GOOD, "up"),
        },
        State::Down => {
            Cell::new(BAD, format!("DOWN {}", failed(pair).map(short_reason).unwrap_or_default()).trim_end())
        }
        State::Degraded => match failed(pair) {
            Some(check) => Cell::new(WARN, format!("part {} {}", what(check), short_reason(check))),
            None => Cell::new(WARN, "part"),
        },
        State::Unknown => Cell::new(UNSURE, unknown(pair)),
    }
}

/// What is wrong with a pair, in words, check by check; empty where nothing is.
pub(super) fn trouble(pair: &PairState) -> Vec<String> {
    let in_words = |check: &CheckState| match &check.message {
        Some(message) if check.state == State::Down => {
            format!("{}: {}", what(check), shorten(&printable(message), MESSAGE_WIDTH))
        }
        _ => format!("{}: {}", what(check), short_reason(check)),
    };
    pair.checks.iter().filter(|check| check.state == State::Down).map(in_words).collect()
}

/// `0.21 ms`, `21.4 ms`, `214 ms`, `2.1 s`.
pub(super) fn milliseconds(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1e3;
    match ms {
        ..9.995 => format!("{ms:.2} ms"),
        ..99.95 => format!("{ms:.1} ms"),
        ..9_999.5 => format!("{ms:.0} ms"),
        _ => format!("{:.1} s", ms / 1e3),
    }
}

/// `8 s`, `3 min`, `5 h`, `2 d`.
pub(super) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        s @ ..120 => format!("{s} s"),
        s @ ..7_200 => format!("{} min", s / 60),
        s @ ..172_800 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    }
}

fn unknown(pair: &PairState) -> String {
    match pair.checks.iter().min_by_key(|check| check.age) {
        None => "?".to_owned(),
        Some(check) if check.tainted => "? probed late".to_owned(),
        Some(check) => format!("? {} old", seconds(check.age)),
    }
}

fn failed(pair: &PairState) -> Option<&CheckState> {
    pair.checks.iter().find(|check| check.state == State::Down)
}

/// The endpoint tells more than the kind, where there is one.
fn what(check: &CheckState) -> String {
    match &check.endpoint {
        Some(endpoint) => shorten(endpoint.as_str(), ENDPOINT_WIDTH),
        None => check.kind.to_string(),
    }
}

fn short_reason(check: &CheckState) -> String {
    match check.reason {
        Some(FailureReason::NameNotResolved) => "no address".to_owned(),
        Some(FailureReason::UnexpectedStatus) => match check.message.as_deref().and_then(http_status) {
            Some(status) => format!("http {status}"),
            None => "http status".to_owned(),
        },
        Some(reason) => reason.to_string(),
        None => String::new(),
    }
}

/// The status is not a field of its own in the matrix; it is the first number of three digits in the words.
fn http_status(message: &str) -> Option<&str> {
    message.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| word.len() == 3 && word.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{check, down, pair, up};
    use super::*;

    #[test]
    fn every_state_has_a_word() {
        let tainted = CheckState { tainted: true, ..check(State::Unknown) };
        let old = CheckState { age: Duration::from_secs(12), ..check(State::Unknown) };
        let refused = down(None, FailureReason::Refused, "connect: refused");
        let health = |message| down(Some("/health"), FailureReason::UnexpectedStatus, message);
        for (checks, expected) in [
            (vec![up(210)], "up 0.21 ms"),
            (vec![CheckState { round_trip_time: None, ..up(210) }], "up 1000 ms"),
            (vec![refused.clone(), health("status 503 is bad")], "DOWN refused"),
            (vec![down(None, FailureReason::NameNotResolved, "")], "DOWN no address"),
            (vec![CheckState { reason: None, message: None, ..refused.clone() }], "DOWN"),
            (vec![up(210), health("status 503 is not one of 2xx, 3xx")], "part /health http 503"),
            (vec![up(210), health("no number")], "part /health http status"),
            (vec![down(None, FailureReason::Timeout, ""), up(1)], "part tcp timeout"),
            (vec![], "?"),
            (vec![old], "? 12 s old"),
            (vec![tainted], "? probed late"),
        ] {
            assert_eq!(cell(Some(&pair("a", "b", checks.clone()))).text, expected, "{checks:?}");
        }
        assert_eq!(cell(None).text, "-");
    }

    #[test]
    fn trouble_is_told_in_full_and_safely() {
        let checks = vec![up(1), down(None, FailureReason::Tls, "tls: \u{1b}[31mexpired")];
        assert_eq!(trouble(&pair("a", "b", checks)), ["tcp: tls: \u{FFFD}[31mexpired"]);
        let checks = vec![CheckState { message: None, ..down(None, FailureReason::Timeout, "") }];
        assert_eq!(trouble(&pair("a", "b", checks)), ["tcp: timeout"]);
    }

    #[test]
    fn times_are_short() {
        for (us, expected) in [
            (0, "0.00 ms"),
            (9_994, "9.99 ms"),
            (9_996, "10.0 ms"),
            (99_960, "100 ms"),
            (250_000, "250 ms"),
            (12_345_000, "12.3 s"),
        ] {
            assert_eq!(milliseconds(Duration::from_micros(us)), expected);
        }
        for (s, expected) in [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (200_000, "2 d")] {
            assert_eq!(seconds(Duration::from_secs(s)), expected);
        }
    }
}
