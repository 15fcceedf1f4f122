use netring_core::{
    TracerouteMeasurement,
    model::{Hop, MplsLabel},
};
use std::{collections::BTreeMap, net::IpAddr, time::Duration};

/// Who answered at one hop, in all the flows in which it did; or the flows in which nobody did.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) ttl: u8,
    pub(super) ip: Option<IpAddr>,
    /// From 1 on, rising.
    pub(super) flows: Vec<usize>,
    pub(super) times: Vec<Duration>,
    pub(super) mpls: Vec<MplsLabel>,
    sent: usize,
    /// Packets of these flows to this hop that anybody answered: nobody knows whom a lost one would have met.
    answered: usize,
    answer_ttls: Vec<u8>,
}

/// The rows of a trace, hop by hop; at each hop the router that the first flow met comes first.
pub(super) fn rows(trace: &TracerouteMeasurement) -> Vec<Row> {
    let hops = trace.flows.iter().flat_map(|flow| &flow.hops).map(|hop| hop.ttl).max().unwrap_or(0);
    let mut rows = Vec::new();
    for ttl in 1..=hops {
        let mut by_router: BTreeMap<Option<IpAddr>, Row> = BTreeMap::new();
        for (index, flow) in trace.flows.iter().enumerate() {
            let Some(hop) = flow.hops.iter().find(|hop| hop.ttl == ttl) else { continue };
            let mut routers: Vec<_> = hop.answers.iter().map(|answer| Some(answer.ip)).collect();
            routers.sort_unstable();
            routers.dedup();
            if routers.is_empty() {
                routers.push(None);
            }
            for ip in routers {
                by_router.entry(ip).or_insert_with(|| Row { ttl, ip, ..Row::default() }).add(index + 1, hop);
            }
        }
        let mut at_hop: Vec<Row> = by_router.into_values().collect();
        at_hop.sort_by(|a, b| a.flows.cmp(&b.flows));
        rows.append(&mut at_hop);
    }
    rows
}

impl Row {
    fn add(&mut self, flow: usize, hop: &Hop) {
        self.flows.push(flow);
        self.sent += usize::from(hop.sent);
        self.answered += hop.answers.len();
        for answer in hop.answers.iter().filter(|answer| Some(answer.ip) == self.ip) {
            self.times.push(answer.round_trip_time);
            self.answer_ttls.extend(answer.answer_ttl);
            if self.mpls.is_empty() {
                self.mpls.clone_from(&answer.mpls);
            }
        }
    }

    pub(super) fn loss(&self) -> f64 {
        if self.sent == 0 { 0.0 } else { self.sent.saturating_sub(self.answered) as f64 / self.sent as f64 }
    }

    pub(super) fn mean(&self) -> Option<Duration> {
        let n = u32::try_from(self.times.len()).ok().filter(|&n| n > 0)?;
        Some(self.times.iter().sum::<Duration>() / n)
    }

    /// `253`, or `250 253` where the ways back differ.
    pub(super) fn answer_ttls(&self) -> String {
        let mut ttls = self.answer_ttls.clone();
        ttls.sort_unstable();
        ttls.dedup();
        ttls.iter().map(u8::to_string).collect::<Vec<_>>().join(" ")
    }

    /// `all`, or `1-3 7`.
    pub(super) fn flows_in_words(&self, of: usize) -> String {
        if self.flows.len() == of {
            return "all".to_owned();
        }
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for &flow in &self.flows {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == flow => *last = flow,
                _ => runs.push((flow, flow)),
            }
        }
        let run = |(first, last): (usize, usize)| {
            if first == last { first.to_string() } else { format!("{first}-{last}") }
        };
        runs.into_iter().map(run).collect::<Vec<_>>().join(" ")
    }
}
