//! Real processes to test netring with: the daemons on free ports, Redis, and servers that behave badly. Nothing that
//! ships depends on this crate.

#[cfg(feature = "browser")]
pub mod browser;
mod daemon;
mod http;
pub mod lab;
mod load;
mod port;
mod redis;
pub mod sim;
mod told;
pub mod tun;
mod wait;

pub use daemon::{Daemon, binary};
pub use http::{Answer, get, post};
pub use load::{Beat, Load};
pub use port::{ReservedPort, hanging};
pub use redis::{RedisCluster, RedisOptions, RedisServer, ReplicatedRedis, RespConnection, RespValue};
pub use told::Told;
pub use wait::{PATIENCE, eventually};
