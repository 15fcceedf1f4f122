use super::lru::LruTable;
use std::{
    net::{IpAddr, Ipv6Addr},
    num::{NonZeroU32, NonZeroUsize},
    time::{Duration, Instant},
};

/// How much one address may ask of an echo: a token bucket for each.
#[derive(Debug)]
pub(super) struct Limits {
    per_second: NonZeroU32,
    burst: NonZeroU32,
    buckets: LruTable<IpAddr, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Limits {
    /// `per_second` packets from each address, `burst` of them at once, for the last `addresses` that asked.
    pub(super) fn new(per_second: NonZeroU32, burst: NonZeroU32, addresses: NonZeroUsize) -> Self {
        Self { per_second, burst, buckets: LruTable::new(addresses) }
    }

    /// Whether `ip` may ask once more.
    pub(super) fn allow(&mut self, ip: IpAddr, now: Instant) -> bool {
        let most = f64::from(self.burst.get());
        let bucket = self.buckets.entry(network(ip), || Bucket { tokens: most, filled: now });
        let elapsed: Duration = now.saturating_duration_since(bucket.filled);
        bucket.tokens = most.min(bucket.tokens + elapsed.as_secs_f64() * f64::from(self.per_second.get()));
        bucket.filled = now;
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        allowed
    }
}

/// What counts as one address: an IPv4 address, or the /64 that an IPv6 host can move about in at will.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_second: u32, burst: u32, addresses: usize) -> Limits {
        Limits::new(
            NonZeroU32::new(per_second).unwrap(),
            NonZeroU32::new(burst).unwrap(),
            NonZeroUsize::new(addresses).unwrap(),
        )
    }

    fn allowed(limits: &mut Limits, ip: &str, now: Instant) -> usize {
        let ip = ip.parse().unwrap();
        (0..100).take_while(|_| limits.allow(ip, now)).count()
    }

    #[test]
    fn an_address_has_a_burst_and_then_a_rate() {
        let (mut limits, start) = (limits(10, 5, 9), Instant::now());
        for (millis, packets) in [(0, 5), (0, 0), (99, 0), (200, 2), (300, 1), (60_000, 5)] {
            let now = start + Duration::from_millis(millis);
            assert_eq!(allowed(&mut limits, "192.0.2.1", now), packets, "{millis} ms");
        }
    }

    #[test]
    fn addresses_are_apart_and_networks_of_ipv6_are_one() {
        let (mut limits, now) = (limits(10, 5, 9), Instant::now());
        for (ip, packets) in [
            ("192.0.2.1", 5),
            ("192.0.2.2", 5),
            ("::ffff:192.0.2.2", 0),
            ("2001:db8::1", 5),
            ("2001:db8::ffff:0:0:1", 0),
            ("2001:db8:0:1::1", 5),
        ] {
            assert_eq!(allowed(&mut limits, ip, now), packets, "{ip}");
        }
    }

    #[test]
    fn the_address_that_asked_least_recently_is_forgotten() {
        let (mut limits, now) = (limits(10, 5, 2), Instant::now());
        for (ip, packets) in [("192.0.2.1", 5), ("192.0.2.2", 5), ("192.0.2.1", 0), ("192.0.2.3", 5), ("192.0.2.1", 0)]
        {
            assert_eq!(allowed(&mut limits, ip, now), packets, "{ip}");
        }
        assert_eq!(allowed(&mut limits, "192.0.2.2", now), 5, "it was forgotten, and begins anew");
    }
}
