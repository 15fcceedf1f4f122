use crate::analysis::{Count, Finding, Standing};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Check {
    /// The newest results, bad ones as ones, the newest lowest.
    results: u16,
    count: u16,
    pub(super) standing: Standing,
}

impl Check {
    pub(super) fn add(&mut self, bad: bool) {
        self.results = self.results << 1 | u16::from(bad);
        self.count = (self.count + 1).min(3);
        let bad_of_last = (self.results & 0b111).count_ones();
        if bad_of_last >= 2 {
            self.standing = Standing::Bad;
        } else if self.standing != Standing::Bad || self.results & 0b111 == 0 {
            self.standing = Standing::Good;
        }
    }

    pub(super) fn finding(&self) -> Finding {
        let bad = (self.results & ((1 << self.count) - 1)).count_ones() as u16;
        Finding { standing: self.standing, count: Count { bad, of: self.count } }
    }
}
