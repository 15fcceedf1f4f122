//! A network that breaks where it is told to, members that probe and report, and a registry that debounces what they say.

mod broken;
mod check;

pub(super) use broken::Break;

use crate::{
    analysis::{
        CheckEvidence, Count, Evidence, FaultBook, FaultChange, Finding, MadeCheck, PairEvidence, Sensitivity,
        Standing, Witness, judge,
    },
    model::{Endpoint, InstanceId, Location, MemberStatus, ProbeKind, Timestamp},
};
use check::Check;
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
    ops::Range,
    time::Duration,
};

/// Ticks in a round. Each pair is probed once a round, and each member reports once a round, at a tick of its own.
const TICKS: usize = 4;
const START: u64 = 1_700_000_000;

/// The routers between two locations.
pub(super) type Routes = fn(&str, &str) -> Vec<u8>;

#[derive(Debug, Clone)]
pub(super) struct Net {
    /// Ids are the location, a dash and a letter or number.
    pub(super) members: Vec<(String, String)>,
    pub(super) breaks: Vec<(Range<usize>, Break)>,
    pub(super) noise: f64,
    /// The part of all reports that does not arrive.
    pub(super) missing: f64,
    pub(super) routes: Option<Routes>,
    pub(super) http: bool,
    /// Who does not ask for it, nor is asked.
    pub(super) without_http: &'static [&'static str],
    pub(super) seed: u64,
    /// How long a round takes, in seconds.
    pub(super) interval: u64,
}

pub(super) fn router(number: u8) -> IpAddr {
    Ipv4Addr::new(10, 9, 0, number).into()
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    tcp: Check,
    http: Check,
    latency: Check,
    forward: Check,
    backward: Check,
    loss: Check,
    last_hop: Option<IpAddr>,
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) book: FaultBook,
    pub(super) changes: Vec<(f64, FaultChange)>,
}

pub(super) fn name(subject: &crate::analysis::Subject, symptom: crate::analysis::Symptom) -> String {
    format!("{} {subject} {symptom}", subject.scope())
}

impl Run {
    pub(super) fn open(&self) -> BTreeSet<String> {
        self.book.open().iter().map(|fault| name(&fault.subject, fault.symptom)).collect()
    }

    pub(super) fn ever(&self) -> BTreeSet<String> {
        let opened = |change: &(f64, FaultChange)| match &change.1 {
            FaultChange::Opened(fault) => Some(name(&fault.subject, fault.symptom)),
            FaultChange::Closed(_) => None,
        };
        self.changes.iter().filter_map(opened).collect()
    }

    /// Each change in a line.
    pub(super) fn told(&self) -> Vec<String> {
        let line = |(at, change): &(f64, FaultChange)| match change {
            FaultChange::Opened(fault) => format!("{at:.2} opened {}", name(&fault.subject, fault.symptom)),
            FaultChange::Closed(fault) => format!("{at:.2} closed {}", name(&fault.subject, fault.symptom)),
        };
        self.changes.iter().map(line).collect()
    }
}

impl Net {
    /// `shape`: how many members stand in each location.
    pub(super) fn new(shape: &[(&str, usize)]) -> Self {
        let member = |location: &str, i: usize| (format!("{location}-{}", i + 1), location.to_owned());
        let members = shape.iter().flat_map(|&(location, n)| (0..n).map(move |i| member(location, i))).collect();
        Self {
            members,
            breaks: vec![],
            noise: 0.0,
            missing: 0.0,
            routes: None,
            http: true,
            without_http: &[],
            seed: 7,
            interval: 1,
        }
    }

    pub(super) fn with(mut self, rounds: Range<usize>, what: Break) -> Self {
        self.breaks.push((rounds, what));
        self
    }

    pub(super) fn path(&self, source: usize, target: usize) -> Option<Vec<IpAddr>> {
        let routes = self.routes?;
        Some(routes(&self.members[source].1, &self.members[target].1).into_iter().map(router).collect())
    }

    fn makes_http(&self, source: usize, target: usize) -> bool {
        let asks = |seat: usize| !self.without_http.contains(&self.members[seat].0.as_str());
        self.http && asks(source) && asks(target)
    }

    pub(super) fn run(&self, rounds: usize) -> Run {
        self.run_with(rounds, |book| book)
    }

    /// After each round the book goes through `between`.
    pub(super) fn run_with(&self, rounds: usize, between: impl Fn(FaultBook) -> FaultBook) -> Run {
        let n = self.members.len();
        let sensitivity = Sensitivity::default();
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut own = vec![Known::default(); n * n];
        let mut told: Vec<Option<Known>> = vec![None; n * n];
        let mut reported = vec![None; n];
        let mut heard = vec![0usize; n];
        let mut book = FaultBook::default();
        let mut changes = Vec::new();
        for tick in 0..rounds * TICKS {
            let round = tick / TICKS;
            let at = Timestamp::from_unix_micros(START * 1_000_000 + tick as u64 * self.interval * 250_000);
            for source in (0..n).filter(|&seat| !self.down(round, seat)) {
                heard[source] = tick;
                for target in
                    (0..n).filter(|&target| target != source && (source * 7 + target * 3) % TICKS == tick % TICKS)
                {
                    // Each break says itself which ways it breaks: answers come back.
                    let lost = self.down(round, target) || self.packet_lost(round, source, target);
                    let known = &mut own[source * n + target];
                    known.tcp.add(lost || random.f64() < self.noise);
                    known.last_hop = None;
                    if lost && let Some(path) = self.path(source, target) {
                        // It answers up to where the break is: in the middle, where the path has one.
                        known.last_hop = path.get((path.len() - 1) / 2).copied();
                    }
                    if self.makes_http(source, target) {
                        known.http.add(lost || self.http_fails(round, source, target) || random.f64() < self.noise);
                    }
                    if !lost {
                        known.latency.add(self.slow(round, source, target) || random.f64() < self.noise);
                        if self.directed_loss() {
                            known.forward.add(self.lossy(round, source, target) || random.f64() < self.noise);
                            known.backward.add(self.lossy(round, target, source) || random.f64() < self.noise);
                        } else {
                            known.loss.add(self.lossy_somewhere(round, source, target));
                        }
                    }
                }
                let mute = self.is(round, |what| match what {
                    Break::Mute(m) => m == self.members[source].0,
                    Break::MuteLocation(l) => l == self.members[source].1,
                    _ => false,
                });
                if source % TICKS == tick % TICKS && !mute && random.f64() >= self.missing {
                    reported[source] = Some((tick, at));
                    for target in 0..n {
                        told[source * n + target] = Some(own[source * n + target]);
                    }
                }
            }
            let evidence = self.evidence(tick, at, &told, &reported, &heard);
            let suspicions = judge(&evidence, &sensitivity);
            for change in book.update(suspicions, &evidence, &sensitivity) {
                changes.push((tick as f64 / TICKS as f64, change));
            }
            if tick % TICKS == TICKS - 1 {
                book = between(book);
            }
        }
        Run { book, changes }
    }

    fn evidence(
        &self,
        tick: usize,
        at: Timestamp,
        told: &[Option<Known>],
        reported: &[Option<(usize, Timestamp)>],
        heard: &[usize],
    ) -> Evidence {
        let n = self.members.len();
        let fresh = |seat: usize| reported[seat].is_some_and(|(when, _)| tick - when <= 3 * TICKS);
        let gone =
            |seat: usize| self.is(tick / TICKS, |what| matches!(what, Break::Gone(m) if m == self.members[seat].0));
        let overloaded = |seat: usize| {
            let is = |what| matches!(what, Break::Overloaded(m) if m == self.members[seat].0);
            self.is(tick / TICKS, is)
        };
        let seats: Vec<usize> = (0..n).filter(|&seat| !gone(seat)).collect();
        let members = seats
            .iter()
            .map(|&seat| {
                let (id, location) = &self.members[seat];
                let late = self.is(tick / TICKS, |what| matches!(what, Break::Late(m) if m == id));
                Witness {
                    instance_id: InstanceId::new(id).unwrap(),
                    location: Location::new(location).unwrap(),
                    status: if late || tick - heard[seat] > 4 * TICKS {
                        MemberStatus::Stale
                    } else {
                        MemberStatus::Online
                    },
                    reporting: fresh(seat),
                    reported_at: reported[seat].map(|(_, at)| at),
                    check_interval: Duration::from_secs(self.interval),
                    tainted: Count { bad: if overloaded(seat) { 8 } else { 0 }, of: 16 },
                }
            })
            .collect();
        let mut pairs = Vec::with_capacity(n * n);
        for (source, &s) in seats.iter().enumerate() {
            if overloaded(s) {
                continue;
            }
            for (target, &t) in seats.iter().enumerate().filter(|&(target, _)| target != source) {
                let Some(known) = told[s * n + t].filter(|_| fresh(s)) else { continue };
                let (tcp, http) = (known.tcp.finding(), known.http.finding());
                let standing = match (tcp.standing, http.standing) {
                    (Standing::Good, _) | (_, Standing::Good) => Standing::Good,
                    (Standing::Bad, _) => Standing::Bad,
                    _ => Standing::Unknown,
                };
                let count = Count { bad: tcp.count.bad + http.count.bad, of: tcp.count.of + http.count.of };
                let check = |kind, endpoint: Option<&str>, finding| CheckEvidence {
                    kind,
                    endpoint: endpoint.map(|endpoint| Endpoint::new(endpoint).unwrap()),
                    finding,
                };
                let made = |&(ref kind, endpoint, finding): &(ProbeKind, Option<&str>, Finding)| MadeCheck {
                    kind: kind.clone(),
                    endpoint: endpoint.map(|endpoint| Endpoint::new(endpoint).unwrap()),
                    standing: finding.standing,
                    settled: finding.count.of >= 3,
                };
                let mut kinds = vec![(ProbeKind::TCP, None, tcp)];
                kinds.extend(self.makes_http(s, t).then_some((ProbeKind::HTTP, Some("/health"), http)));
                let differ = kinds.iter().any(|(_, _, finding)| finding.standing != tcp.standing);
                let made = Some(kinds.iter().map(made).collect());
                let checks = if differ {
                    kinds.into_iter().map(|(kind, endpoint, finding)| check(kind, endpoint, finding)).collect()
                } else {
                    vec![]
                };
                pairs.push(PairEvidence {
                    source: source as u32,
                    target: target as u32,
                    reach: Finding { standing, count },
                    latency: known.latency.finding(),
                    loss_forward: known.forward.finding(),
                    loss_backward: known.backward.finding(),
                    loss: known.loss.finding(),
                    checks,
                    path: self.path(s, t).map(|path| path.into_iter().map(Some).collect()),
                    last_hop: known.last_hop,
                    made,
                    ..PairEvidence::default()
                });
            }
        }
        Evidence { at, members, pairs }
    }
}
