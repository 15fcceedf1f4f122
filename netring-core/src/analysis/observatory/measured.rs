use crate::{
    analysis::rounded,
    model::{Measurement, ProbeReport, Throughput},
};
use std::collections::VecDeque;

/// Parts of a loss that are told apart: what is lost of 10, 30, 100 or 1,000 packets comes back as it was.
const LOSS_PARTS: f64 = 60_000.0;
/// Bits of the code of a rate that say where it stands between two powers of two.
const FRACTION: u32 = 11;
/// What an allocation takes up besides what it is for.
const OVERHEAD: usize = 16;

/// What one result measured that is not a round trip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Figures {
    /// The part of the packets that did not come back.
    Loss(f64),
    /// Payload bits per second from the target, and to it.
    Rates([Option<f64>; 2]),
    /// Hops to the target.
    Hops(u8),
}

/// Which of them it is: that of the first result of a check that has any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Loss,
    Rates,
    Hops,
}

/// The figures of a history, for the few kinds of checks that have such: in step with its samples and its tiers, of each as many
/// codes as the kind needs. A code has two bytes and is 0 where nothing was measured.
#[derive(Debug)]
pub(super) struct Measured {
    kind: Kind,
    samples: VecDeque<u16>,
    tiers: Vec<u16>,
}

/// The codes of a sample or of a tier; those that the kind does not need are 0.
pub(super) type Codes = [u16; 2];

/// What codes stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Told {
    pub(super) loss_ratio: Option<f64>,
    pub(super) download_bits_per_second: Option<f64>,
    pub(super) upload_bits_per_second: Option<f64>,
    pub(super) hops: Option<u8>,
}

impl Figures {
    pub(super) fn of(result: &ProbeReport) -> Option<Self> {
        let rate = |throughput: &Option<Throughput>| throughput.as_ref().map(|throughput| throughput.bits_per_second);
        match result.measurement.as_ref()? {
            Measurement::Burst(burst) => Some(Self::Loss(burst.loss_ratio)),
            Measurement::Bandwidth(test) => Some(Self::Rates([rate(&test.download), rate(&test.upload)])),
            Measurement::Traceroute(trace) => trace.hops().map(Self::Hops),
            Measurement::Tcp(_) | Measurement::Http(_) => None,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Loss(_) => Kind::Loss,
            Self::Rates(_) => Kind::Rates,
            Self::Hops(_) => Kind::Hops,
        }
    }

    fn codes(self) -> Codes {
        match self {
            Self::Loss(loss) => [loss_code(loss), 0],
            Self::Rates(rates) => rates.map(|rate| rate.map_or(0, rate_code)),
            Self::Hops(hops) => [u16::from(hops) + 1, 0],
        }
    }
}

impl Kind {
    /// Codes of a sample.
    const fn width(self) -> usize {
        match self {
            Self::Loss | Self::Hops => 1,
            Self::Rates => 2,
        }
    }

    /// Codes of a tier.
    const fn tier_width(self) -> usize {
        match self {
            Self::Loss => 1,
            Self::Rates => 2,
            Self::Hops => 0,
        }
    }
}

impl Measured {
    /// What is set aside for a history with room for so many samples and tiers, where `figures` are the first of it.
    pub(super) fn needs(figures: Figures, samples: usize, tiers: usize) -> usize {
        bytes(figures.kind(), samples, tiers)
    }

    /// One in which nothing was measured so far, of a history with so many samples and tiers in it.
    pub(super) fn new(figures: Figures, samples: usize, tiers: usize) -> Self {
        let kind = figures.kind();
        let mut new = Self { kind, samples: VecDeque::new(), tiers: Vec::with_capacity(tiers * kind.tier_width()) };
        new.samples.reserve_exact(samples * kind.width());
        new.samples.resize(samples * kind.width(), 0);
        new.tiers.resize(tiers * kind.tier_width(), 0);
        new
    }

    /// What is set aside for it where there is room for so many samples and tiers.
    pub(super) fn bytes(&self, samples: usize, tiers: usize) -> usize {
        bytes(self.kind, samples, tiers)
    }

    /// What is allocated for it.
    #[cfg(test)]
    pub(super) fn allocated(&self) -> usize {
        size_of::<Self>() + (self.samples.capacity() + self.tiers.capacity()) * size_of::<u16>()
    }

    /// Bytes of a sample.
    pub(super) fn sample_bytes(&self) -> usize {
        self.kind.width() * size_of::<u16>()
    }

    /// There is another sample, of which nothing is known yet. There will be at most `most` of them.
    pub(super) fn push(&mut self, most: usize) {
        let width = self.kind.width();
        if self.samples.len() + width > self.samples.capacity() {
            let room = (most * width).saturating_sub(self.samples.len());
            self.samples.reserve_exact((self.samples.len() / 2).max(8 * width).min(room));
        }
        self.samples.extend(std::iter::repeat_n(0, width));
    }

    /// What the newest sample has measured.
    pub(super) fn set_newest(&mut self, figures: Figures) {
        let width = self.kind.width();
        if figures.kind() == self.kind && self.samples.len() >= width {
            let newest = self.samples.len() - width;
            self.samples.range_mut(newest..).zip(figures.codes()).for_each(|(place, code)| *place = code);
        }
    }

    /// The oldest samples are gone.
    pub(super) fn forget_samples(&mut self, count: usize) {
        self.samples.drain(..(count * self.kind.width()).min(self.samples.len()));
    }

    /// There will be at most `most` samples.
    pub(super) fn shrink_to(&mut self, most: usize) {
        self.samples.shrink_to(most * self.kind.width());
    }

    /// The codes of the sample at this place.
    pub(super) fn sample(&self, place: usize) -> Codes {
        let width = self.kind.width();
        let mut codes = Codes::default();
        let of_sample = self.samples.iter().skip(place * width).take(width);
        codes.iter_mut().zip(of_sample).for_each(|(code, known)| *code = *known);
        codes
    }

    /// What a tier of samples with these codes comes to: the mean of losses, the medians of rates.
    pub(super) fn tier_of(&self, samples: impl Iterator<Item = Codes> + Clone) -> Codes {
        let known = |place: usize| {
            let codes = samples.clone().filter_map(move |codes| codes.get(place).copied());
            codes.filter(|&code| code > 0)
        };
        match self.kind {
            Kind::Hops => Codes::default(),
            Kind::Loss => {
                let (sum, count) = known(0).fold((0_u64, 0), |(sum, count), code| (sum + u64::from(code), count + 1));
                // The mean of the codes is the code of the mean.
                [(sum + count / 2).checked_div(count).and_then(|mean| u16::try_from(mean).ok()).unwrap_or(0), 0]
            }
            Kind::Rates => [0, 1].map(|place| {
                let mut codes: Vec<u16> = known(place).collect();
                codes.sort_unstable();
                super::coded::percentile(&codes, 50).unwrap_or(0)
            }),
        }
    }

    /// There is another tier. There will be at most `most` of them.
    pub(super) fn push_tier(&mut self, codes: Codes, most: usize) {
        let width = self.kind.tier_width();
        if self.tiers.len() + width > self.tiers.capacity() {
            let room = (most * width).saturating_sub(self.tiers.len());
            self.tiers.reserve_exact((self.tiers.len() / 2).max(2 * width).min(room));
        }
        self.tiers.extend(codes.into_iter().take(width));
    }

    /// The oldest tiers are gone.
    pub(super) fn forget_tiers(&mut self, count: usize) {
        self.tiers.drain(..(count * self.kind.tier_width()).min(self.tiers.len()));
    }

    /// The codes of the tier at this place.
    pub(super) fn tier(&self, place: usize) -> Codes {
        let width = self.kind.tier_width();
        let mut codes = Codes::default();
        let of_tier = self.tiers.iter().skip(place * width).take(width);
        codes.iter_mut().zip(of_tier).for_each(|(code, known)| *code = *known);
        codes
    }

    /// Nothing is left.
    pub(super) fn clear(&mut self) {
        self.samples.clear();
        self.tiers.clear();
    }

    /// What the codes of a sample, or of a tier, stand for.
    pub(super) fn told(&self, [first, second]: Codes) -> Told {
        match self.kind {
            Kind::Loss => Told { loss_ratio: loss_of(first), ..Told::default() },
            Kind::Rates => Told {
                download_bits_per_second: rate_of(first),
                upload_bits_per_second: rate_of(second),
                ..Told::default()
            },
            Kind::Hops => {
                let hops = first.checked_sub(1).and_then(|hops| u8::try_from(hops).ok());
                Told { hops, ..Told::default() }
            }
        }
    }
}

fn bytes(kind: Kind, samples: usize, tiers: usize) -> usize {
    let codes = samples * kind.width() + tiers * kind.tier_width();
    size_of::<Measured>() + codes * size_of::<u16>() + 3 * OVERHEAD
}

fn loss_code(loss: f64) -> u16 {
    if loss.is_nan() { 0 } else { (loss.clamp(0.0, 1.0) * LOSS_PARTS).round() as u16 + 1 }
}

fn loss_of(code: u16) -> Option<f64> {
    code.checked_sub(1).map(|parts| f64::from(parts) / LOSS_PARTS)
}

/// Exact to 0.025 %, and to 1 bit/s below 4,096; what is more than 4 Tbit/s is 4 Tbit/s.
fn rate_code(rate: f64) -> u16 {
    if rate.is_nan() {
        return 0;
    }
    // Less than nothing is nothing, and too much is the most that there is.
    let bits = rate.round() as u64;
    let exponent = (u64::BITS - bits.leading_zeros()).saturating_sub(FRACTION + 1);
    let code = (u64::from(exponent) << FRACTION) + (bits >> exponent);
    u16::try_from(code).unwrap_or(u16::MAX).min(u16::MAX - 1) + 1
}

/// The middle of those that have this code.
fn rate_of(code: u16) -> Option<f64> {
    let code = u64::from(code.checked_sub(1)?);
    let exponent = (code >> FRACTION).saturating_sub(1);
    let bits = (code - (exponent << FRACTION)) << exponent;
    Some(rounded((bits + (1 << exponent) / 2) as f64))
}

#[cfg(test)]
mod tests;
