use netring_core::model::RoundTripTimes;
use std::time::Duration;

/// What there is to say of round-trip times, in nanoseconds; of none there is nothing.
pub(crate) fn round_trip_times(mut nanos: Vec<u64>) -> Option<RoundTripTimes> {
    nanos.sort_unstable();
    let (&min, &max) = (nanos.first()?, nanos.last()?);
    let count = nanos.len() as f64;
    let mean = nanos.iter().map(|&nanos| nanos as f64).sum::<f64>() / count;
    let variance = nanos.iter().map(|&nanos| (nanos as f64 - mean).powi(2)).sum::<f64>() / count;
    let percentile = |percent| Duration::from_nanos(nearest_rank(&nanos, percent).unwrap_or(max));
    Some(RoundTripTimes {
        min: Duration::from_nanos(min),
        mean: Duration::from_nanos(mean.round() as u64),
        max: Duration::from_nanos(max),
        standard_deviation: Duration::from_nanos(variance.sqrt().round() as u64),
        p50: percentile(50),
        p95: percentile(95),
        p99: percentile(99),
    })
}

/// The least of `sorted` that `percent` of them do not exceed.
fn nearest_rank(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let hundred: Vec<u64> = (1..=100).collect();
        let ten: Vec<u64> = (1..=10).collect();
        for (sorted, p50, p95, p99) in
            [(&[7][..], 7, 7, 7), (&[1, 2], 1, 2, 2), (&[1, 2, 3], 2, 3, 3), (&ten, 5, 10, 10), (&hundred, 50, 95, 99)]
        {
            let found = [50, 95, 99].map(|percent| nearest_rank(sorted, percent));
            assert_eq!(found, [Some(p50), Some(p95), Some(p99)], "{sorted:?}");
        }
        assert_eq!(nearest_rank(&[], 50), None);
    }

    #[test]
    fn the_standard_deviation_is_of_the_whole_population() {
        let times = round_trip_times(vec![9, 2, 4, 4, 4, 5, 5, 7].into_iter().map(|n| n * 1_000).collect()).unwrap();
        assert_eq!((times.mean, times.standard_deviation), (Duration::from_micros(5), Duration::from_micros(2)));
        assert_eq!((times.min, times.max), (Duration::from_micros(2), Duration::from_micros(9)));
        assert_eq!(round_trip_times(Vec::new()), None);
    }

    proptest! {
        #[test]
        fn they_are_in_order(nanos in proptest::collection::vec(0..60_000_000_000_u64, 1..200)) {
            let times = round_trip_times(nanos).unwrap();
            let sorted = [times.min, times.p50, times.p95, times.p99, times.max];
            prop_assert!(sorted.is_sorted());
            prop_assert!(times.min <= times.mean && times.mean <= times.max);
            prop_assert!(times.standard_deviation <= times.max - times.min);
        }
    }
}
