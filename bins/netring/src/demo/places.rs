//! Who is in the ring of the demonstration, where, and behind which line.

use super::relay::Conditions;
use netring_core::{
    Location,
    analysis::{Criticality, ExpectedLocation, ExpectedMembers, ExpectedSettings},
    model::InvalidValue,
};
use std::time::Duration;

/// Who crashes, leaves and comes back.
pub(crate) const COMES_AND_GOES: &str = "asia1-a";
/// Who cannot be reached now and then.
pub(crate) const FLAPS: &str = "us1-b";
/// The location that is far away.
pub(crate) const FAR: &str = "sa1";

/// How the line to `sa1` usually is.
pub(crate) const FAR_LINE: Conditions = Conditions {
    delay: Duration::from_millis(60),
    jitter: Duration::from_millis(3),
    loss: 0.01,
    bits_per_second: Some(50e6),
};
/// How it is while it is worse. What is lost is what opens a fault: a pair is slow once more than half of its checks are, and
/// the time to connect does not show the delay.
pub(crate) const WORSE_LINE: Conditions = Conditions {
    delay: Duration::from_millis(200),
    jitter: Duration::from_millis(10),
    loss: 0.3,
    bits_per_second: Some(10e6),
};
/// A line that changes nothing, and can be cut.
const NEAR_LINE: Conditions =
    Conditions { delay: Duration::ZERO, jitter: Duration::ZERO, loss: 0.0, bits_per_second: None };

/// A member of the ring.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) id: &'static str,
    pub(crate) location: &'static str,
    /// What stands between it and all others.
    pub(crate) line: Option<Conditions>,
}

const fn place(id: &'static str, location: &'static str, line: Option<Conditions>) -> Place {
    Place { id, location, line }
}

/// All members, in the order of their ports.
pub(crate) const PLACES: [Place; 7] = [
    place("eu1-a", "eu1", None),
    place("eu1-b", "eu1", None),
    place("us1-a", "us1", None),
    place(FLAPS, "us1", Some(NEAR_LINE)),
    place(COMES_AND_GOES, "asia1", None),
    place("sa1-a", FAR, Some(FAR_LINE)),
    place("sa1-b", FAR, Some(FAR_LINE)),
];

/// How many members should be where: one more in `sa1` than there ever is. Whoever is away for `grace` is missing.
pub(crate) fn expected(check_interval: Duration, grace: Duration) -> Result<ExpectedMembers, InvalidValue> {
    let locations = [
        ("eu1", 2, Criticality::High, "Europe"),
        ("us1", 2, Criticality::High, "North America"),
        ("asia1", 1, Criticality::Medium, "Asia; its member comes and goes"),
        (FAR, 3, Criticality::Low, "South America, far away; a third member is to come"),
    ];
    let locations = locations.map(|(location, expected_count, criticality, description)| {
        let description = description.to_owned();
        let expected = ExpectedLocation { expected_count, criticality, grace_period: grace, description };
        Ok((Location::new(location)?, expected))
    });
    Ok(ExpectedMembers {
        locations: locations.into_iter().collect::<Result<_, _>>()?,
        settings: ExpectedSettings { check_interval, ..ExpectedSettings::default() },
    })
}
