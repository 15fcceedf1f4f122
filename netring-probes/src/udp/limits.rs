use super::lru::LruTable;
use std::{
    net::{IpAddr, Ipv6Addr},
    num::{NonZeroU32, NonZeroUsize},
    time::{Duration, Instant},
};

/// How much may be asked of an echo: a token bucket for each address, and one for all of them, since a sender's address
/// can be forged.
#[derive(Debug)]
pub(super) struct Limits {
    each: Rate,
    all: Rate,
    buckets: LruTable<IpAddr, Bucket>,
    /// The bucket of all addresses, once somebody asked.
    overall: Option<Bucket>,
}

/// How fast a bucket fills, and how much is in it at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    pub(super) per_second: NonZeroU32,
    pub(super) burst: NonZeroU32,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Limits {
    /// `each` for each of the last `addresses` that asked, and `all` for all together.
    pub(super) fn new(each: Rate, all: Rate, addresses: NonZeroUsize) -> Self {
        Self { each, all, buckets: LruTable::new(addresses), overall: None }
    }

    /// Whether `ip` may ask once more.
    pub(super) fn allow(&mut self, ip: IpAddr, now: Instant) -> bool {
        let (each, all) = (self.each, self.all);
        // Its own bucket first: whoever has used up that does not use up the one of all.
        self.buckets.entry(network(ip), || Bucket::full(each, now)).take(each, now)
            && self.overall.get_or_insert_with(|| Bucket::full(all, now)).take(all, now)
    }
}

impl Bucket {
    fn full(rate: Rate, now: Instant) -> Self {
        Self { tokens: f64::from(rate.burst.get()), filled: now }
    }

    /// Takes a token, if there is one.
    fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let elapsed: Duration = now.saturating_duration_since(self.filled);
        let filled = self.tokens + elapsed.as_secs_f64() * f64::from(rate.per_second.get());
        self.tokens = filled.min(f64::from(rate.burst.get()));
        self.filled = now;
        let allowed = self.tokens >= 1.0;
        if allowed {
            self.tokens -= 1.0;
        }
        allowed
    }
}

/// What counts as one address: an IPv4 address, or the /64 that an IPv6 host can move about in at will.
pub(super) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_second: u32, burst: u32) -> Rate {
        Rate { per_second: NonZeroU32::new(per_second).unwrap(), burst: NonZeroU32::new(burst).unwrap() }
    }

    fn limits(per_second: u32, burst: u32, addresses: usize) -> Limits {
        Limits::new(rate(per_second, burst), rate(50_000, 50_000), NonZeroUsize::new(addresses).unwrap())
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
    fn all_addresses_together_have_a_rate() {
        let mut limits = Limits::new(rate(10, 5), rate(20, 8), NonZeroUsize::new(9).unwrap());
        let start = Instant::now();
        for (millis, ip, packets) in [
            (0, "192.0.2.1", 5),
            (0, "192.0.2.2", 3),
            (0, "2001:db8::1", 0),
            (100, "192.0.2.3", 2),
            (60_000, "192.0.2.4", 5),
            (60_000, "192.0.2.5", 3),
        ] {
            let now = start + Duration::from_millis(millis);
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
