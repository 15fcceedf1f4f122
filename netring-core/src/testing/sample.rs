//! Values to test with.

use crate::model::{
    AdvertisedAddress, Host, InstanceId, Location, MemberReport, Outcome, ProbeKind, ProbeReport, Registration, Target,
    Timestamp,
};
use std::time::Duration;

/// A time to start from.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// The id `id`.
///
/// # Panics
/// Where it is none.
#[must_use]
pub fn id(id: &str) -> InstanceId {
    InstanceId::new(id).expect("a valid id")
}

/// A registration of the member `id`.
///
/// # Panics
/// Where `id` is none.
#[must_use]
pub fn registration(instance_id: &str) -> Registration {
    Registration {
        instance_id: id(instance_id),
        location: Location::new("eu1").expect("a valid location"),
        address: AdvertisedAddress::new([10, 1, 2, 3].into(), 8757).expect("a valid address"),
        heartbeat_interval: Some(Duration::from_secs(45)),
    }
}

/// A result of a TCP probe of the member `target`.
///
/// # Panics
/// Where `target` is no id.
#[must_use]
pub fn result(target: &str, outcome: Outcome) -> ProbeReport {
    ProbeReport {
        target: Target {
            instance_id: id(target),
            location: Location::new("eu1").expect("a valid location"),
            host: Host::Ip([10, 1, 2, 3].into()),
            port: 8757,
        },
        ip: Some([10, 1, 2, 3].into()),
        kind: ProbeKind::TCP,
        endpoint: None,
        started_at: NOW,
        duration: Duration::from_millis(1),
        outcome,
        measurement: None,
        lateness: Duration::ZERO,
        tainted: false,
        interval: None,
    }
}

/// A report of the member `source`.
///
/// # Panics
/// Where `source` is no id.
#[must_use]
pub fn report(source: &str, results: Vec<ProbeReport>) -> MemberReport {
    MemberReport {
        instance_id: id(source),
        location: Location::new("eu1").expect("a valid location"),
        sent_at: NOW,
        check_interval: Duration::from_secs(60),
        results,
    }
}
