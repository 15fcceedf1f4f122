use super::{Event, MetricSink};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Passes every event on to several sinks, in order. A sink that panics keeps the event from none of the others.
#[derive(Debug, Default)]
pub struct FanOut {
    sinks: Vec<Arc<dyn MetricSink>>,
    panics: AtomicU64,
}

impl FanOut {
    /// Passes events on to `sinks`.
    #[must_use]
    pub fn new(sinks: impl IntoIterator<Item = Arc<dyn MetricSink>>) -> Self {
        Self { sinks: sinks.into_iter().collect(), panics: AtomicU64::new(0) }
    }

    /// How often a sink has panicked.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }
}

impl MetricSink for FanOut {
    fn record(&self, event: &Event<'_>) {
        for sink in &self.sinks {
            if catch_unwind(AssertUnwindSafe(|| sink.record(event))).is_err() {
                let panics = self.panics.fetch_add(1, Ordering::Relaxed) + 1;
                // Every panic is counted; to log each would let one broken sink fill the disk.
                if panics.is_power_of_two() {
                    tracing::error!(?sink, panics, "a sink panicked; the event is lost to it");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{InstanceId, Location},
        sink::{MockMetricSink, Source},
    };

    #[test]
    fn a_sink_that_panics_keeps_the_event_from_no_other() {
        let mut bad = MockMetricSink::new();
        bad.expect_record().times(2).returning(|_| panic!("on purpose"));
        let mut good = MockMetricSink::new();
        good.expect_record().times(2).return_const(());
        let sinks = FanOut::new([Arc::new(bad) as Arc<dyn MetricSink>, Arc::new(good)]);

        let source = Source { instance_id: InstanceId::random(), location: Location::new("here").unwrap() };
        for in_reach in [true, false] {
            sinks.record(&Event::RegistryContact { source: &source, in_reach });
        }
        assert_eq!(sinks.panics(), 2);
    }
}
