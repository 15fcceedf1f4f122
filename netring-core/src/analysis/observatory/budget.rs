/// How much memory all histories together may take up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    max: usize,
    used: usize,
}

impl Budget {
    pub(super) fn new(max: usize) -> Self {
        Self { max, used: 0 }
    }

    /// Sets `bytes` aside, where there is room for them.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        match self.used.checked_add(bytes).filter(|&used| used <= self.max) {
            Some(used) => {
                self.used = used;
                true
            }
            None => false,
        }
    }

    pub(super) fn give_back(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    pub(super) fn max(&self) -> usize {
        self.max
    }
}
