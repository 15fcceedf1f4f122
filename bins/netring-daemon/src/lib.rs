//! What the netring daemons share. The daemons are programs, so this crate promises no stable API to anybody else.
//!
//! - [`config`]: configuration in layers, with the source of every value.

pub mod config;
