//! Loss, jitter and round-trip times by UDP.
