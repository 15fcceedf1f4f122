//! What others say of the same target: members do not all check equally often.

use super::{Observatory, row::Shared, turns::Turns};
use crate::{
    analysis::{PairEvidence, Standing},
    model::Timestamp,
};

/// How a pair stands, since when, and when it was last seen to; in ticks, relative to one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    standing: Standing,
    /// The first bad result where it is bad; where it is good, when it was known to be good again, if it was ever bad before.
    turned: Option<i32>,
    confirmed: i32,
}

impl Seen {
    /// Of a pair that stands as `standing`, by those of its checks that stand so too; nothing where it is unknown.
    pub(super) fn of(standing: Standing, alike: impl Iterator<Item = Turns>, now: Timestamp) -> Option<Self> {
        let mut seen: Option<Self> = None;
        for turns in alike {
            let one = Self { standing, turned: turns.turned(standing, now), confirmed: turns.confirmed(now) };
            seen = Some(match seen {
                None => one,
                Some(known) => Self {
                    standing,
                    turned: match standing {
                        // Bad once the last of its checks was.
                        Standing::Bad => known.turned.max(one.turned),
                        // Good with the first, and not good again where another was good all the time.
                        _ => known.turned.zip(one.turned).map(|(a, b)| a.min(b)),
                    },
                    confirmed: known.confirmed.max(one.confirmed),
                },
            });
        }
        seen.filter(|_| standing != Standing::Unknown)
    }
}

/// Of all pairs to one target those that say nothing of now: what makes them what they are was before others turned to the
/// contrary, and since then more turned than were seen to stay as they were.
///
/// So whoever checks once in five minutes does not speak for a member that all others have seen die since; and where others see
/// it well since then, it is the way from those who do not, and nobody else is doubted.
fn outdated(pairs: &[Seen]) -> impl Iterator<Item = bool> + '_ {
    let sorted = |standing: Standing, time: fn(&Seen) -> Option<i32>| {
        let mut times: Vec<i32> = pairs.iter().filter(|seen| seen.standing == standing).filter_map(time).collect();
        times.sort_unstable();
        times
    };
    let turned = |standing| sorted(standing, |seen| seen.turned);
    let confirmed = |standing| sorted(standing, |seen| Some(seen.confirmed));
    let [bad_turned, good_turned] = [turned(Standing::Bad), turned(Standing::Good)];
    let [bad_confirmed, good_confirmed] = [confirmed(Standing::Bad), confirmed(Standing::Good)];
    let after = |times: &[i32], is_before: &dyn Fn(i32) -> bool| {
        let first = times.partition_point(|&time| is_before(time));
        (times.get(first).copied(), times.len() - first)
    };
    pairs.iter().map(move |seen| match seen.standing {
        Standing::Unknown => false,
        Standing::Good => {
            let (first, turned) = after(&bad_turned, &|time| time < seen.confirmed);
            first.is_some_and(|first| turned > after(&good_confirmed, &|time| time <= first).1)
        }
        // So that of two no more than one is.
        Standing::Bad => {
            let (first, turned) = after(&good_turned, &|time| time <= seen.confirmed);
            first.is_some_and(|first| turned > after(&bad_confirmed, &|time| time < first).1)
        }
    })
}

impl Observatory {
    /// Makes unknown what was seen of a target before others turned. `places` has of each seat the place of its member.
    pub(super) fn leave_out_outdated(
        &self,
        pairs: &mut [PairEvidence],
        places: &[Option<u32>],
        members: usize,
        now: Timestamp,
    ) {
        let mut is_bad = vec![false; members];
        let mut any = false;
        for pair in pairs.iter().filter(|pair| pair.reach.standing == Standing::Bad) {
            if let Some(is_bad) = is_bad.get_mut(pair.target as usize) {
                (*is_bad, any) = (true, true);
            }
        }
        // In a ring that is well nothing else is looked at.
        if !any {
            return;
        }
        let mut seats = vec![0; members];
        for (seat, place) in places.iter().enumerate() {
            if let Some(known) = place.and_then(|place| seats.get_mut(place as usize)) {
                *known = seat;
            }
        }
        let mut of_target: Vec<(Vec<usize>, Vec<Seen>)> = vec![Default::default(); members];
        for (i, pair) in pairs.iter().enumerate() {
            let (source, target) = (pair.source as usize, pair.target as usize);
            if !is_bad.get(target).copied().unwrap_or(false) {
                continue;
            }
            let seat = |place: usize| seats.get(place).copied();
            let Some(row) = seat(source).and_then(|seat| self.rows.get(seat)) else { continue };
            let Some(known) = seat(target).and_then(|seat| row.pairs.get(seat)) else { continue };
            let Shared { catalogue, sensitivity, .. } = &self.shared;
            let seen = known.seen(pair.reach.standing, now, row.report, catalogue, sensitivity);
            if let Some((seen, (places, all))) = seen.zip(of_target.get_mut(target)) {
                places.push(i);
                all.push(seen);
            }
        }
        for (places, seen) in &of_target {
            for (&i, _) in places.iter().zip(outdated(seen)).filter(|&(_, is_outdated)| is_outdated) {
                if let Some(pair) = pairs.get_mut(i) {
                    pair.outdated = std::mem::take(&mut pair.reach).standing;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `B7.9` has been bad since 7 and was seen to be at 9; `g.9` is good and was never bad, `g7.9` is good again since 7.
    fn seen(text: &str) -> Seen {
        let (kind, times) = text.split_at(1);
        let (turned, confirmed) = times.split_once('.').unwrap();
        Seen {
            standing: match kind {
                "B" => Standing::Bad,
                "g" => Standing::Good,
                _ => Standing::Unknown,
            },
            turned: turned.parse().ok(),
            confirmed: confirmed.parse().unwrap(),
        }
    }

    #[test]
    fn what_was_before_more_others_turned_than_stayed_is_told() {
        for (pairs, expected) in [
            ("", ""),
            ("g.5", "-"),
            ("g.5 ?.9", "--"),
            // One turned after it, at its time, and before.
            ("g.5 B6.9", "x-"),
            ("g.6 B6.9", "x-"),
            ("g.7 B6.9", "--"),
            // Others were seen to be good since: it is the way of one.
            ("g.5 B6.9 g.8", "---"),
            ("g.5 B6.9 B7.9 g.8", "x---"),
            ("g.5 B6.9 B7.9 g.8 g.8", "-----"),
            // Good at the very time that the first of them turned is no sign.
            ("g.5 B6.9 g.6", "x-x"),
            // Several rare ones.
            ("g.1 g.2 g.3 B6.9", "xxx-"),
            // Good again, of those who saw it bad.
            ("B1.5 g6.9", "x-"),
            ("B1.6 g6.9", "--"),
            ("B1.7 g6.9", "--"),
            ("B1.5 g6.9 B1.8", "---"),
            ("B1.5 g6.9 g7.9 B1.8", "x---"),
            // One that never saw it bad has not seen it get well.
            ("B1.5 g.9", "--"),
        ] {
            let pairs: Vec<_> = pairs.split_whitespace().map(seen).collect();
            let told: String = outdated(&pairs).map(|outdated| if outdated { 'x' } else { '-' }).collect();
            assert_eq!(told, expected, "{pairs:?}");
        }
    }
}
