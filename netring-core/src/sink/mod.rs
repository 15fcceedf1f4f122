//! Where results go: the trait [`MetricSink`], the [`Event`] it records, and sinks that fan out or drop.

mod event;
mod fan_out;
mod null;

pub use event::{Event, Source};
pub use fan_out::FanOut;
pub use null::NullSink;

use std::fmt::Debug;

/// Takes note of what happens in a member.
///
/// # Contract
/// 1. [`record`](Self::record) takes every [`Event`], also one of a kind that it does not know, and does not panic.
/// 2. It does not block and does no I/O: it is called on the path of every probe. What has to go somewhere is handed to
///    a bounded queue, and dropped where that is full.
/// 3. It may be called from many threads at once.
/// 4. After [`Event::Members`], whatever it keeps of a member that is no longer listed is gone.
///
/// `netring_core::testing::metric_sink_conformance!` checks an implementation against rules 1 to 3; what a sink keeps
/// only its own tests can see.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait MetricSink: Debug + Send + Sync + 'static {
    /// Takes note of one event.
    #[cfg_attr(feature = "mock", mockall::concretize)]
    fn record(&self, event: &Event<'_>);
}
