use super::{BandwidthProber, Directions};
use std::time::Duration;

/// When a test ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TestMode {
    /// As soon as the rate has settled, or a budget is spent.
    #[default]
    Adaptive,
    /// After exactly so much in each direction, the start-up of TCP included, as netring 1.x does; or when the budget of time
    /// is spent.
    Fixed {
        /// In MiB.
        size_mib: u64,
    },
}

/// Makes a [`BandwidthProber`]; every setting has a default.
///
/// ```
/// use netring_probes::{BandwidthProber, Directions};
/// use std::time::Duration;
///
/// let prober = BandwidthProber::builder()
///     .directions(Directions::Download)
///     .max_bytes(16 * 1024 * 1024)
///     .max_duration(Duration::from_secs(3))
///     .build();
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct BandwidthProberBuilder {
    pub(super) mode: TestMode,
    pub(super) max_bytes: u64,
    pub(super) max_duration: Duration,
    pub(super) directions: Directions,
    /// Always, but in tests of what is done where the kernel does not tell.
    pub(super) ask_kernel: bool,
}

impl Default for BandwidthProberBuilder {
    fn default() -> Self {
        Self {
            mode: TestMode::default(),
            max_bytes: Self::DEFAULT_MAX_BYTES,
            max_duration: Self::DEFAULT_MAX_DURATION,
            directions: Directions::default(),
            ask_kernel: true,
        }
    }
}

impl BandwidthProberBuilder {
    /// Most bytes in each direction, where nothing else is said: 64 MiB.
    pub const DEFAULT_MAX_BYTES: u64 = 64 * 1024 * 1024;
    /// Longest time of each direction, where nothing else is said: 5 s.
    pub const DEFAULT_MAX_DURATION: Duration = Duration::from_secs(5);

    /// When a test ends; by default [`TestMode::Adaptive`].
    pub fn mode(mut self, mode: TestMode) -> Self {
        self.mode = mode;
        self
    }

    /// Most bytes in each direction of an adaptive test; by default [`Self::DEFAULT_MAX_BYTES`]. A target may allow less.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes.max(1);
        self
    }

    /// The longest time of each direction, from its request on; by default [`Self::DEFAULT_MAX_DURATION`]. It is cut so that
    /// both fit before the deadline of the probe.
    pub fn max_duration(mut self, duration: Duration) -> Self {
        self.max_duration = duration;
        self
    }

    /// Which ways the test goes; by default both.
    pub fn directions(mut self, directions: Directions) -> Self {
        self.directions = directions;
        self
    }

    /// The prober.
    #[must_use]
    pub fn build(self) -> BandwidthProber {
        BandwidthProber { settings: self }
    }
}
