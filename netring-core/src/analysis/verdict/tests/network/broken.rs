//! What can be broken, and for whom.

use super::{Net, router};
use std::net::IpAddr;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Break {
    Down(&'static str),
    /// Neither way, but it reports.
    CutOff(&'static str),
    Inbound(&'static str),
    Outbound(&'static str),
    DownLocation(&'static str),
    CutLocation(&'static str),
    IntoLocation(&'static str),
    OutOfLocation(&'static str),
    Between(&'static str, &'static str),
    /// Between these locations and all others.
    Across(&'static [&'static str]),
    Way(&'static str, &'static str),
    Pair(&'static str, &'static str),
    PairWay(&'static str, &'static str),
    Http(&'static str),
    HttpFrom(&'static str),
    HttpWay(&'static str, &'static str),
    HttpPair(&'static str, &'static str),
    HttpAll,
    SlowMember(&'static str),
    SlowBetween(&'static str, &'static str),
    SlowPair(&'static str, &'static str),
    SlowLocation(&'static str),
    SlowRouter(u8),
    SlowLink(u8, u8),
    LossWay(&'static str, &'static str),
    LossInto(&'static str),
    /// Loss of which nobody knows the way.
    LossBetween(&'static str, &'static str),
    /// The same.
    LossLocation(&'static str),
    LossIntoLocation(&'static str),
    LossOutOfLocation(&'static str),
    LossRouter(u8),
    LossLink(u8, u8),
    /// Alive, and says nothing.
    Mute(&'static str),
    /// Alive, and nothing that it says gets to the registry.
    MuteLocation(&'static str),
    /// Alive, and its reports come, but not its heartbeats.
    Late(&'static str),
    Gone(&'static str),
    /// Late with half of its own probes: nothing rests on what it says.
    Overloaded(&'static str),
    Router(u8),
    Link(u8, u8),
}

impl Net {
    pub(super) fn is(&self, round: usize, test: impl Fn(Break) -> bool) -> bool {
        self.breaks.iter().any(|(rounds, what)| rounds.contains(&round) && test(*what))
    }

    pub(super) fn down(&self, round: usize, seat: usize) -> bool {
        let (id, location) = &self.members[seat];
        self.is(round, |what| match what {
            Break::DownLocation(l) => l == location,
            Break::Down(m) | Break::Gone(m) => m == id,
            _ => false,
        })
    }

    pub(super) fn packet_lost(&self, round: usize, source: usize, target: usize) -> bool {
        let ((s, a), (t, b)) = (&self.members[source], &self.members[target]);
        let outside = a != b;
        let path = self.path(source, target).unwrap_or_default();
        self.is(round, |what| match what {
            Break::CutOff(m) => m == s || m == t,
            Break::Inbound(m) => m == t,
            Break::Outbound(m) => m == s,
            Break::CutLocation(l) => outside && (l == a || l == b),
            Break::IntoLocation(l) => outside && l == b,
            Break::OutOfLocation(l) => outside && l == a,
            Break::Between(x, y) => (x == a && y == b) || (x == b && y == a),
            Break::Across(side) => side.contains(&a.as_str()) != side.contains(&b.as_str()),
            Break::Way(x, y) => x == a && y == b,
            Break::Pair(x, y) => (x == s && y == t) || (x == t && y == s),
            Break::PairWay(x, y) => x == s && y == t,
            Break::Router(n) => path.contains(&router(n)),
            Break::Link(x, y) => goes_over(&path, x, y),
            _ => false,
        })
    }

    pub(super) fn http_fails(&self, round: usize, source: usize, target: usize) -> bool {
        let ((s, a), (t, b)) = (&self.members[source], &self.members[target]);
        self.is(round, |what| match what {
            Break::Http(m) => m == t,
            Break::HttpFrom(m) => m == s,
            Break::HttpWay(x, y) => x == a && y == b,
            Break::HttpPair(x, y) => x == s && y == t,
            Break::HttpAll => true,
            _ => false,
        })
    }

    pub(super) fn slow(&self, round: usize, source: usize, target: usize) -> bool {
        let ((s, a), (t, b)) = (&self.members[source], &self.members[target]);
        let path = self.path(source, target).unwrap_or_default();
        self.is(round, |what| match what {
            Break::SlowMember(m) => m == s || m == t,
            Break::SlowBetween(x, y) => (x == a && y == b) || (x == b && y == a),
            Break::SlowPair(x, y) => (x == s && y == t) || (x == t && y == s),
            Break::SlowLocation(l) => a != b && (l == a || l == b),
            Break::SlowRouter(n) => path.contains(&router(n)),
            Break::SlowLink(x, y) => goes_over(&path, x, y),
            _ => false,
        })
    }

    pub(super) fn lossy(&self, round: usize, source: usize, target: usize) -> bool {
        let ((_, a), (t, b)) = (&self.members[source], &self.members[target]);
        let path = self.path(source, target).unwrap_or_default();
        self.is(round, |what| match what {
            Break::LossWay(x, y) => x == a && y == b,
            Break::LossInto(m) => m == t,
            Break::LossIntoLocation(l) => a != b && l == b,
            Break::LossOutOfLocation(l) => a != b && l == a,
            Break::LossRouter(n) => path.contains(&router(n)),
            Break::LossLink(x, y) => goes_over(&path, x, y),
            _ => false,
        })
    }

    pub(super) fn lossy_somewhere(&self, round: usize, source: usize, target: usize) -> bool {
        let (a, b) = (&self.members[source].1, &self.members[target].1);
        self.is(round, |what| match what {
            Break::LossBetween(x, y) => (x == a && y == b) || (x == b && y == a),
            Break::LossLocation(l) => a != b && (l == a || l == b),
            _ => false,
        })
    }

    pub(super) fn directed_loss(&self) -> bool {
        !self.breaks.iter().any(|(_, what)| matches!(what, Break::LossBetween(..) | Break::LossLocation(_)))
    }
}

fn goes_over(path: &[IpAddr], x: u8, y: u8) -> bool {
    path.windows(2).any(|hops| hops == [router(x), router(y)] || hops == [router(y), router(x)])
}
