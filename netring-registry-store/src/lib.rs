#![doc = include_str!("../README.md")]

mod address;
mod connect;
mod event;
mod events;
mod failure;
mod journal;
mod keys;
mod link;
mod listing;
mod memory;
mod record;
mod report;
mod reports;
mod scripts;
mod store;
mod strangers;

pub use address::{InvalidAddress, RedisAddress};
pub use store::{BuildError, RedisStore, RedisStoreBuilder};
