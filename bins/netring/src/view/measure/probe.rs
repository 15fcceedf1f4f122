//! Probes of one target: a line for each.

use super::{
    super::text::{BAD, Cell, Columns, FAINT, GOOD, STRONG, WARN, paint, printable, shorten},
    burst,
    units::{self, bytes, percent},
};
use netring_core::{HttpMeasurement, Measurement, Outcome, ProbeReport};
use netring_probes::BurstProgress;

const NAME_WIDTH: usize = 24;
/// Most packets of a burst that are drawn one by one.
const DRAWN_PACKETS: usize = 50;

/// One probe, and what became of it.
#[derive(Debug)]
pub(crate) struct Line {
    /// The kind, and what is asked for.
    pub(crate) name: String,
    /// Packets that are sent, in a burst.
    pub(crate) packets: Option<u16>,
    /// What became of them until now.
    pub(crate) seen: Vec<BurstProgress>,
    /// What came of it, once it is over; or why it could not be made.
    pub(crate) result: Option<Result<ProbeReport, String>>,
}

/// The table. Where the terminal is too narrow for the details they stand below it.
pub(crate) fn probes(lines: &[Line], width: Option<usize>) -> String {
    let mut out = String::new();
    let wide = table(lines, true);
    if width.is_none_or(|width| wide.width() <= width) {
        wide.write(&mut out);
        return out;
    }
    table(lines, false).write(&mut out);
    let below: Vec<_> = lines.iter().map(|line| (line, details(line))).filter(|(_, text)| !text.is_empty()).collect();
    if !below.is_empty() {
        out.push('\n');
    }
    for (line, details) in below {
        out += &format!("  {} {details}\n", paint(FAINT, &format!("{}:", name(line))));
    }
    out
}

fn table(lines: &[Line], with_details: bool) -> Columns {
    let bursts = lines.iter().any(|line| line.packets.is_some());
    let mut table = Columns::default();
    let mut heading = vec![Cell::new(FAINT, "probe"), Cell::new(FAINT, "result")];
    heading.push(Cell::new(FAINT, "round trip").right());
    if bursts {
        heading.extend([Cell::new(FAINT, "lost").right(), Cell::new(FAINT, "jitter").right()]);
    }
    table.line(heading);
    for line in lines {
        let mut cells = vec![Cell::new(STRONG, name(line)), result(line)];
        let report = line.result.as_ref().and_then(|result| result.as_ref().ok());
        let time = report.and_then(ProbeReport::round_trip_time).map(units::time);
        cells.push(Cell::plain(time.unwrap_or_default()).right());
        if bursts {
            let burst = report.and_then(|report| match &report.measurement {
                Some(Measurement::Burst(burst)) => Some(burst),
                _ => None,
            });
            let loss = burst.map_or_else(Cell::default, |burst| {
                Cell::new(if burst.loss_ratio > 0.0 { BAD } else { GOOD }, percent(burst.loss_ratio))
            });
            let jitter = burst.and_then(|burst| burst.interarrival_jitter).map(units::time).unwrap_or_default();
            cells.extend([loss.right(), Cell::plain(jitter).right()]);
        }
        if with_details {
            cells.push(Cell::plain(details(line)));
        }
        table.line(cells);
    }
    table
}

fn name(line: &Line) -> String {
    shorten(&printable(&line.name), NAME_WIDTH)
}

fn result(line: &Line) -> Cell {
    match &line.result {
        Some(Ok(report)) if report.outcome.is_success() => Cell::new(GOOD, "good"),
        Some(Ok(_)) => Cell::new(BAD, "FAILED"),
        Some(Err(_)) => Cell::new(WARN, "not made"),
        None => Cell::new(WARN, "cut short"),
    }
}

fn details(line: &Line) -> String {
    match &line.result {
        Some(Ok(report)) => {
            let measured = match &report.measurement {
                Some(Measurement::Http(http)) => http_details(http),
                Some(Measurement::Burst(burst)) => burst::details(burst),
                _ => String::new(),
            };
            match &report.outcome {
                Outcome::Success => measured,
                Outcome::Failure { reason, message } => {
                    let reason = reason.as_str().replace('_', " ");
                    printable(&if message.is_empty() { reason } else { format!("{reason}: {message}") })
                }
            }
        }
        Some(Err(why)) => printable(why),
        None => String::new(),
    }
}

fn http_details(http: &HttpMeasurement) -> String {
    let mut parts = Vec::new();
    parts.extend(http.status.map(|status| format!("status {status}")));
    parts.extend(http.tls.map(|tls| format!("TLS {}", units::time(tls))));
    parts.extend(http.first_byte.map(|first| format!("first byte {}", units::time(first))));
    if let Some(body) = http.body.filter(|_| http.body_bytes > 0) {
        let more = if http.body_truncated { " and more" } else { "" };
        let time = if body.as_micros() < 100 { String::new() } else { format!(" in {}", units::time(body)) };
        parts.push(format!("{}{more}{time}", bytes(http.body_bytes)));
    }
    parts.join(", ")
}

/// How far the probes are.
pub(crate) fn probes_so_far(lines: &[Line]) -> String {
    let mut table = Columns::default();
    for line in lines {
        let state = match (&line.result, line.packets) {
            (Some(_), _) => result(line),
            (None, Some(packets)) => Cell::new(FAINT, format!("{}/{packets}", line.seen.len())),
            (None, None) => Cell::new(FAINT, "…"),
        };
        table.line(vec![Cell::new(STRONG, name(line)), state, Cell::new(FAINT, drawn(&line.seen))]);
    }
    let mut out = String::new();
    table.write(&mut out);
    out
}

/// A sign for each of the newest packets: it came back, it came back again, it did not.
fn drawn(seen: &[BurstProgress]) -> String {
    let newest = seen.len().saturating_sub(DRAWN_PACKETS);
    let sign = |packet: &BurstProgress| match packet {
        BurstProgress::Received { .. } => '.',
        BurstProgress::Duplicate { .. } => '+',
        _ => 'x',
    };
    seen.iter().skip(newest).map(sign).collect()
}

#[cfg(test)]
mod tests;
