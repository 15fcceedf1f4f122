use std::time::Duration;

/// Interarrival jitter (RFC 3550, section 6.4.1 and appendix A.8): a running mean of how much the transit times of two
/// packets differ that arrived one after the other. What the two clocks differ by cancels out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Jitter {
    last: Option<i128>,
    nanos: Option<f64>,
}

impl Jitter {
    /// Takes the next packet to arrive, by its transit time in nanoseconds.
    ///
    /// A difference of more than `most` is not one of the path: a clock was stepped between the two, and it is left out.
    pub(crate) fn add(&mut self, transit: i128, most: u64) {
        if let Some(last) = self.last.replace(transit) {
            let difference = transit.abs_diff(last);
            if difference <= u128::from(most) {
                let jitter = self.nanos.unwrap_or(0.0);
                self.nanos = Some(jitter + (difference as f64 - jitter) / 16.0);
            }
        }
    }

    /// The jitter, where two packets arrived.
    pub(crate) fn get(&self) -> Option<Duration> {
        self.nanos.map(|nanos| Duration::from_nanos(nanos.round() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jitter(transits: &[i128]) -> Option<Duration> {
        let mut jitter = Jitter::default();
        for &transit in transits {
            jitter.add(transit, u64::MAX);
        }
        jitter.get()
    }

    #[test]
    fn it_is_as_the_rfc_has_it() {
        for (transits, nanos) in [
            (&[][..], None),
            (&[5], None),
            (&[5, 5], Some(0)),
            (&[0, 1_600], Some(100)),
            (&[1_600, 0], Some(100)),
            // 100, then 100 + (1,700 - 100) / 16 = 200, then 200 - 200 / 16 = 187.5.
            (&[0, 1_600, -100, -100], Some(188)),
        ] {
            assert_eq!(jitter(transits), nanos.map(Duration::from_nanos), "{transits:?}");
        }
    }

    #[test]
    fn a_clock_that_is_stepped_counts_for_none() {
        let mut jitter = Jitter::default();
        for transit in [0, 1_600, 3_600_000_000_000, 3_600_000_000_000] {
            jitter.add(transit, 10_000);
        }
        assert_eq!(jitter.get(), Some(Duration::from_nanos(94)), "100 - 100 / 16");
    }

    proptest! {
        #[test]
        fn an_offset_of_the_clocks_cancels_out(
            transits in proptest::collection::vec(0..1_000_000_000_i128, 0..50),
            offset in -(1_i128 << 64)..(1_i128 << 64),
        ) {
            let moved: Vec<i128> = transits.iter().map(|transit| transit + offset).collect();
            prop_assert_eq!(jitter(&transits), jitter(&moved));
            // It never exceeds the largest difference.
            let largest = transits.windows(2).map(|two| two[0].abs_diff(two[1])).max().unwrap_or(0);
            prop_assert!(jitter(&transits).unwrap_or_default().as_nanos() <= largest);
        }
    }
}
