use crate::model::Timestamp;
use std::{collections::VecDeque, time::Duration};

/// Most rates that are remembered.
const MAX_RATES: usize = 32;
/// So many are needed to tell what is usual.
const READY: usize = 5;
/// What was measured longer ago is forgotten, and a drop that has lasted for so long is what is usual.
const DAY: Duration = Duration::from_secs(86_400);

/// The throughput of a pair in one direction over the last day.
#[derive(Debug, Clone, Default)]
pub(super) struct Rates {
    /// Those that had not dropped, the oldest first.
    last: VecDeque<(Timestamp, f32)>,
    /// Since when it is below its usual, and what that was.
    dropped: Option<(Timestamp, f64)>,
}

impl Rates {
    /// Takes a rate that had settled, in bits per second; gives what is usual where it has dropped below `ratio` of that and had
    /// not before.
    pub(super) fn take(&mut self, rate: f64, at: Timestamp, ratio: f64) -> Option<f64> {
        if !rate.is_finite() || rate < 0.0 {
            return None;
        }
        if let Some((since, usual)) = self.dropped {
            if rate < ratio * usual && at.since(since) < DAY {
                return None;
            }
            self.dropped = None;
            if rate < ratio * usual {
                self.last.clear();
            }
        }
        self.last.retain(|&(then, _)| at.since(then) < DAY);
        if let Some(usual) = self.median().filter(|usual| rate < ratio * usual) {
            self.dropped = Some((at, usual));
            return Some(usual);
        }
        if self.last.len() == MAX_RATES {
            self.last.pop_front();
        } else if self.last.len() == self.last.capacity() {
            self.last.reserve_exact(READY.min(MAX_RATES - self.last.len()));
        }
        self.last.push_back((at, rate as f32));
        None
    }

    fn median(&self) -> Option<f64> {
        if self.last.len() < READY {
            return None;
        }
        let mut rates: Vec<f32> = self.last.iter().map(|&(_, rate)| rate).collect();
        rates.sort_unstable_by(f32::total_cmp);
        let middle = rates.len() / 2;
        let (upper, lower) = (f64::from(*rates.get(middle)?), f64::from(*rates.get((rates.len() - 1) / 2)?));
        Some(f64::midpoint(lower, upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of rates in Mbit/s that are measured one every `minutes`.
    fn told(rates: &[f64], minutes: u64) -> Vec<(usize, f64)> {
        let mut memory = Rates::default();
        let at = |i: usize| Timestamp::from_unix_seconds(1_700_000_000 + i as u64 * minutes * 60);
        let told =
            rates.iter().enumerate().filter_map(|(i, &rate)| Some((i, memory.take(rate, at(i), 0.5)?))).collect();
        assert!(memory.last.len() <= MAX_RATES && memory.last.capacity() <= MAX_RATES + READY);
        told
    }

    #[test]
    fn a_drop_is_told_once_and_again_after_it_was_over() {
        let joined = |parts: &[(f64, usize)]| -> Vec<f64> {
            parts.iter().flat_map(|&(rate, times)| std::iter::repeat_n(rate, times)).collect()
        };
        for (parts, minutes, expected) in [
            (&[(100.0, 4), (10.0, 1)][..], 5, vec![]),
            (&[(100.0, 5), (50.0, 1)], 5, vec![]),
            (&[(100.0, 5), (49.0, 10)], 5, vec![(5, 100.0)]),
            (&[(100.0, 5), (49.0, 10), (100.0, 1), (49.0, 1)], 5, vec![(5, 100.0), (16, 100.0)]),
            (&[(80.0, 3), (120.0, 3), (40.0, 1)], 5, vec![(6, 100.0)]),
            // After a day it is what is usual.
            (&[(100.0, 5), (40.0, 30), (15.0, 1)], 60, vec![(5, 100.0), (35, 40.0)]),
            // Two a day are too few to tell.
            (&[(100.0, 20), (10.0, 3)], 720, vec![]),
            (&[(100.0, 200), (10.0, 200)], 1, vec![(200, 100.0)]),
            (&[(f64::NAN, 5), (-1.0, 5), (f64::INFINITY, 5), (0.0, 10)], 1, vec![]),
        ] {
            assert_eq!(told(&joined(parts), minutes), expected, "{parts:?} every {minutes} minutes");
        }
    }
}
