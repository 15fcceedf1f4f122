use crate::analysis::{Count, Finding, Sensitivity, Standing};

/// The last results of one check in one respect, each bad or good, and what they come to.
///
/// A result that is bad makes the check bad where so many of its last results are, as [`Sensitivity`] says; with fewer known
/// than are looked at, those that are known count. It stays bad until enough results in a row were good. Otherwise a good
/// result makes it good, and a bad one leaves it as it was: so that a single bad result, with nothing before, is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// A bit for each result, the newest lowest: whether it was bad.
    bad: u16,
    known: u8,
    standing: Standing,
}

impl Window {
    pub(super) fn push(&mut self, bad: bool, sensitivity: &Sensitivity) {
        self.bad = self.bad << 1 | u16::from(bad);
        self.known = self.known.saturating_add(1).min(Sensitivity::MAX_RESULTS);
        let looked_at = looked_at(sensitivity);
        let enough = u32::from(sensitivity.bad_results.clamp(1, looked_at));
        let good_in_a_row = self.bad.trailing_zeros().min(u32::from(self.known));
        let good_enough = u32::from(sensitivity.good_results.clamp(1, Sensitivity::MAX_RESULTS));
        self.standing = match self.standing {
            Standing::Bad if good_in_a_row < good_enough => Standing::Bad,
            _ if bad && self.last(looked_at).count_ones() >= enough => Standing::Bad,
            before if bad => before,
            _ => Standing::Good,
        };
    }

    fn last(self, results: u8) -> u16 {
        self.bad & (u16::MAX >> (Sensitivity::MAX_RESULTS - results))
    }

    /// Whether none is bad of those that are looked at together with the next one.
    pub(super) fn is_clean(self, sensitivity: &Sensitivity) -> bool {
        match looked_at(sensitivity) - 1 {
            0 => true,
            results => self.last(results) == 0,
        }
    }

    pub(super) fn standing(self) -> Standing {
        self.standing
    }

    pub(super) fn finding(self, sensitivity: &Sensitivity) -> Finding {
        let looked_at = looked_at(sensitivity);
        let bad = self.last(looked_at).count_ones() as u16;
        Finding { standing: self.standing, count: Count { bad, of: u16::from(self.known.min(looked_at)) } }
    }
}

fn looked_at(sensitivity: &Sensitivity) -> u8 {
    sensitivity.of_results.clamp(1, Sensitivity::MAX_RESULTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensitivity(bad_results: u8, of_results: u8, good_results: u8) -> Sensitivity {
        Sensitivity { bad_results, of_results, good_results, ..Sensitivity::default() }
    }

    /// The standings that results come to one after the other: `x` is a bad result, `.` a good one.
    fn standings(results: &str, sensitivity: &Sensitivity) -> String {
        let mut window = Window::default();
        let after = |result| {
            window.push(result == 'x', sensitivity);
            match window.standing() {
                Standing::Unknown => '?',
                Standing::Good => 'g',
                Standing::Bad => 'B',
            }
        };
        results.chars().map(after).collect()
    }

    #[test]
    fn bad_results_are_needed_to_be_bad_and_good_ones_in_a_row_to_be_good() {
        for ((bad, of, good), results, expected) in [
            ((2, 3, 3), ".", "g"),
            ((2, 3, 3), "x", "?"),
            ((2, 3, 3), "x.", "?g"),
            ((2, 3, 3), "xx", "?B"),
            ((2, 3, 3), ".x.", "ggg"),
            ((2, 3, 3), ".x.x", "gggB"),
            ((2, 3, 3), ".x..x..x", "gggggggg"),
            ((2, 3, 3), "xx..x...", "?BBBBBBg"),
            ((1, 1, 1), "x.x", "BgB"),
            ((3, 5, 2), "xx", "??"),
            ((3, 5, 2), "xxx..", "??BBg"),
            // What was bad before it was good still counts with the next bad one.
            ((3, 5, 2), "xxx..x", "??BBgB"),
            ((16, 16, 16), "xxxxxxxxxxxxxxxx", "???????????????B"),
            // Settings that make no sense are brought to where they do.
            ((9, 3, 0), "xxx.", "??Bg"),
            ((0, 0, 0), ".x.", "gBg"),
            ((255, 255, 255), "xxxxxxxxxxxxxxxx", "???????????????B"),
        ] {
            assert_eq!(standings(results, &sensitivity(bad, of, good)), expected, "{bad} of {of}, {good}: {results}");
        }
    }

    #[test]
    fn it_counts_what_it_looks_at() {
        for (results, bad, of) in
            [("", 0, 0), ("x", 1, 1), ("x.x", 2, 3), ("xxx.", 2, 3), ("xxx..................", 0, 3)]
        {
            let mut window = Window::default();
            results.chars().for_each(|result| window.push(result == 'x', &Sensitivity::default()));
            assert_eq!(window.finding(&Sensitivity::default()).count, Count { bad, of }, "{results}");
        }
    }
}
