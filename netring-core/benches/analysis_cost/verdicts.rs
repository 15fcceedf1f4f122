//! What it costs to name what is at fault.

use super::{INTERVAL, median, ms};
use netring_core::{
    InstanceId, Location, MemberStatus,
    analysis::{Count, Evidence, FaultBook, Finding, PairEvidence, Sensitivity, Standing, Witness, judge},
    testing::sample,
};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Broken {
    Nothing,
    Member,
    LocationPair,
    Noise,
}

/// Members that stand in one place.
const IN_A_LOCATION: usize = 10;
/// Rounds that it is broken for, and that it is good for again.
const ROUNDS: [u32; 2] = [8, 5];

/// Prints what it costs in rings of so many members.
pub(super) fn measure(sizes: &[usize]) {
    println!("judging, times in ms: the median and the longest of {} rounds; six routers on each path", ROUNDS[0]);
    println!(
        "members  broken         judge    max   update    max  update when good again, max  suspected  open  told"
    );
    for &members in sizes {
        for broken in [Broken::Nothing, Broken::Member, Broken::LocationPair, Broken::Noise] {
            one(members, broken);
        }
    }
    println!();
}

fn one(members: usize, broken: Broken) {
    let sensitivity = Sensitivity::default();
    let mut evidence = ring(members);
    let mut random = fastrand::Rng::with_seed(7);
    let mut book = FaultBook::default();
    let (mut judged, mut updated, mut good) = (Vec::new(), Vec::new(), Vec::new());
    let (mut suspected, mut open, mut told) = (0, 0, 0);
    for round in 0..ROUNDS[0] + ROUNDS[1] {
        let now = if round < ROUNDS[0] { broken } else { Broken::Nothing };
        evidence.at = evidence.at + INTERVAL;
        report(&mut evidence, now, &mut random);
        let mut suspicions = Vec::new();
        judged.push(ms(|| suspicions = judge(&evidence, &sensitivity)));
        suspected = suspected.max(suspicions.len());
        let mut changes = Vec::new();
        let took = ms(|| changes = book.update(suspicions, &evidence, &sensitivity));
        if round < ROUNDS[0] {
            updated.push(took)
        } else {
            good.push(took)
        }
        open = open.max(book.open().len());
        told += changes.len();
    }
    judged.truncate(ROUNDS[0] as usize);
    let longest = |times: &[f64]| times.iter().copied().fold(0.0, f64::max);
    println!(
        "{members:>7}  {:<12} {:>7.1} {:>6.1} {:>8.2} {:>6.1} {:>28.1} {suspected:>10} {open:>5} {told:>5}",
        format!("{broken:?}"),
        median(judged.clone()),
        longest(&judged),
        median(updated.clone()),
        longest(&updated),
        longest(&good),
    );
}

/// A ring of which nothing is said yet but on what paths everybody gets to everybody.
fn ring(members: usize) -> Evidence {
    let witness = |i: usize| Witness {
        instance_id: InstanceId::new(format!("member-{i:04}-of-a-large-ring")).expect("an id"),
        location: Location::new(format!("site-{:02}", i / IN_A_LOCATION)).expect("a location"),
        status: MemberStatus::Online,
        reporting: true,
        reported_at: None,
        check_interval: INTERVAL,
        tainted: Count { bad: 0, of: 16 },
    };
    let locations = members.div_ceil(IN_A_LOCATION);
    let mut pairs = Vec::with_capacity(members * members);
    for source in 0..members {
        // A registry keeps a path that several pairs of a source have once.
        let paths: Vec<_> = (0..locations).map(|to| path(source / IN_A_LOCATION, to)).collect();
        for target in (0..members).filter(|&target| target != source) {
            let path = Some(Arc::clone(&paths[target / IN_A_LOCATION]));
            pairs.push(PairEvidence { source: source as u32, target: target as u32, path, ..PairEvidence::default() });
        }
    }
    Evidence { at: sample::NOW, members: (0..members).map(witness).collect(), pairs }
}

/// Access, its provider, two of a core, the other provider, the other access.
fn path(from: usize, to: usize) -> Arc<[Option<IpAddr>]> {
    let core = |n: usize| (3, n % 32);
    let hops = [(1, from), (2, from % 12), core(from * 5 + to), core(from + to * 3), (2, to % 12), (1, to)];
    hops.iter().map(|&(net, number)| Some(IpAddr::from(Ipv4Addr::new(10, net, 0, number as u8)))).collect()
}

/// What is said in this round.
fn report(evidence: &mut Evidence, broken: Broken, random: &mut fastrand::Rng) {
    let at = evidence.at;
    for (i, member) in evidence.members.iter_mut().enumerate() {
        let down = broken == Broken::Member && i == 5;
        member.reporting = !down;
        member.status = if down { MemberStatus::Stale } else { MemberStatus::Online };
        member.reported_at = Some(at);
    }
    for pair in &mut evidence.pairs {
        let ends = [pair.source, pair.target].map(|seat| seat as usize / IN_A_LOCATION);
        let bad = match broken {
            Broken::Nothing | Broken::Noise => false,
            Broken::Member => pair.target == 5,
            Broken::LocationPair => ends == [0, 1] || ends == [1, 0],
        };
        let noise = if broken == Broken::Noise { 0.01 } else { 0.0 };
        let mut finding = || {
            let count = if bad { 3 } else { (0..3).filter(|_| random.f64() < noise).count() as u16 };
            let standing = if count >= 2 { Standing::Bad } else { Standing::Good };
            Finding { standing, count: Count { bad: count, of: 3 } }
        };
        pair.reach = finding();
        let quality = [finding(), finding(), finding()];
        let quality = if bad { [Finding::default(); 3] } else { quality };
        [pair.latency, pair.loss_forward, pair.loss_backward] = quality;
    }
}
