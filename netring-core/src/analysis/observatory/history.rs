use super::{
    budget::Budget,
    coded::{Coded, percentile, quantiles, round_trip_of},
    record::{HistorySample, HistoryTier},
};
use crate::{analysis::State, model::Timestamp};
use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// For how long every result is remembered.
const HOUR: Duration = Duration::from_secs(3_600);
/// How much longer than that a round trip may count: so the quantiles of what is probed each minute need not be made anew for
/// nothing but that the oldest result is older than an hour for some seconds.
const SLACK: Duration = Duration::from_secs(60);
/// So many results of an hour are remembered at most.
const MAX_SAMPLES: u16 = 3_600;
const MIN_SAMPLES: u16 = 8;
/// Seconds of a tier.
const TIER: u64 = 1_800;
/// Tiers of a day, besides the one that goes on.
const TIERS: usize = 48;
/// What an allocation takes up besides what it is for.
const OVERHEAD: usize = 16;

/// What one check came to in the last hour and the last day.
#[derive(Debug)]
pub(super) struct History {
    /// In the order of their times.
    samples: VecDeque<Sample>,
    /// Those that are over.
    tiers: Vec<Tier>,
    /// The time of the last sample.
    newest: Timestamp,
    /// The first tier that is not in `tiers` yet.
    open_tier: u32,
    /// Room for so many samples is set aside.
    planned: u16,
    /// The codes of the quantiles of all samples, the median above; 0 where they are not known. There is one matrix after the
    /// other, and not a result between any two.
    quantiles: AtomicU32,
}

/// A result, in six bytes.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// The lower 32 bits of its time in milliseconds: it is no older than the newest by more than 49 days.
    at: [u16; 2],
    coded: Coded,
}

#[derive(Debug, Clone, Copy)]
struct Tier {
    number: u32,
    results: u16,
    bad: u16,
    /// Codes of round trips, 0 where there is none.
    median: u16,
    max: u16,
}

/// How many samples there are in an hour where one comes every `interval`, with some room for those that come early.
pub(super) fn planned(interval: Duration) -> u16 {
    let samples = HOUR.as_millis() / interval.as_millis().max(1_000);
    let samples = u16::try_from(samples).unwrap_or(MAX_SAMPLES);
    (samples + samples / 16 + 2).clamp(MIN_SAMPLES, MAX_SAMPLES)
}

impl History {
    /// An empty one, where `budget` has room for it.
    pub(super) fn new(planned: u16, budget: &mut Budget) -> Option<Box<Self>> {
        let history = Self {
            samples: VecDeque::new(),
            tiers: Vec::new(),
            newest: Timestamp::default(),
            open_tier: 0,
            planned: planned.clamp(MIN_SAMPLES, MAX_SAMPLES),
            quantiles: AtomicU32::new(0),
        };
        budget.take(history.bytes()).then(|| Box::new(history))
    }

    /// What is set aside for it.
    pub(super) fn bytes(&self) -> usize {
        let tiers = (TIERS + 1) * size_of::<Tier>();
        size_of::<Self>() + usize::from(self.planned) * size_of::<Sample>() + tiers + 3 * OVERHEAD
    }

    /// What is allocated for it.
    #[cfg(test)]
    pub(super) fn allocated(&self) -> usize {
        let samples = self.samples.capacity() * size_of::<Sample>();
        size_of::<Self>() + samples + self.tiers.capacity() * size_of::<Tier>()
    }

    /// Takes in a result that ended at `at`, and came in at `now`.
    pub(super) fn push(&mut self, at: Timestamp, coded: Coded, now: Timestamp, planned: u16, budget: &mut Budget) {
        if now.since(at) > HOUR {
            return;
        }
        // Clocks of registries that take turns are apart by some seconds: then it is put at the last time, below.
        if self.newest.since(now) > HOUR {
            // The clock was set back: nobody knows when all that was.
            self.samples.clear();
            self.tiers.clear();
            self.open_tier = 0;
            self.newest = at;
        }
        self.plan(planned, budget);
        *self.quantiles.get_mut() = 0;
        // How long a report is under way varies, so that a later result may seem to be the earlier one.
        let at = at.max(self.newest);
        self.close_before(tier_of(at));
        self.newest = at;
        self.forget_before(at - HOUR, at);
        if self.samples.len() >= usize::from(self.planned) {
            self.samples.pop_front();
        }
        if self.samples.len() == self.samples.capacity() {
            let room = usize::from(self.planned) - self.samples.len();
            self.samples.reserve_exact((self.samples.len() / 2).max(8).min(room));
        }
        let millis = (at.as_unix_micros() / 1_000) as u32;
        self.samples.push_back(Sample { at: [(millis >> 16) as u16, millis as u16], coded });
    }

    /// Drops what is too old; for a check that has no new results.
    pub(super) fn tidy(&mut self, now: Timestamp) {
        // Results of the tier before this one may still come in.
        self.close_before(tier_of(now).saturating_sub(1));
        if now > self.newest {
            self.forget_before(now - HOUR, now);
        }
        if self.samples.is_empty() {
            self.samples = VecDeque::new();
        }
    }

    /// Gives room back that is no longer needed, and asks for more where it is.
    fn plan(&mut self, planned: u16, budget: &mut Budget) {
        let planned = planned.clamp(MIN_SAMPLES, MAX_SAMPLES);
        let difference = usize::from(planned.abs_diff(self.planned)) * size_of::<Sample>();
        if planned > self.planned && budget.take(difference) {
            self.planned = planned;
        } else if planned < self.planned && self.samples.len() <= usize::from(planned) {
            self.samples.shrink_to(usize::from(planned));
            self.planned = planned;
            budget.give_back(difference);
        }
    }

    fn forget_before(&mut self, earliest: Timestamp, now: Timestamp) {
        while self.samples.front().is_some_and(|&sample| self.time(sample) < earliest) {
            self.samples.pop_front();
            *self.quantiles.get_mut() = 0;
        }
        let first_tier = tier_of(now).saturating_sub(TIERS as u32);
        let old = self.tiers.iter().take_while(|tier| tier.number < first_tier).count();
        self.tiers.drain(..old);
    }

    /// Puts what is known of the tiers before `number` into `tiers`.
    fn close_before(&mut self, number: u32) {
        if number <= self.open_tier {
            return;
        }
        for tier in self.tiers_of(self.open_tier..number) {
            // So that there is always room for one.
            while self.tiers.len() > TIERS {
                self.tiers.remove(0);
            }
            if self.tiers.len() == self.tiers.capacity() {
                let room = TIERS + 1 - self.tiers.len();
                self.tiers.reserve_exact((self.tiers.len() / 2).max(2).min(room));
            }
            self.tiers.push(tier);
        }
        self.open_tier = number;
    }

    /// The tiers in `numbers` that have samples, made of these.
    fn tiers_of(&self, numbers: std::ops::Range<u32>) -> Vec<Tier> {
        let samples: Vec<(u32, Coded)> = self
            .samples
            .iter()
            .map(|&sample| (tier_of(self.time(sample)), sample.coded))
            .filter(|(number, _)| numbers.contains(number))
            .collect();
        let mut codes = Vec::with_capacity(samples.len());
        let tier = |of_tier: &[(u32, Coded)]| {
            codes.clear();
            codes.extend(of_tier.iter().filter_map(|(_, coded)| coded.round_trip_code()));
            codes.sort_unstable();
            Some(Tier {
                number: of_tier.first()?.0,
                results: u16::try_from(of_tier.len()).unwrap_or(u16::MAX),
                bad: u16::try_from(of_tier.iter().filter(|(_, coded)| coded.bad()).count()).unwrap_or(u16::MAX),
                median: percentile(&codes, 50).unwrap_or(0),
                max: codes.last().copied().unwrap_or(0),
            })
        };
        samples.chunk_by(|a, b| a.0 == b.0).filter_map(tier).collect()
    }

    fn time(&self, sample: Sample) -> Timestamp {
        let newest = self.newest.as_unix_micros() / 1_000;
        let age = (newest as u32).wrapping_sub(u32::from(sample.at[0]) << 16 | u32::from(sample.at[1]));
        Timestamp::from_unix_micros(newest.saturating_sub(u64::from(age)).saturating_mul(1_000))
    }

    fn of_last_hour(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Coded)> {
        let timed = self.samples.iter().map(|&sample| (self.time(sample), sample.coded));
        timed.filter(move |&(at, _)| now.since(at) <= HOUR)
    }

    pub(super) fn hour(&self, now: Timestamp) -> Vec<HistorySample> {
        let sample = |(at, coded): (Timestamp, Coded)| HistorySample {
            at,
            state: if coded.bad() { State::Down } else { State::Up },
            round_trip_time: coded.round_trip(),
        };
        self.of_last_hour(now).map(sample).collect()
    }

    pub(super) fn day(&self, now: Timestamp) -> Vec<HistoryTier> {
        let first = tier_of(now).saturating_sub(TIERS as u32);
        let tier = |tier: Tier| HistoryTier {
            start: Timestamp::from_unix_seconds(u64::from(tier.number) * TIER),
            results: tier.results,
            bad: tier.bad,
            median_round_trip_time: Some(tier.median).filter(|&code| code > 0).map(round_trip_of),
            max_round_trip_time: Some(tier.max).filter(|&code| code > 0).map(round_trip_of),
        };
        let open = self.tiers_of(self.open_tier..u32::MAX);
        self.tiers.iter().copied().chain(open).filter(|tier| tier.number >= first).map(tier).collect()
    }

    /// The median and the 95th percentile of the round trips of the last hour, by nearest rank.
    pub(super) fn round_trip_times(&self, now: Timestamp) -> Option<[Duration; 2]> {
        let counts = |&sample: &Sample| now.since(self.time(sample)) <= HOUR + SLACK;
        // They are in the order of their times.
        let all = self.samples.front().is_some_and(counts);
        let known = if all { self.quantiles.load(Ordering::Relaxed) } else { 0 };
        let [median, high] = if known > 0 {
            [(known >> 16) as u16, known as u16]
        } else {
            let samples = self.samples.iter().filter(|sample| all || counts(sample));
            let codes = samples.filter_map(|sample| sample.coded.round_trip_code());
            let quantiles = quantiles(codes, self.samples.len())?;
            if all {
                let [median, high] = quantiles.map(u32::from);
                self.quantiles.store(median << 16 | high, Ordering::Relaxed);
            }
            quantiles
        };
        Some([round_trip_of(median), round_trip_of(high)])
    }
}

fn tier_of(time: Timestamp) -> u32 {
    u32::try_from(time.as_unix_seconds() / TIER).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
