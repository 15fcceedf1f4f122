//! The routers on the way, as a table; with several flows it shows where their paths split.

mod ends;
mod row;

use super::{
    super::text::{Cell, Columns, FAINT, PLAIN, STRONG, WARN},
    units::{self, percent},
};
use netring_core::{Measurement, ProbeReport, TracerouteMeasurement, model::MplsLabel};
use netring_probes::TracerouteProgress;
use row::{Row, rows};
use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    time::Duration,
};

/// An answer, as soon as it has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    flow: u8,
    ttl: u8,
    ip: IpAddr,
    round_trip_time: Duration,
    reached: bool,
}

impl From<TracerouteProgress> for Answer {
    fn from(TracerouteProgress { flow, ttl, ip, round_trip_time, reached, .. }: TracerouteProgress) -> Self {
        Self { flow, ttl, ip, round_trip_time, reached }
    }
}

/// What of a table is shown, from all of it to what the narrowest terminal has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Least,
    Less,
    All,
}

/// The table of hops, how each flow ended, and how all of it did.
pub(crate) fn trace(report: &ProbeReport, width: Option<usize>) -> String {
    let mut out = String::new();
    if let Some(Measurement::Traceroute(trace)) = &report.measurement {
        let rows = rows(trace);
        if !rows.is_empty() {
            let fits = |table: &Columns| width.is_none_or(|width| table.width() <= width);
            let tables = [Detail::All, Detail::Less].map(|detail| table(trace, &rows, report.ip, detail));
            let table = tables.into_iter().find(fits);
            table.unwrap_or_else(|| self::table(trace, &rows, report.ip, Detail::Least)).write(&mut out);
            out.push('\n');
        }
        if trace.flows.len() > 1 {
            ends::flows(trace).write(&mut out);
            out.push('\n');
        }
    }
    out + &ends::verdict(report)
}

fn table(trace: &TracerouteMeasurement, rows: &[Row], target: Option<IpAddr>, detail: Detail) -> Columns {
    let flows = trace.flows.len();
    let labelled = detail > Detail::Least && rows.iter().any(|row| !row.mpls.is_empty());
    let mut table = Columns::default();
    let mut heading = vec![Cell::new(FAINT, "hop").right(), Cell::new(FAINT, "address")];
    let numbers: &[&str] = match detail {
        Detail::All => &["loss", "min", "mean", "max", "answer ttl"],
        _ => &["loss", "min", "max"],
    };
    heading.extend(numbers.iter().map(|word| Cell::new(FAINT, *word).right()));
    heading.extend((flows > 1).then(|| Cell::new(FAINT, "flows")));
    heading.extend(labelled.then(|| Cell::new(FAINT, "MPLS labels")));
    table.line(heading);
    let mut last = 0;
    for row in rows {
        let hop = if row.ttl == last { String::new() } else { row.ttl.to_string() };
        last = row.ttl;
        let mut cells = vec![Cell::plain(hop).right()];
        match row.ip {
            None => {
                cells.push(Cell::new(FAINT, "*"));
                cells.extend(numbers.iter().map(|_| Cell::default()));
            }
            Some(ip) => {
                let is_target = Some(ip) == target;
                cells.push(Cell::new(if is_target { STRONG } else { PLAIN }, ip.to_string()));
                // A router answers when it has nothing better to do: only what the target loses is a worry.
                let loss = if is_target && row.loss() > 0.0 { WARN } else { PLAIN };
                cells.push(Cell::new(loss, percent(row.loss())).right());
                let time = |time: Option<Duration>| Cell::plain(time.map(units::time).unwrap_or_default()).right();
                cells.push(time(row.times.iter().min().copied()));
                if detail == Detail::All {
                    cells.push(time(row.mean()));
                }
                cells.push(time(row.times.iter().max().copied()));
                if detail == Detail::All {
                    cells.push(Cell::plain(row.answer_ttls()).right());
                }
            }
        }
        cells.extend((flows > 1).then(|| Cell::plain(row.flows_in_words(flows))));
        cells.extend(labelled.then(|| Cell::new(FAINT, stack(&row.mpls))));
        table.line(cells);
    }
    table
}

/// `16001 tc 3 ttl 1`, from the outermost on.
fn stack(labels: &[MplsLabel]) -> String {
    let label = |label: &MplsLabel| format!("{} tc {} ttl {}", label.label, label.traffic_class, label.ttl);
    labels.iter().map(label).collect::<Vec<_>>().join(", ")
}

/// The answers until now, hop by hop.
pub(crate) fn trace_so_far(answers: &[Answer]) -> String {
    let mut ends: HashMap<u8, u8> = HashMap::new();
    for answer in answers.iter().filter(|answer| answer.reached) {
        let end = ends.entry(answer.flow).or_insert(answer.ttl);
        *end = answer.ttl.min(*end);
    }
    let mut hops: BTreeMap<u8, BTreeMap<IpAddr, Vec<Duration>>> = BTreeMap::new();
    for answer in answers {
        // What was on its way when the target answered says nothing more.
        if ends.get(&answer.flow).is_none_or(|&end| answer.ttl <= end) {
            hops.entry(answer.ttl).or_default().entry(answer.ip).or_default().push(answer.round_trip_time);
        }
    }
    let mut table = Columns::default();
    for ttl in 1..=hops.keys().next_back().copied().unwrap_or(0) {
        let hop = Cell::plain(ttl.to_string()).right();
        let Some(routers) = hops.get(&ttl) else {
            table.line(vec![hop, Cell::new(FAINT, "…")]);
            continue;
        };
        for (index, (ip, times)) in routers.iter().enumerate() {
            let hop = if index == 0 { hop.clone() } else { Cell::default() };
            let best = times.iter().min().copied().map(units::time).unwrap_or_default();
            let answers = Cell::new(FAINT, ".".repeat(times.len().min(30)));
            table.line(vec![hop, Cell::plain(ip.to_string()), Cell::plain(best).right(), answers]);
        }
    }
    let mut out = String::new();
    table.write(&mut out);
    out
}

#[cfg(test)]
mod tests;
