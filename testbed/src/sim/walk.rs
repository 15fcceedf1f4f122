//! The way of one packet through the network.

use super::{
    Fate, Reply,
    answer::{self, IcmpError},
    counters::Counters,
    network::{Destination, Element, Router, TargetHost, TcpAnswer, UdpAnswer},
    packet::{ICMP, ICMP_V6, Packet, TCP, UDP},
};
use std::{
    net::IpAddr,
    ops::ControlFlow::{self, Break, Continue},
    time::{Duration, Instant},
};

/// Where a packet is on its way.
pub(super) struct Walk<'a> {
    packet: &'a Packet<'a>,
    counters: &'a mut Counters,
    now: Instant,
    ttl: u8,
    /// One way, so far.
    delay: Duration,
    pub(super) routers: Vec<IpAddr>,
}

/// How a way ended, and what is sent back.
pub(super) struct End {
    pub(super) fate: Fate,
    pub(super) replies: Vec<Reply>,
    pub(super) answered_by: Option<IpAddr>,
}

impl End {
    fn quiet(fate: Fate) -> Self {
        Self { fate, replies: Vec::new(), answered_by: None }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(packet: &'a Packet<'a>, counters: &'a mut Counters, now: Instant) -> Self {
        Self { packet, counters, now, ttl: packet.ttl, delay: Duration::ZERO, routers: Vec::new() }
    }

    pub(super) fn to(&mut self, destination: &Destination, phase: Option<&str>) -> End {
        match self.along(destination.path_in(phase)) {
            Break(end) => end,
            Continue(()) => self.target(&destination.target),
        }
    }

    fn along(&mut self, path: &[Element]) -> ControlFlow<End> {
        path.iter().try_for_each(|element| match element {
            Element::Router(router) => self.router(router),
            Element::Balanced(balanced) => {
                let way = self.counters.way(balanced, self.packet);
                balanced.paths.get(way).map_or(Continue(()), |path| self.along(path))
            }
            // It ends: each round passes a router, which takes one off the time to live.
            Element::Loop(inside) => loop {
                self.along(inside)?;
            },
        })
    }

    fn router(&mut self, router: &Router) -> ControlFlow<End> {
        self.delay += router.delay;
        self.routers.push(router.address);
        if self.packet.has_corrupt_header() {
            return Break(End::quiet(Fate::Corrupt));
        }
        if self.counters.drops(router.address, router.drops.as_ref()) {
            return Break(End::quiet(Fate::Dropped));
        }
        let (error, fate) = match router.unreachable {
            Some(unreachable) => (unreachable, Fate::Unreachable),
            None if self.ttl > 1 => {
                self.ttl -= 1;
                return Continue(());
            }
            None if self.packet.source.is_ipv4() => (answer::TIME_EXCEEDED, Fate::TimeExceeded),
            None => (answer::TIME_EXCEEDED_V6, Fate::TimeExceeded),
        };
        if router.silent || self.packet.allows_no_error() {
            return Break(End::quiet(Fate::Silent));
        }
        if !self.counters.allows(router.address, router.limit, self.now) {
            return Break(End::quiet(Fate::Limited));
        }
        let error = IcmpError {
            source: router.answers_as(),
            // The routers before it take their part on the way back.
            ttl: self.arriving(router.ttl, self.routers.len() - 1),
            error,
            quoted_ttl: self.ttl,
            quote: router.quote,
            mpls: router.mpls.as_ref(),
        };
        let after = self.delay * 2 + router.answer_delay;
        let replies = error.about(self.packet).map(|packet| Reply { after, packet });
        let answered_by = replies.as_ref().map(|_| router.answers_as());
        Break(End { fate, replies: replies.into_iter().collect(), answered_by })
    }

    fn target(&mut self, target: &TargetHost) -> End {
        self.delay += target.delay;
        if self.packet.has_corrupt_header() || self.packet.has_corrupt_payload() {
            return End::quiet(Fate::Corrupt);
        }
        if self.counters.drops(target.address, target.drops.as_ref()) {
            return End::quiet(Fate::Dropped);
        }
        let unreachable = self.packet.protocol == UDP && target.udp == UdpAnswer::Unreachable;
        if unreachable && !self.counters.allows(target.address, target.limit, self.now) {
            return End::quiet(Fate::Limited);
        }
        let Some(packet) = self.answer_of(target) else { return End::quiet(Fate::Ignored) };
        let number = self.counters.answer(target.address);
        let holds =
            |pattern: Option<&_>| pattern.is_some_and(|pattern: &super::network::Pattern| pattern.holds(number));
        let late = if holds(target.delays.as_ref()) { target.lateness } else { Duration::ZERO };
        let reply = Reply { after: self.delay * 2 + late, packet };
        let replies = if holds(target.repeats.as_ref()) { vec![reply.clone(), reply] } else { vec![reply] };
        End { fate: Fate::Answered, replies, answered_by: Some(target.address) }
    }

    fn answer_of(&self, target: &TargetHost) -> Option<Vec<u8>> {
        let packet = self.packet;
        if packet.fragment {
            // It would wait for the rest.
            return None;
        }
        let ttl = self.arriving(target.ttl, self.routers.len());
        match packet.protocol {
            ICMP | ICMP_V6 if target.icmp && packet.is_echo_request() => answer::echo_reply(packet, ttl),
            TCP if target.tcp != TcpAnswer::Silent => answer::tcp(packet, ttl, target.tcp == TcpAnswer::SynAck),
            UDP if target.udp == UdpAnswer::Echo => answer::udp_echo(packet, ttl),
            UDP if target.udp == UdpAnswer::Unreachable => {
                let v4 = packet.source.is_ipv4();
                let error = if v4 { answer::PORT_UNREACHABLE } else { answer::PORT_UNREACHABLE_V6 };
                let source = target.address;
                IcmpError { source, ttl, error, quoted_ttl: self.ttl, quote: target.quote, mpls: None }.about(packet)
            }
            _ => None,
        }
    }

    /// What is left of the time to live of an answer after so many routers.
    fn arriving(&self, ttl: u8, routers: usize) -> u8 {
        // A way of more routers would leave nothing of the answer; what tests want there is an answer.
        ttl.saturating_sub(u8::try_from(routers).unwrap_or(u8::MAX)).max(1)
    }
}
