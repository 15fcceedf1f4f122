//! Rings with hand-made traces, and what their graphs must be.

mod bounds;
mod ends;
mod latency;
mod loss;
mod paths;
mod random;
mod routes;

use super::{BottleneckThresholds, Place, Topology, TopologyEdge, topology};
use crate::{
    model::{
        AdvertisedAddress, Flow, FlowPath, Hop, HopAnswer, Host, InstanceId, Location, Measurement, Member,
        MemberReport, MemberStatus, Outcome, PathEnd, ProbeKind, ProbeReport, Target, Timestamp, TracerouteMeasurement,
        TracerouteMode,
    },
    registry::MembersSnapshot,
    store::ReceivedReport,
};
use std::{sync::Arc, time::Duration};

pub(super) const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);
/// Packets that are sent to a hop.
const SENT: u8 = 10;

/// A ring of members that are online, from lines of an id, a location and an address.
pub(super) fn ring(members: &str) -> MembersSnapshot {
    let member = |line: &str| {
        let [id, location, ip] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line:?}") };
        let member = Member {
            instance_id: InstanceId::new(id).unwrap(),
            location: Location::new(location).unwrap(),
            address: AdvertisedAddress::new(ip.parse().unwrap(), 8757).unwrap(),
            heartbeat_interval: None,
            udp_echo: false,
            registered_at: NOW,
            last_seen: NOW,
            deregistered_at: None,
        };
        (member, MemberStatus::Online)
    };
    MembersSnapshot { at: NOW, revision: 1, members: members.split(',').map(member).collect() }
}

/// A flow that ended so. Each hop is `*`, or addresses with milliseconds `192.0.2.1@1.5|192.0.2.2@2`, and how many of ten
/// packets were lost `!3`.
pub(super) fn flow_to(end: PathEnd, number: u16, hops: &str) -> FlowPath {
    let hop = |(ttl, text): (u8, &str)| {
        let (answers, lost) = text.split_once('!').unwrap_or((text, "0"));
        if answers == "*" {
            return Hop::new(ttl, SENT, Vec::new());
        }
        let of_each: Vec<_> = answers
            .split('|')
            .map(|answer| {
                let (ip, ms) = answer.split_once('@').unwrap();
                let round_trip_time = Duration::from_micros((ms.parse::<f64>().unwrap() * 1e3) as u64);
                HopAnswer { ip: ip.parse().unwrap(), round_trip_time, answer_ttl: None, mpls: Vec::new() }
            })
            .collect();
        let answered = usize::from(SENT) - lost.parse::<usize>().unwrap();
        // The first answer of each is the quickest, as is mostly so.
        let answer = |i: usize| {
            let answer = of_each[i % of_each.len()].clone();
            let later = Duration::from_micros((i / of_each.len()) as u64 * 100);
            HopAnswer { round_trip_time: answer.round_trip_time + later, ..answer }
        };
        Hop::new(ttl, SENT, (0..answered).map(answer).collect())
    };
    let flow = Flow::Ports { source: 50_000 + number, destination: 33_434 };
    FlowPath { flow, end, hops: (1..).zip(hops.split_whitespace()).map(hop).collect() }
}

/// A trace that reached its target in each flow.
pub(super) fn trace(flows: &[&str]) -> TracerouteMeasurement {
    let flows = (0..).zip(flows).map(|(number, hops)| flow_to(PathEnd::Reached, number, hops)).collect();
    TracerouteMeasurement { mode: TracerouteMode::Udp, flows, last_change: None }
}

pub(super) fn result(target: &str, trace: TracerouteMeasurement) -> ProbeReport {
    ProbeReport {
        target: Target {
            instance_id: InstanceId::new(target).unwrap(),
            location: Location::new("anywhere").unwrap(),
            host: Host::Ip([192, 0, 2, 255].into()),
            port: 8757,
        },
        ip: None,
        kind: ProbeKind::TRACEROUTE,
        endpoint: None,
        started_at: NOW - Duration::from_secs(10),
        duration: Duration::from_secs(2),
        outcome: Outcome::Success,
        measurement: Some(Measurement::Traceroute(trace)),
        lateness: Duration::ZERO,
        tainted: false,
        interval: Some(Duration::from_secs(300)),
    }
}

pub(super) fn report(source: &str, results: Vec<ProbeReport>) -> Arc<ReceivedReport> {
    let report = MemberReport {
        instance_id: InstanceId::new(source).unwrap(),
        location: Location::new("anywhere").unwrap(),
        sent_at: NOW,
        check_interval: Duration::from_secs(60),
        results,
    };
    Arc::new(ReceivedReport { received_at: NOW, report })
}

/// The graph of traces, each of a source, a target and its flows.
pub(super) fn graph(ring: &MembersSnapshot, traces: &[(&str, &str, &[&str])]) -> Topology {
    let reports = reports(traces);
    topology(ring, &reports, &BottleneckThresholds::default())
}

pub(super) fn reports(traces: &[(&str, &str, &[&str])]) -> Vec<Arc<ReceivedReport>> {
    let mut by_source: std::collections::BTreeMap<&str, Vec<ProbeReport>> = Default::default();
    for (source, target, flows) in traces {
        by_source.entry(source).or_default().push(result(target, trace(flows)));
    }
    by_source.into_iter().map(|(source, results)| report(source, results)).collect()
}

/// `eu1 > 192.0.2.1: 1.0 ms, 2 pairs` and so on, of each edge.
fn lines(topology: &Topology) -> Vec<String> {
    let line = |edge: &TopologyEdge| {
        let silent = "> * ".repeat(edge.silent_hops.into());
        let latency = edge.added_latency.map(|latency| format!("{:.1} ms", latency.as_secs_f64() * 1e3));
        let clamped = if edge.clamped { " clamped" } else { "" };
        let pairs = if edge.pairs == 1 { String::new() } else { format!(", {} pairs", edge.pairs) };
        format!("{} {silent}> {}: {}{clamped}{pairs}", edge.from, edge.to, latency.as_deref().unwrap_or("?"))
    };
    topology.edges.iter().map(line).collect()
}

#[track_caller]
fn edge<'a>(topology: &'a Topology, from: &str, to: &str) -> &'a TopologyEdge {
    let is = |place: &Place, name: &str| place.to_string() == name;
    let found = topology.edges.iter().find(|edge| is(&edge.from, from) && is(&edge.to, to));
    found.unwrap_or_else(|| panic!("{from} > {to} is not in {:#?}", lines(topology)))
}

/// Five locations with a gateway each, and seven routers between them.
pub(super) fn five_locations() -> Topology {
    let names = ["ap1-tokyo", "eu1-frankfurt", "eu2-paris", "us1-virginia", "us2-oregon"];
    let ids = ["tokyo-a", "fra-a", "paris-a", "virginia-a", "oregon-a"];
    // Core routers: one of each region, two of Europe, and between continents one each.
    let core = ["203.0.113.10", "203.0.113.20", "203.0.113.21", "203.0.113.30", "203.0.113.31"];
    let ocean = |a: usize, b: usize| match (a.min(b), a.max(b)) {
        (0, 1 | 2) => Some(("203.0.113.99", 120.0)),
        (0, _) => Some(("198.51.100.200", 55.0)),
        (1 | 2, 3 | 4) => Some(("198.51.100.77", 42.0)),
        _ => None,
    };
    let members: Vec<_> = (0..5).map(|i| format!("{} {} 198.51.100.{}", ids[i], names[i], i + 1)).collect();
    let mut snapshot = ring(&members.join(","));
    let mut more = ring("fra-b eu1-frankfurt 198.51.100.50,fra-c eu1-frankfurt 198.51.100.51");
    snapshot.members.append(&mut more.members);
    let mut traces = Vec::new();
    for (a, &source) in ids.iter().enumerate() {
        for (b, &target) in ids.iter().enumerate().filter(|&(b, _)| b != a) {
            let mut hops = vec![format!("192.0.2.{}@0.4", a + 1), format!("{}@1.2", core[a])];
            let mut ms = 1.2;
            if let Some((ip, far)) = ocean(a, b) {
                ms += far;
                hops.push(format!("{ip}@{ms}"));
            }
            ms += 2.5;
            hops.push(format!("{}@{ms}", core[b]));
            let lost = if b == 4 { "!1" } else { "" };
            hops.push(format!("198.51.100.{}@{}{lost}", b + 1, ms + 0.6));
            traces.push((source, target, hops.join(" ")));
        }
    }
    let traces: Vec<_> = traces.iter().map(|(a, b, hops)| (*a, *b, [hops.as_str()])).collect();
    let traces: Vec<(&str, &str, &[&str])> = traces.iter().map(|(a, b, flows)| (*a, *b, &flows[..])).collect();
    graph(&snapshot, &traces)
}
