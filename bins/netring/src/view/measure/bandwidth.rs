//! The throughput of a path: a line for each direction.

use super::{
    super::text::{BAD, Cell, Columns, FAINT, GOOD, STRONG, WARN, paint, printable},
    units::{self, bytes, rate},
};
use netring_core::{
    BandwidthMeasurement, Measurement, Outcome, ProbeReport,
    model::{Limit, Throughput},
};
use netring_probes::{BandwidthProgress, Direction};
use std::time::Duration;

/// What a test may use, in each direction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) mib: u64,
    pub(crate) time: Duration,
    /// The directions that it goes.
    pub(crate) directions: &'static [Direction],
}

/// The table, and what failed where something did.
pub(crate) fn bandwidth(report: &ProbeReport, budget: &Budget, width: Option<usize>) -> String {
    let mut out = String::new();
    if let Some(Measurement::Bandwidth(measured)) = &report.measurement {
        let wide = table(measured, report, budget, true);
        if width.is_none_or(|width| wide.width() <= width) {
            wide.write(&mut out);
        } else {
            table(measured, report, budget, false).write(&mut out);
            out.push('\n');
            for (direction, _, words) in ways(measured, report, budget) {
                out += &format!("  {} {}\n", paint(FAINT, &format!("{direction}:")), paint(words.style, &words.text));
            }
        }
    }
    if let Outcome::Failure { reason, message } = &report.outcome {
        let words = printable(&format!("{}: {message}", reason.as_str().replace('_', " ")));
        let gap = if out.is_empty() { "" } else { "\n" };
        out += &format!("{gap}  {}   {words}\n", paint(BAD, "FAILED"));
    }
    out
}

fn table(measured: &BandwidthMeasurement, report: &ProbeReport, budget: &Budget, with_words: bool) -> Columns {
    let mut table = Columns::default();
    let mut heading = vec![Cell::new(FAINT, "direction")];
    heading.extend(["rate", "bytes", "time", "round trip", "retransmits"].map(|word| Cell::new(FAINT, word).right()));
    table.line(heading);
    for (direction, way, words) in ways(measured, report, budget) {
        let mut cells = vec![Cell::new(STRONG, direction.as_str())];
        match way {
            Some(way) => cells.extend([
                Cell::new(if way.settled { GOOD } else { WARN }, rate(way.bits_per_second)).right(),
                Cell::plain(bytes(way.bytes)).right(),
                Cell::plain(units::time(way.duration)).right(),
                Cell::plain(way.round_trip_time.map(units::time).unwrap_or_default()).right(),
                Cell::plain(way.retransmits.map(|n| n.to_string()).unwrap_or_default()).right(),
            ]),
            None => cells.extend(std::iter::repeat_n(Cell::default(), 5)),
        }
        if with_words {
            cells.push(words);
        }
        table.line(cells);
    }
    table
}

/// The directions of which there is something to say.
fn ways<'a>(
    measured: &'a BandwidthMeasurement,
    report: &ProbeReport,
    budget: &Budget,
) -> Vec<(Direction, Option<&'a Throughput>, Cell)> {
    let good = report.outcome.is_success();
    let way = |&direction: &Direction| {
        let way = match direction {
            Direction::Download => measured.download.as_ref(),
            Direction::Upload => measured.upload.as_ref(),
        };
        let words = match way {
            Some(way) => settled(way, budget),
            // Members of 1.x are good without.
            None if good => Cell::new(FAINT, "the target takes no uploads, as members of netring 1.x"),
            None => return None,
        };
        Some((direction, way, words))
    };
    budget.directions.iter().filter_map(way).collect()
}

/// Whether the rate is the path's, and what kept it from being known where it is not.
fn settled(way: &Throughput, budget: &Budget) -> Cell {
    if way.settled {
        return Cell::new(GOOD, "settled");
    }
    let words = match way.limited_by {
        Some(Limit::FixedSize) => "a fixed size: the start-up of TCP is in the rate".to_owned(),
        Some(Limit::Bytes) => {
            format!("not settled: the {} MiB were spent before the rate was steady", budget.mib)
        }
        Some(Limit::Time) => {
            let seconds = budget.time.as_secs_f64();
            format!("not settled: the {seconds} s were over before the rate was steady")
        }
        Some(Limit::Target) => "not settled: the target ended it before the rate was steady".to_owned(),
        Some(Limit::Window) => "not the path's: a TCP window kept the rate down".to_owned(),
        _ => "not settled: the rate was not steady".to_owned(),
    };
    Cell::new(WARN, words)
}

/// How far a test is: the newest of each direction.
pub(crate) fn bandwidth_so_far(newest: &[BandwidthProgress]) -> String {
    let mut table = Columns::default();
    for way in newest {
        table.line(vec![
            Cell::new(STRONG, way.direction.as_str()),
            Cell::plain(format!("{:>13}", rate(way.bits_per_second))),
            Cell::new(FAINT, format!("{:>8}", bytes(way.bytes))),
            Cell::new(FAINT, format!("{:.1} s", way.elapsed.as_secs_f64())),
        ]);
    }
    let mut out = String::new();
    table.write(&mut out);
    out
}

#[cfg(test)]
mod tests;
