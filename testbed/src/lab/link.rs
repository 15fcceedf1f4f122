use super::{Counts, Holds, Host, LinkSpec, Loss, command, direction::Direction, wire::Wire};
use crate::tun::Tun;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex},
    time::Duration,
};

/// The addresses of a host at one of its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// Its IPv4 address.
    pub v4: Ipv4Addr,
    /// Its IPv6 address.
    pub v6: Ipv6Addr,
}

impl Addresses {
    /// Of link `index`, at the end `end` (1 or 2).
    fn new(index: u16, end: u8) -> Self {
        let [high, low] = index.to_be_bytes();
        // 10.0.0.0/16 is left to whatever else a test adds.
        Self {
            v4: Ipv4Addr::new(10, high + 1, low, end),
            v6: Ipv6Addr::new(0xfd00, 0x1ab, 0, index, 0, 0, 0, u16::from(end)),
        }
    }

    /// Both.
    #[must_use]
    pub fn all(self) -> [IpAddr; 2] {
        [self.v4.into(), self.v6.into()]
    }
}

/// The length of the prefix of every IPv4 address.
pub(super) const PREFIX_V4: u8 = 30;
/// The length of the prefix of every IPv6 address.
pub(super) const PREFIX_V6: u8 = 64;

/// A cable between two hosts. Where it has a delay, loss or a program was asked for, it can be changed while it is in use.
#[derive(Debug, Clone)]
pub struct Link {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    device: String,
    ends: [End; 2],
    /// Towards the second end, and towards the first; none where the link is a pair of veth devices.
    wires: Option<[Way; 2]>,
}

#[derive(Debug)]
struct End {
    host: Host,
    addresses: Addresses,
}

#[derive(Debug)]
struct Way {
    direction: Arc<Mutex<Direction>>,
    wire: Wire,
}

impl Link {
    pub(super) fn lay(index: u16, hosts: [&Host; 2], spec: &LinkSpec) -> Self {
        let device = format!("link{index}");
        let ends = [1, 2].map(|end| Addresses::new(index, end));
        let wires = if spec.is_plain() {
            lay_veth(&device, hosts, ends, spec);
            None
        } else {
            Some(lay_tun(&device, hosts, ends, spec))
        };
        let [a, b] = hosts.map(Host::clone);
        let [first, second] = ends;
        let ends = [End { host: a, addresses: first }, End { host: b, addresses: second }];
        Self { inner: Arc::new(Inner { device, ends, wires }) }
    }

    /// The name of its device in both hosts.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.inner.device
    }

    /// The addresses of `host` at this link.
    ///
    /// # Panics
    /// Where the link does not end at `host`.
    #[must_use]
    pub fn addresses(&self, host: &Host) -> Addresses {
        let end = self.inner.ends.iter().find(|end| end.host.index() == host.index());
        end.unwrap_or_else(|| panic!("{} does not end at {host:?}", self.device())).addresses
    }

    /// Which packets are dropped from now on, in either direction.
    ///
    /// # Panics
    /// As every change: where the link is a plain one. Ask for [`LinkSpec::by_program`].
    pub fn set_loss(&self, loss: &Loss) {
        self.each(|direction| direction.set_loss(loss.clone()));
    }

    /// Which packets are dropped from now on, of those that go towards `host`.
    ///
    /// # Panics
    /// Where the link is a plain one, or does not end at `host`.
    pub fn set_loss_towards(&self, host: &Host, loss: Loss) {
        self.towards(host, |direction| direction.set_loss(loss));
    }

    /// How long the packets that come from now on take one way, in either direction.
    ///
    /// # Panics
    /// Where the link is a plain one.
    pub fn set_delay(&self, delay: Duration) {
        self.each(|direction| direction.set_delay(delay));
    }

    /// How long the packets that come from now on take towards `host`.
    ///
    /// # Panics
    /// Where the link is a plain one, or does not end at `host`.
    pub fn set_delay_towards(&self, host: &Host, delay: Duration) {
        self.towards(host, |direction| direction.set_delay(delay));
    }

    /// Cuts the link: what comes from now on is lost, and nobody is told. What is on its way arrives.
    ///
    /// # Panics
    /// Where the link is a plain one.
    pub fn set_down(&self) {
        self.each(|direction| direction.set_down(true));
    }

    /// Mends it.
    ///
    /// # Panics
    /// Where the link is a plain one.
    pub fn set_up(&self) {
        self.each(|direction| direction.set_down(false));
    }

    /// What has become of the packets towards `host`.
    ///
    /// # Panics
    /// Where the link is a plain one, or does not end at `host`.
    #[must_use]
    pub fn counts_towards(&self, host: &Host) -> Counts {
        self.towards(host, |direction| direction.counts)
    }

    /// How long the packets towards `host` have really been held.
    ///
    /// # Panics
    /// Where the link is a plain one, or does not end at `host`.
    #[must_use]
    pub fn holds_towards(&self, host: &Host) -> Holds {
        self.towards(host, |direction| direction.holds.clone())
    }

    /// Forgets what was counted and how long packets were held, in both directions.
    ///
    /// # Panics
    /// Where the link is a plain one.
    pub fn forget(&self) {
        self.each(|direction| {
            direction.counts = Counts::default();
            direction.holds = Holds::default();
        });
    }

    /// The two hosts, each with its addresses.
    pub(super) fn ends(&self) -> [(&Host, Addresses); 2] {
        self.inner.ends.each_ref().map(|end| (&end.host, end.addresses))
    }

    pub(super) fn stop(&self) {
        for way in self.inner.wires.iter().flatten() {
            way.wire.stop();
        }
    }

    fn ways(&self) -> &[Way; 2] {
        let device = self.device();
        self.inner.wires.as_ref().unwrap_or_else(|| {
            panic!(
                "{device} is a pair of veth devices and cannot be changed nor counted: set `by_program` in its LinkSpec"
            )
        })
    }

    fn each(&self, mut change: impl FnMut(&mut Direction)) {
        for way in self.ways() {
            change(&mut way.direction.lock().expect("no holder panics"));
        }
    }

    fn towards<T>(&self, host: &Host, change: impl FnOnce(&mut Direction) -> T) -> T {
        let [to_second, to_first] = self.ways();
        let [first, second] = &self.inner.ends;
        let way = if second.host.index() == host.index() { to_second } else { to_first };
        assert!(
            [first, second].iter().any(|end| end.host.index() == host.index()),
            "{self:?} does not end at {host:?}"
        );
        change(&mut way.direction.lock().expect("no holder panics"))
    }
}

/// A pair of veth devices, with a token bucket at each end where there is a rate.
fn lay_veth(device: &str, hosts: [&Host; 2], ends: [Addresses; 2], spec: &LinkSpec) {
    let [first, second] = hosts;
    let add = format!("ip link add name {device} type veth peer name {device} netns {}", second.thread_id());
    first.call(move || command::run(&add));
    for (host, addresses) in hosts.into_iter().zip(ends) {
        let mut lines = format!("link set dev {device} mtu {}\n", spec.mtu);
        for (address, prefix) in prefixed(addresses) {
            let nodad = if address.is_ipv6() { " nodad" } else { "" };
            lines += &format!("address add {address}/{prefix} dev {device}{nodad}\n");
        }
        lines += &format!("link set dev {device} up\n");
        // Two milliseconds of the rate go at once, so that a timer that is late costs none of it.
        let bucket = |rate: u64| (rate / 8 / 500).max(3 * u64::from(spec.mtu));
        let limit = spec.rate.map(|rate| {
            format!(
                "tc qdisc replace dev {device} root tbf rate {rate}bit burst {}b limit {}b",
                bucket(rate),
                spec.queue_of(rate) + bucket(rate)
            )
        });
        host.call(move || {
            command::ip_batch(&lines);
            limit.iter().for_each(|limit| command::run(limit));
        });
    }
}

/// A TUN device at each end, and a program between them.
fn lay_tun(device: &str, hosts: [&Host; 2], ends: [Addresses; 2], spec: &LinkSpec) -> [Way; 2] {
    let [first, second] = [0, 1].map(|end: usize| {
        let (host, addresses) = (hosts[end], ends[end]);
        let (device, mtu) = (device.to_owned(), spec.mtu);
        host.call(move || {
            let tun = Tun::open(&device).unwrap_or_else(|error| panic!("{error}"));
            command::run(&format!("ip link set dev {device} mtu {mtu}"));
            tun.up(&prefixed(addresses)).unwrap_or_else(|error| panic!("{error}"));
            Arc::new(tun)
        })
    });
    let way = |from: &Arc<Tun>, to: &Arc<Tun>, seed, name: &str| {
        let direction = Arc::new(Mutex::new(Direction::new(spec, seed)));
        let name = format!("{device} {name}");
        let wire = Wire::start(name, Arc::clone(from), Arc::clone(to), spec.mtu, Arc::clone(&direction));
        Way { direction, wire }
    };
    // The two directions must not drop the same packets.
    [way(&first, &second, spec.seed, "there"), way(&second, &first, spec.seed.wrapping_add(1 << 32), "back")]
}

fn prefixed(addresses: Addresses) -> [(IpAddr, u8); 2] {
    [(addresses.v4.into(), PREFIX_V4), (addresses.v6.into(), PREFIX_V6)]
}
