//! The binary itself, as a process: what it prints, and what it ends with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bandwidth;
mod demo;
mod member;
mod probe;
mod process;
mod status;
mod trace;
