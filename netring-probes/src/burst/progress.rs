use std::time::Duration;

/// What became of one packet of a burst, told while the burst goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BurstProgress {
    /// It came back.
    Received {
        /// Which of the burst, from 0.
        sequence: u16,
        /// How long it took, as far as is known at this moment: the report may have it more exactly.
        round_trip_time: Duration,
    },
    /// It came back again.
    Duplicate {
        /// Which of the burst, from 0.
        sequence: u16,
    },
    /// It had not come back when the burst was over.
    Lost {
        /// Which of the burst, from 0.
        sequence: u16,
    },
}
