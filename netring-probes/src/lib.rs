#![doc = include_str!("../README.md")]

#[cfg(feature = "http")]
pub mod http;

#[cfg(feature = "http")]
pub use http::{ExpectedStatuses, HttpProber, HttpProberBuilder, InvalidStatuses, Scheme};
