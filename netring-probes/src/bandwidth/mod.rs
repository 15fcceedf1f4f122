//! The throughput of a path.
