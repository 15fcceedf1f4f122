use super::{
    budget::Budget,
    coded::{Coded, percentile, quantiles, round_trip_of},
    measured::{Codes, Figures, Measured},
};
use crate::model::Timestamp;
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
    /// What was measured besides round trips, where that is anything.
    measured: Option<Box<Measured>>,
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
            measured: None,
        };
        budget.take(history.bytes()).then(|| Box::new(history))
    }

    /// What is set aside for it.
    pub(super) fn bytes(&self) -> usize {
        let tiers = (TIERS + 1) * size_of::<Tier>();
        let measured = |measured: &Measured| measured.bytes(self.planned.into(), TIERS + 1);
        let measured = self.measured.as_deref().map_or(0, measured);
        size_of::<Self>() + usize::from(self.planned) * size_of::<Sample>() + tiers + 3 * OVERHEAD + measured
    }

    /// What is allocated for it.
    #[cfg(test)]
    pub(super) fn allocated(&self) -> usize {
        let samples = self.samples.capacity() * size_of::<Sample>();
        let measured = self.measured.as_deref().map_or(0, Measured::allocated);
        size_of::<Self>() + samples + self.tiers.capacity() * size_of::<Tier>() + measured
    }

    /// Takes in a result that ended at `at`, and came in at `now`; says whether it is new enough for that.
    pub(super) fn push(
        &mut self,
        at: Timestamp,
        coded: Coded,
        now: Timestamp,
        planned: u16,
        budget: &mut Budget,
    ) -> bool {
        if now.since(at) > HOUR {
            return false;
        }
        // Clocks of registries that take turns are apart by some seconds: then it is put at the last time, below.
        if self.newest.since(now) > HOUR {
            // The clock was set back: nobody knows when all that was.
            self.samples.clear();
            self.tiers.clear();
            self.measured.iter_mut().for_each(|measured| measured.clear());
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
            self.forget_samples(1);
        }
        if self.samples.len() == self.samples.capacity() {
            let room = usize::from(self.planned) - self.samples.len();
            self.samples.reserve_exact((self.samples.len() / 2).max(8).min(room));
        }
        let millis = (at.as_unix_micros() / 1_000) as u32;
        self.samples.push_back(Sample { at: [(millis >> 16) as u16, millis as u16], coded });
        self.measured.iter_mut().for_each(|measured| measured.push(self.planned.into()));
        true
    }

    /// What the result that was taken in last has measured besides its round trip. Where there is no room, that is not remembered.
    pub(super) fn note(&mut self, figures: Figures, budget: &mut Budget) {
        if self.measured.is_none() && budget.take(Measured::needs(figures, self.planned.into(), TIERS + 1)) {
            self.measured = Some(Box::new(Measured::new(figures, self.samples.len(), self.tiers.len())));
        }
        self.measured.iter_mut().for_each(|measured| measured.set_newest(figures));
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
            self.measured.iter_mut().for_each(|measured| measured.shrink_to(0));
        }
    }

    /// Gives room back that is no longer needed, and asks for more where it is.
    fn plan(&mut self, planned: u16, budget: &mut Budget) {
        let planned = planned.clamp(MIN_SAMPLES, MAX_SAMPLES);
        let sample = size_of::<Sample>() + self.measured.as_deref().map_or(0, Measured::sample_bytes);
        let difference = usize::from(planned.abs_diff(self.planned)) * sample;
        if planned > self.planned && budget.take(difference) {
            self.planned = planned;
        } else if planned < self.planned && self.samples.len() <= usize::from(planned) {
            self.samples.shrink_to(usize::from(planned));
            self.measured.iter_mut().for_each(|measured| measured.shrink_to(planned.into()));
            self.planned = planned;
            budget.give_back(difference);
        }
    }

    fn forget_before(&mut self, earliest: Timestamp, now: Timestamp) {
        let old = self.samples.iter().take_while(|&&sample| self.time(sample) < earliest).count();
        if old > 0 {
            self.forget_samples(old);
            *self.quantiles.get_mut() = 0;
        }
        let first_tier = tier_of(now).saturating_sub(TIERS as u32);
        let old = self.tiers.iter().take_while(|tier| tier.number < first_tier).count();
        self.forget_tiers(old);
    }

    /// The oldest are gone.
    fn forget_samples(&mut self, count: usize) {
        self.samples.drain(..count);
        self.measured.iter_mut().for_each(|measured| measured.forget_samples(count));
    }

    /// The oldest are gone.
    fn forget_tiers(&mut self, count: usize) {
        self.tiers.drain(..count);
        self.measured.iter_mut().for_each(|measured| measured.forget_tiers(count));
    }

    /// Puts what is known of the tiers before `number` into `tiers`.
    fn close_before(&mut self, number: u32) {
        if number <= self.open_tier {
            return;
        }
        for (tier, codes) in self.tiers_of(self.open_tier..number) {
            // So that there is always room for one.
            self.forget_tiers(self.tiers.len().saturating_sub(TIERS));
            if self.tiers.len() == self.tiers.capacity() {
                let room = TIERS + 1 - self.tiers.len();
                self.tiers.reserve_exact((self.tiers.len() / 2).max(2).min(room));
            }
            self.tiers.push(tier);
            self.measured.iter_mut().for_each(|measured| measured.push_tier(codes, TIERS + 1));
        }
        self.open_tier = number;
    }

    /// The tiers in `numbers` that have samples, made of these.
    fn tiers_of(&self, numbers: std::ops::Range<u32>) -> Vec<(Tier, Codes)> {
        let samples: Vec<(u32, Coded, u16)> = (0..MAX_SAMPLES)
            .zip(&self.samples)
            .map(|(place, &sample)| (tier_of(self.time(sample)), sample.coded, place))
            .filter(|(number, ..)| numbers.contains(number))
            .collect();
        let mut codes = Vec::with_capacity(samples.len());
        let tier = |of_tier: &[(u32, Coded, u16)]| {
            codes.clear();
            codes.extend(of_tier.iter().filter_map(|(_, coded, _)| coded.round_trip_code()));
            codes.sort_unstable();
            let tier = Tier {
                number: of_tier.first()?.0,
                results: u16::try_from(of_tier.len()).unwrap_or(u16::MAX),
                bad: u16::try_from(of_tier.iter().filter(|(_, coded, _)| coded.bad()).count()).unwrap_or(u16::MAX),
                median: percentile(&codes, 50).unwrap_or(0),
                max: codes.last().copied().unwrap_or(0),
            };
            let measured = |measured: &Measured| {
                measured.tier_of(of_tier.iter().map(|&(.., place)| measured.sample(place.into())))
            };
            Some((tier, self.measured.as_deref().map(measured).unwrap_or_default()))
        };
        samples.chunk_by(|a, b| a.0 == b.0).filter_map(tier).collect()
    }

    fn time(&self, sample: Sample) -> Timestamp {
        let newest = self.newest.as_unix_micros() / 1_000;
        let age = (newest as u32).wrapping_sub(u32::from(sample.at[0]) << 16 | u32::from(sample.at[1]));
        Timestamp::from_unix_micros(newest.saturating_sub(u64::from(age)).saturating_mul(1_000))
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

mod telling;
#[cfg(test)]
mod tests;
