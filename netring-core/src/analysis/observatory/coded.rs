use std::time::Duration;

/// What one result came to, in two bytes: whether it was bad, and its round trip.
///
/// The round trip is exact to a microsecond below 2 ms, and to 0.05 % above; what is longer than 25 days is 25 days. Codes
/// have the order of what they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coded(u16);

/// The bit of a bad result; the others are 0 without a round trip, and else one more than its code.
const BAD: u16 = 1 << 15;
/// Bits of a code that say where it stands between two powers of two.
const FRACTION: u32 = 10;
const MAX_CODE: u64 = (BAD - 2) as u64;

impl Coded {
    pub(super) fn new(bad: bool, round_trip: Option<Duration>) -> Self {
        let code = round_trip.map_or(0, |round_trip| {
            let micros = u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX);
            let exponent = (u64::BITS - micros.leading_zeros()).saturating_sub(FRACTION + 1);
            (((u64::from(exponent) << FRACTION) + (micros >> exponent)).min(MAX_CODE) + 1) as u16
        });
        Self(code | if bad { BAD } else { 0 })
    }

    pub(super) fn bad(self) -> bool {
        self.0 & BAD != 0
    }

    /// The code of its round trip alone, for comparing.
    pub(super) fn round_trip_code(self) -> Option<u16> {
        Some(self.0 & !BAD).filter(|&code| code > 0)
    }

    pub(super) fn round_trip(self) -> Option<Duration> {
        self.round_trip_code().map(round_trip_of)
    }
}

/// The round trip that a code stands for: the middle of those that have it.
pub(super) fn round_trip_of(code: u16) -> Duration {
    let code = u64::from(code.saturating_sub(1));
    let exponent = (code >> FRACTION).saturating_sub(1);
    let micros = (code - (exponent << FRACTION)) << exponent;
    Duration::from_micros(micros + (1 << exponent) / 2)
}

/// The value at the nearest rank of `sorted`: the smallest of which so many percent are no larger.
pub(super) fn percentile(sorted: &[u16], percent: usize) -> Option<u16> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// The median and the 95th percentile of at most `most` codes, by nearest rank.
pub(super) fn quantiles(codes: impl Iterator<Item = u16>, most: usize) -> Option<[u16; 2]> {
    /// So many are sorted where no memory has to be asked for.
    const FEW: usize = 256;
    let (mut few, mut many) = ([0; FEW], Vec::new());
    let codes = if most <= FEW {
        let mut count = 0;
        for (place, code) in few.iter_mut().zip(codes) {
            *place = code;
            count += 1;
        }
        few.get_mut(..count)?
    } else {
        many.extend(codes);
        &mut many[..]
    };
    let rank = |percent: usize| (codes.len() * percent).div_ceil(100).max(1) - 1;
    let (median, high) = (rank(50), rank(95));
    if high >= codes.len() {
        return None;
    }
    let high_code = *codes.select_nth_unstable(high).1;
    let low = codes.get_mut(..=high)?;
    Some([*low.select_nth_unstable(median).1, high_code])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_comes_back_as_it_was_or_nearly() {
        let mut before = Duration::ZERO;
        let large = (13..40).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + (1 << (bits - 1)) + 1]);
        for micros in (0..5_000).chain(large) {
            let coded = Coded::new(micros % 2 == 0, Some(Duration::from_micros(micros)));
            let back = coded.round_trip().unwrap();
            let error = back.as_micros().abs_diff(micros.into());
            let allowed = if micros < 2_048 { 0 } else { u128::from(micros / 2_048) };
            assert!(error <= allowed, "{micros} came back as {back:?}");
            assert!(back >= before, "{micros}");
            assert_eq!(coded.bad(), micros % 2 == 0);
            before = back;
        }
        for (bad, round_trip) in [(true, None), (false, None)] {
            assert_eq!((Coded::new(bad, round_trip).bad(), Coded::new(bad, round_trip).round_trip()), (bad, None));
        }
        let longest = Coded::new(false, Some(Duration::MAX));
        assert!(!longest.bad() && longest.round_trip().unwrap() > Duration::from_secs(25 * 86_400));
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let hundred: Vec<u16> = (1..=100).collect();
        for (sorted, percent, expected) in [
            (&[][..], 50, None),
            (&[7], 50, Some(7)),
            (&[7], 95, Some(7)),
            (&[1, 2], 50, Some(1)),
            (&[1, 2, 3], 50, Some(2)),
            (&[1, 2, 3], 95, Some(3)),
            (&hundred, 50, Some(50)),
            (&hundred, 95, Some(95)),
        ] {
            assert_eq!(percentile(sorted, percent), expected, "{percent} of {sorted:?}");
        }
    }

    #[test]
    fn quantiles_are_those_of_what_is_sorted() {
        let mut random = fastrand::Rng::with_seed(7);
        for length in (0..40).chain([255, 256, 257, 3_600]) {
            let codes: Vec<u16> = (0..length).map(|_| random.u16(1..500)).collect();
            let mut sorted = codes.clone();
            sorted.sort_unstable();
            let expected = percentile(&sorted, 50).zip(percentile(&sorted, 95)).map(|(median, high)| [median, high]);
            assert_eq!(quantiles(codes.iter().copied(), length), expected, "{length}");
            assert_eq!(
                quantiles(codes.iter().copied(), length.max(1_000)),
                expected,
                "of at most a thousand: {length}"
            );
        }
    }
}
