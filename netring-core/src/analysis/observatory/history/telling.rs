//! What is told of a history.

use super::{
    super::{
        coded::round_trip_of,
        measured::{Codes, Measured, Told},
        record::{HistorySample, HistoryTier},
    },
    HOUR, History, Sample, TIER, TIERS, Tier, tier_of,
};
use crate::{analysis::State, model::Timestamp};

impl History {
    /// What codes of its own stand for.
    fn told(&self, codes: impl FnOnce(&Measured) -> Codes) -> Told {
        self.measured.as_deref().map(|measured| measured.told(codes(measured))).unwrap_or_default()
    }

    pub(in super::super) fn hour(&self, now: Timestamp) -> Vec<HistorySample> {
        let sample = |(place, &sample): (usize, &Sample)| {
            let told = self.told(|measured| measured.sample(place));
            HistorySample {
                at: self.time(sample),
                state: if sample.coded.bad() { State::Down } else { State::Up },
                round_trip_time: sample.coded.round_trip(),
                loss_ratio: told.loss_ratio,
                download_bits_per_second: told.download_bits_per_second,
                upload_bits_per_second: told.upload_bits_per_second,
                hops: told.hops,
            }
        };
        let samples = self.samples.iter().enumerate().map(sample);
        samples.filter(|sample| now.since(sample.at) <= HOUR).collect()
    }

    pub(in super::super) fn day(&self, now: Timestamp) -> Vec<HistoryTier> {
        let first = tier_of(now).saturating_sub(TIERS as u32);
        let tier = |(tier, codes): (Tier, Codes)| {
            let told = self.told(|_| codes);
            HistoryTier {
                start: Timestamp::from_unix_seconds(u64::from(tier.number) * TIER),
                results: tier.results,
                bad: tier.bad,
                median_round_trip_time: Some(tier.median).filter(|&code| code > 0).map(round_trip_of),
                max_round_trip_time: Some(tier.max).filter(|&code| code > 0).map(round_trip_of),
                mean_loss_ratio: told.loss_ratio,
                median_download_bits_per_second: told.download_bits_per_second,
                median_upload_bits_per_second: told.upload_bits_per_second,
            }
        };
        let codes = |place| self.measured.as_deref().map(|measured| measured.tier(place)).unwrap_or_default();
        let closed = self.tiers.iter().enumerate().map(|(place, &tier)| (tier, codes(place)));
        let open = self.tiers_of(self.open_tier..u32::MAX);
        closed.chain(open).filter(|(tier, _)| tier.number >= first).map(tier).collect()
    }
}
