use crate::model::{Endpoint, InstanceId, ProbeKind};
use std::{fmt::Debug, time::Duration};

/// Knows what the checks of a ring measured in the last hour.
pub trait LastHour: Debug + Send + Sync {
    /// The median and the 95th percentile of the round-trip times that a check measured in the last hour; none where none are
    /// known.
    fn round_trip_times(
        &self,
        source: &InstanceId,
        target: &InstanceId,
        kind: &ProbeKind,
        endpoint: Option<&Endpoint>,
    ) -> Option<[Duration; 2]>;
}

/// Knows nothing.
impl LastHour for () {
    fn round_trip_times(
        &self,
        _: &InstanceId,
        _: &InstanceId,
        _: &ProbeKind,
        _: Option<&Endpoint>,
    ) -> Option<[Duration; 2]> {
        None
    }
}
