//! What stands in the hash of members: `1700000000000000 1700000000000000 {"location":"eu1","address":"10.1.2.3:8757"}`. That is
//! when the member registered and when it was last seen, in microseconds since 1970, and what it said of itself. When it was last
//! seen counts for deregistered members alone; for an active one it stands in the index.

use netring_core::{AdvertisedAddress, InstanceId, Location, Member, Registration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a member says of itself, but for its id.
/// A later release may write more; what is not known here is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Particulars {
    location: Location,
    address: AdvertisedAddress,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heartbeat_interval_seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    udp_echo: bool,
}

/// One member's record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    instance_id: InstanceId,
    location: Location,
    address: AdvertisedAddress,
    heartbeat_interval: Option<Duration>,
    udp_echo: bool,
    registered_at: Timestamp,
    last_seen: Timestamp,
}

/// How a member stands in the indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Active { last_seen: Timestamp },
    Deregistered { at: Timestamp },
}

/// `registration` as it is kept, but for the two times. The same particulars are the same text.
pub(crate) fn particulars(registration: &Registration) -> serde_json::Result<String> {
    serde_json::to_string(&Particulars {
        location: registration.location.clone(),
        address: registration.address,
        heartbeat_interval_seconds: registration.heartbeat_interval.map(|interval| interval.as_secs_f64()),
        udp_echo: registration.udp_echo,
    })
}

impl Record {
    /// Reads what is kept of the member `id`; `None` where nobody of netring wrote it.
    pub(crate) fn read(id: &[u8], value: &[u8]) -> Option<Self> {
        let instance_id = InstanceId::new(std::str::from_utf8(id).ok()?).ok()?;
        let mut parts = std::str::from_utf8(value).ok()?.splitn(3, ' ');
        let registered_at = time(parts.next()?)?;
        let last_seen = time(parts.next()?)?;
        let Particulars { location, address, heartbeat_interval_seconds, udp_echo } =
            serde_json::from_str(parts.next()?).ok()?;
        let heartbeat_interval = match heartbeat_interval_seconds {
            Some(seconds) => Some(Duration::try_from_secs_f64(seconds).ok()?),
            None => None,
        };
        Some(Self { instance_id, location, address, heartbeat_interval, udp_echo, registered_at, last_seen })
    }

    pub(crate) fn instance_id(&self) -> &InstanceId {
        &self.instance_id
    }

    pub(crate) fn member(&self, standing: Standing) -> Member {
        let (last_seen, deregistered_at) = match standing {
            Standing::Active { last_seen } => (last_seen, None),
            Standing::Deregistered { at } => (self.last_seen, Some(at)),
        };
        Member {
            instance_id: self.instance_id.clone(),
            location: self.location.clone(),
            address: self.address,
            heartbeat_interval: self.heartbeat_interval,
            udp_echo: self.udp_echo,
            registered_at: self.registered_at,
            last_seen,
            deregistered_at,
        }
    }
}

/// A time as Redis gives it: microseconds, also where it writes a large number with an exponent.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    /// The end of the year 2255: up to here a floating-point number has every microsecond.
    const LAST: f64 = 9_007_199_254_740_992.0;
    let micros = text.parse::<f64>().ok().filter(|micros| (0.0..=LAST).contains(micros))?;
    Some(Timestamp::from_unix_micros(micros as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration() -> Registration {
        Registration {
            instance_id: InstanceId::new("a").unwrap(),
            location: Location::new("eu1 \"Frankfurt\"").unwrap(),
            address: AdvertisedAddress::new("2001:db8::1".parse().unwrap(), 8757).unwrap(),
            heartbeat_interval: Some(Duration::from_millis(1_500)),
            udp_echo: true,
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was() {
        let registration = registration();
        let value = format!("1700000000000001 1700000000000002 {}", particulars(&registration).unwrap());
        let record = Record::read(b"a", value.as_bytes()).unwrap();
        let last_seen = Timestamp::from_unix_micros(1_700_000_000_000_003);
        let member = record.member(Standing::Active { last_seen });
        assert_eq!((&member.location, member.address), (&registration.location, registration.address));
        assert_eq!(member.heartbeat_interval, registration.heartbeat_interval);
        assert_eq!((member.registered_at.as_unix_micros(), member.last_seen), (1_700_000_000_000_001, last_seen));
        let left = record.member(Standing::Deregistered { at: last_seen });
        assert_eq!((left.last_seen.as_unix_micros(), left.deregistered_at), (1_700_000_000_000_002, Some(last_seen)));
    }

    #[test]
    fn what_somebody_else_wrote_is_no_record() {
        let good = particulars(&registration()).unwrap();
        for (id, value) in [
            ("a", String::new()),
            ("a", "hello".to_owned()),
            ("a", good.clone()),
            ("a", format!("1 {good}")),
            ("a", format!("-1 1 {good}")),
            ("a", format!("1 nan {good}")),
            ("a", "1 1 {}".to_owned()),
            ("a", format!("1 1 {good}x")),
            ("a", r#"1 1 {"location":"eu1","address":"0.0.0.0:8757"}"#.to_owned()),
            ("a", r#"1 1 {"location":"eu1","address":"10.0.0.1:8757","heartbeat_interval_seconds":-1}"#.to_owned()),
            ("", format!("1 1 {good}")),
            ("a\nb", format!("1 1 {good}")),
        ] {
            assert!(Record::read(id.as_bytes(), value.as_bytes()).is_none(), "{id:?}: {value}");
        }
        let later = r#"1 1 {"location":"eu1","address":"10.0.0.1:8757","more":1}"#;
        assert!(Record::read(b"a", later.as_bytes()).is_some(), "a later release may write more");
        assert!(Record::read(b"\xff", format!("1 1 {good}").as_bytes()).is_none());
        assert!(Record::read(b"a", b"1 1 \xff").is_none());
    }

    #[test]
    fn times_are_read_in_every_way_that_redis_writes_them() {
        for (text, micros) in [
            ("0", Some(0)),
            ("1700000000000001", Some(1_700_000_000_000_001)),
            ("1.7e+15", Some(1_700_000_000_000_000)),
            ("-1", None),
            ("inf", None),
            ("nan", None),
            ("9100000000000000", None),
            ("", None),
        ] {
            assert_eq!(time(text).map(Timestamp::as_unix_micros), micros, "{text}");
        }
    }
}
