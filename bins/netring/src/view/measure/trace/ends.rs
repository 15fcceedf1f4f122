//! How the flows of a trace ended, and the trace itself.

use super::super::{
    super::text::{BAD, Cell, Columns, FAINT, GOOD, WARN, paint, printable},
    units::{self, count},
};
use netring_core::{
    Measurement, Outcome, ProbeReport, TracerouteMeasurement,
    model::{Flow, FlowPath, Path, PathEnd},
};

/// A line for each flow.
pub(super) fn flows(trace: &TracerouteMeasurement) -> Columns {
    let mut table = Columns::default();
    table.line(vec![
        Cell::new(FAINT, "flow").right(),
        Cell::new(
            FAINT,
            match trace.flows.first().map(|path| path.flow) {
                Some(Flow::Echo { .. }) => "echo",
                _ => "ports",
            },
        ),
        Cell::new(FAINT, "end"),
    ]);
    for (index, path) in trace.flows.iter().enumerate() {
        let end = match path.end {
            PathEnd::Reached => Cell::new(GOOD, reached(path)),
            _ => Cell::new(WARN, not_reached(path)),
        };
        table.line(vec![Cell::plain((index + 1).to_string()).right(), Cell::plain(flow(path.flow)), end]);
    }
    table
}

fn reached(path: &FlowPath) -> String {
    format!("reached in {}", hops(path.hops.last().map_or(0, |hop| hop.ttl)))
}

fn not_reached(path: &FlowPath) -> String {
    let end = path.end.as_str().replace('_', " ");
    let answered = path.hops.iter().rev().find_map(|hop| Some((hop.ttl, hop.answers.first()?.ip)));
    match answered {
        Some((ttl, ip)) => format!("{end}, the last to answer is {ip} at hop {ttl}"),
        None => format!("{end}, nobody answered"),
    }
}

fn hops(n: u8) -> String {
    count(n, "hop")
}

fn flow(flow: Flow) -> String {
    match flow {
        Flow::Ports { source, destination } => format!("{source} > {destination}"),
        Flow::Echo { identifier, checksum } => format!("identifier {identifier}, checksum {checksum:#06x}"),
    }
}

/// The last line: whether the target was reached, and how the trace was made.
pub(super) fn verdict(report: &ProbeReport) -> String {
    let trace = match &report.measurement {
        Some(Measurement::Traceroute(trace)) => Some(trace),
        _ => None,
    };
    let mut words = match (&report.outcome, trace) {
        (Outcome::Success, Some(trace)) => format!("{}   {}", paint(GOOD, "REACHED"), how_far(trace)),
        (Outcome::Success, None) => paint(GOOD, "REACHED"),
        (Outcome::Failure { message, .. }, _) => {
            let why = message.strip_prefix("not reached: ").unwrap_or(message);
            format!("{}   {}", paint(BAD, "NOT REACHED"), printable(why))
        }
    };
    if let Some(trace) = trace {
        let how = match trace.flows.as_slice() {
            [] => trace.mode.to_string(),
            [path] => format!("{}, flow {}", trace.mode, flow(path.flow)),
            flows => format!("{}, {} flows over {}", trace.mode, flows.len(), count(different(trace), "path")),
        };
        words += &format!(" {}", paint(FAINT, &format!("({how})")));
    }
    words + "\n"
}

fn how_far(trace: &TracerouteMeasurement) -> String {
    let ends = trace.flows.iter().filter(|path| path.end == PathEnd::Reached);
    let lengths: Vec<u8> = ends.filter_map(|path| path.hops.last()).map(|hop| hop.ttl).collect();
    let (least, most) = (lengths.iter().min().copied().unwrap_or(0), lengths.iter().max().copied().unwrap_or(0));
    let mut words = if least == most { format!("in {}", hops(most)) } else { format!("in {least} to {}", hops(most)) };
    if let Some(time) = trace.target_round_trip_time() {
        words += &format!(", {}", units::time(time));
    }
    if lengths.len() < trace.flows.len() {
        words += &format!(", by {} of {} flows", lengths.len(), trace.flows.len());
    }
    words
}

/// How many paths there are. A hop that is silent in one of them may be any router of another.
fn different(trace: &TracerouteMeasurement) -> u64 {
    let mut different: Vec<Path> = Vec::new();
    for path in trace.flows.iter().map(FlowPath::path) {
        if !different.iter().any(|other| may_be_one(&path, other)) {
            different.push(path);
        }
    }
    different.len() as u64
}

fn may_be_one(a: &Path, b: &Path) -> bool {
    a.0.len() == b.0.len()
        && a.0.iter().zip(&b.0).all(|(a, b)| a.is_empty() || b.is_empty() || a.iter().any(|ip| b.contains(ip)))
}
