use std::{fmt, time::Duration};

/// A way that bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the target to whoever tests.
    Download,
    /// From whoever tests to the target.
    Upload,
}

impl Direction {
    /// The word that messages have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Upload => "upload",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which ways a test goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Directions {
    /// The download first, and then the upload.
    #[default]
    Both,
    /// The download alone.
    Download,
    /// The upload alone.
    Upload,
}

impl Directions {
    /// Those that it goes, in their order.
    pub(super) const fn as_slice(self) -> &'static [Direction] {
        match self {
            Self::Both => &[Direction::Download, Direction::Upload],
            Self::Download => &[Direction::Download],
            Self::Upload => &[Direction::Upload],
        }
    }
}

/// How far a test has come; told about ten times a second, and once at the end of each direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandwidthProgress {
    /// Which way the bytes go now.
    pub direction: Direction,
    /// Since the request of this direction.
    pub elapsed: Duration,
    /// Payload bytes that were delivered in this direction until now.
    pub bytes: u64,
    /// The rate of the last fifth of a second, in payload bits per second.
    pub bits_per_second: f64,
}
