/// Bad ones of known ones.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) bad: usize,
    pub(super) known: usize,
}

impl Tally {
    pub(super) fn add(&mut self, bad: bool) {
        self.bad += usize::from(bad);
        self.known += 1;
    }

    /// Nine of ten and more: a single result may lag behind.
    pub(super) fn is_bad(self) -> bool {
        self.bad > 0 && self.bad * 10 >= self.known * 9
    }

    pub(super) fn is_mostly_bad(self) -> bool {
        self.bad * 2 > self.known
    }

    pub(super) fn is_good(self) -> bool {
        self.known > 0 && self.bad * 10 <= self.known
    }
}

/// What lies on one side of a scope, by where the other ends stand: one location that is large must not outvote the
/// others.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) all: Tally,
    /// How many locations are known, and how many of these are mostly bad.
    pub(super) locations: Tally,
}

impl Side {
    pub(super) fn is_bad(&self) -> bool {
        self.all.is_bad() && self.locations.is_bad()
    }
}
