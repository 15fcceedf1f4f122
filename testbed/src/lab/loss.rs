use fastrand::Rng;

/// Which of the packets that come to one direction of a link are dropped. Counting begins anew whenever it is set.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Loss {
    /// Not one.
    #[default]
    None,
    /// Each with this probability, from 0 to 1. The same seed drops the same ones.
    Ratio(f64),
    /// Every n-th: for 3, the third, the sixth and so on. For 0, not one.
    EveryNth(u64),
    /// Where it says `true`, from the first packet on, again and again. Where it is empty, not one.
    Pattern(Vec<bool>),
    /// All.
    All,
}

impl Loss {
    /// Whether nothing is ever dropped.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// A [`Loss`] in use.
#[derive(Debug)]
pub(super) struct Dropper {
    loss: Loss,
    rng: Rng,
    seen: u64,
}

impl Dropper {
    pub(super) fn new(loss: Loss, seed: u64) -> Self {
        Self { loss, rng: Rng::with_seed(seed), seen: 0 }
    }

    /// Whether the packet that has come now is dropped.
    pub(super) fn drops(&mut self) -> bool {
        let index = self.seen;
        self.seen += 1;
        match &self.loss {
            Loss::None => false,
            Loss::Ratio(ratio) => self.rng.f64() < *ratio,
            Loss::EveryNth(n) => *n > 0 && self.seen.is_multiple_of(*n),
            Loss::Pattern(pattern) => {
                let length = pattern.len().max(1) as u64;
                usize::try_from(index % length).ok().and_then(|at| pattern.get(at)).copied().unwrap_or(false)
            }
            Loss::All => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dropped(loss: Loss, packets: u64) -> Vec<u64> {
        let mut dropper = Dropper::new(loss, 7);
        (1..=packets).filter(|_| dropper.drops()).collect()
    }

    #[test]
    fn patterns_are_exact() {
        assert_eq!(dropped(Loss::None, 9), [] as [u64; 0]);
        assert_eq!(dropped(Loss::EveryNth(3), 9), [3, 6, 9]);
        assert_eq!(dropped(Loss::EveryNth(0), 9), [] as [u64; 0]);
        assert_eq!(dropped(Loss::Pattern(vec![true, false, false, true]), 9), [1, 4, 5, 8, 9]);
        assert_eq!(dropped(Loss::Pattern(vec![]), 9), [] as [u64; 0]);
        assert_eq!(dropped(Loss::All, 3), [1, 2, 3]);
    }

    #[test]
    fn a_ratio_is_kept_and_repeats_itself() {
        let first = dropped(Loss::Ratio(0.1), 100_000);
        assert!((9_500..10_500).contains(&first.len()), "{} of 100,000", first.len());
        assert_eq!(first, dropped(Loss::Ratio(0.1), 100_000));
    }
}
