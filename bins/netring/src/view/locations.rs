//! A ring with too many members to show each pair: by locations.

use super::{
    members::LOCATION_WIDTH,
    pair::milliseconds,
    text::{BAD, Cell, Columns, FAINT, GOOD, UNSURE, WARN, paint, shorten},
    verdict::line,
};
use netring_core::{
    MemberStatus,
    analysis::{LocationPair, LocationState, Rollup, State},
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

/// Most lines: the worst pairs of locations come first.
const MAX_LINES: usize = 40;

/// A line for each pair of locations: how many of its pairs are up, how long they take, and the worst of them.
pub(crate) fn table(rollup: &Rollup) -> String {
    let mut out = String::new();
    if rollup.pairs.is_empty() {
        return out;
    }
    let mut pairs: Vec<&LocationPair> = rollup.pairs.iter().collect();
    let badness = |pair: &LocationPair| match pair.state {
        State::Down => 0,
        State::Degraded => 1,
        State::Unknown => 2,
        State::Up => 3,
    };
    // Within one state they stay in the order of their names.
    pairs.sort_by_key(|pair| badness(pair));
    let mut list = Columns::default();
    list.heading(&["from", "to", "up", "median", "worst", "worst pair"]);
    for pair in pairs.iter().take(MAX_LINES) {
        let all = pair.up + pair.down + pair.degraded + pair.unknown;
        let style = match pair.state {
            State::Up => GOOD,
            State::Unknown => UNSURE,
            _ if pair.up == 0 => BAD,
            _ => WARN,
        };
        let latency = |of: Option<f64>| match of.map(Duration::try_from_secs_f64) {
            Some(Ok(latency)) => Cell::plain(milliseconds(latency)).right(),
            _ => Cell::new(FAINT, "-").right(),
        };
        let id = |id: &netring_core::InstanceId| shorten(id.as_str(), LOCATION_WIDTH);
        list.line(vec![
            Cell::plain(shorten(pair.source_location.as_str(), LOCATION_WIDTH)),
            Cell::plain(shorten(pair.target_location.as_str(), LOCATION_WIDTH)),
            Cell::new(style, format!("{} of {all}", pair.up)),
            latency(pair.latency_seconds.map(|spread| spread.median)),
            latency(pair.latency_seconds.map(|spread| spread.worst)),
            Cell::new(style, format!("{} -> {} {}", id(&pair.worst.source), id(&pair.worst.target), word(pair.state))),
        ]);
    }
    list.write(&mut out);
    if pairs.len() > MAX_LINES {
        out += &format!("  {}\n", paint(FAINT, &format!("and {} more", pairs.len() - MAX_LINES)));
    }
    out
}

const fn word(state: State) -> &'static str {
    match state {
        State::Up => "up",
        State::Down => "DOWN",
        State::Degraded => "part",
        State::Unknown => "?",
    }
}

/// How the ring is, in one line, as for a matrix.
pub(crate) fn verdict(rollup: &Rollup) -> String {
    let of = |state: fn(&LocationPair) -> u32| rollup.pairs.iter().map(|pair| state(pair) as usize).sum();
    let members = |count: fn(&LocationState) -> u32| rollup.locations.iter().map(|at| count(at) as usize).sum();
    line(
        rollup.state,
        |status| match status {
            MemberStatus::Online => members(|at| at.online),
            MemberStatus::Stale => members(|at| at.stale),
            MemberStatus::Offline => members(|at| at.offline),
            MemberStatus::Deregistered => members(|at| at.deregistered),
        },
        |state| match state {
            State::Up => of(|pair| pair.up),
            State::Down => of(|pair| pair.down),
            State::Degraded => of(|pair| pair.degraded),
            State::Unknown => of(|pair| pair.unknown),
        },
    )
}

/// Differs from another one when something has changed that is worth a new table: times alone are not.
pub(crate) fn fingerprint(rollup: &Rollup) -> u64 {
    let mut hasher = DefaultHasher::new();
    rollup.state.hash(&mut hasher);
    for at in &rollup.locations {
        (&at.location, at.online, at.stale, at.offline, at.deregistered).hash(&mut hasher);
    }
    for pair in &rollup.pairs {
        (&pair.source_location, &pair.target_location, pair.up, pair.down, pair.degraded).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{id, plain};
    use super::*;
    use netring_core::{
        Location, Timestamp,
        analysis::{PairRef, RingState, Spread},
    };

    fn pair(source: &str, target: &str, state: State, [up, down, unknown]: [u32; 3]) -> LocationPair {
        let latency = Spread { worst: 0.2, median: 0.021, best: 0.001 };
        LocationPair {
            source_location: Location::new(source).unwrap(),
            target_location: Location::new(target).unwrap(),
            state,
            up,
            down,
            degraded: 0,
            unknown,
            latency_seconds: (up > 0).then_some(latency),
            loss_ratio: None,
            download_bits_per_second: None,
            upload_bits_per_second: None,
            worst: PairRef { source: id("a1"), target: id("b1") },
        }
    }

    #[test]
    fn the_worst_comes_first_and_the_rest_is_counted() {
        let at = |location: &str| LocationState {
            location: Location::new(location).unwrap(),
            online: 300,
            stale: 1,
            offline: 0,
            deregistered: 0,
        };
        let mut rollup = Rollup {
            at: Timestamp::from_unix_seconds(1),
            state: RingState::Unhealthy,
            locations: vec![at("eu1"), at("us1")],
            pairs: vec![
                pair("eu1", "eu1", State::Up, [90, 0, 0]),
                pair("eu1", "us1", State::Unknown, [0, 0, 100]),
                pair("us1", "eu1", State::Down, [99, 1, 0]),
            ],
        };
        let expected = "\
\x20 from   to    up          median    worst    worst pair
  us1    eu1   99 of 100   21.0 ms   200 ms   a1 -> b1 DOWN
  eu1    us1   0 of 100          -        -   a1 -> b1 ?
  eu1    eu1   90 of 90    21.0 ms   200 ms   a1 -> b1 up
";
        let text = plain(&table(&rollup));
        assert_eq!(text, expected, "\n{text}");
        let line = plain(&verdict(&rollup));
        assert_eq!(line, "UNHEALTHY   members: 600 online, 2 stale; pairs: 189 of 290 up, 1 down, 100 not known");
        let before = fingerprint(&rollup);
        rollup.pairs[0].latency_seconds = None;
        assert_eq!(fingerprint(&rollup), before, "a latency alone is no news");
        rollup.pairs[0].down = 1;
        assert_ne!(fingerprint(&rollup), before);
        rollup.pairs = vec![pair("x", "y", State::Up, [1, 0, 0]); 50];
        assert!(plain(&table(&rollup)).ends_with("  and 10 more\n"));
    }
}
