//! The containers, as people build and run them: the files in deploy/ themselves, by podman, in a network of the test's own.
//!
//! The first run builds the images, as any other user does; what is built stays below `target/tmp`, so that a later run builds
//! only what has changed.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod base;
mod compose;
mod configured;
mod health;
mod images;
mod lines;
mod machine;
mod rights;
mod script;

use machine::Machine;
