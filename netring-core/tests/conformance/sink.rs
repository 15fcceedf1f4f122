use netring_core::{FanOut, MetricSink, NullSink, PrometheusSink};
use std::sync::Arc;

mod null {
    use super::*;

    netring_core::metric_sink_conformance!(|| Arc::new(NullSink) as Arc<dyn MetricSink>);
}

mod prometheus {
    use super::*;

    netring_core::metric_sink_conformance!(|| Arc::new(PrometheusSink::new()) as Arc<dyn MetricSink>);
}

mod fan_out {
    use super::*;

    fn fan_out() -> Arc<dyn MetricSink> {
        let sinks: [Arc<dyn MetricSink>; 2] = [Arc::new(NullSink), Arc::new(PrometheusSink::new())];
        Arc::new(FanOut::new(sinks))
    }

    netring_core::metric_sink_conformance!(fan_out);
}

mod fan_out_to_nobody {
    use super::*;

    netring_core::metric_sink_conformance!(|| Arc::new(FanOut::default()) as Arc<dyn MetricSink>);
}
