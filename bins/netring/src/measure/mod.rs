//! `netring probe`, `netring bandwidth` and `netring trace`: one path, looked at from here.

mod bandwidth;
mod follow;
mod key;
mod probe;
mod resolve;
mod trace;

pub(crate) use bandwidth::run as bandwidth;
pub(crate) use probe::run as probe;
pub(crate) use trace::run as trace;

use crate::{EXIT_INTERRUPTED, fail, terminal::Screen, view::json::printable_json};
use netring_core::{Outcome, ProbeError, ProbeReport};
use serde::Serialize;
use std::{io, process::ExitCode};

/// The target did not do what is expected of it, or was not reached.
const EXIT_FAILED: u8 = 1;
/// The target asks to come back later.
const EXIT_BUSY: u8 = 3;
/// This system could not do it.
const EXIT_NOT_MADE: u8 = 4;

/// What a report of this outcome ends with.
fn exit_code(outcome: &Outcome) -> u8 {
    if outcome.is_success() { 0 } else { EXIT_FAILED }
}

/// Says why there is no report.
fn not_made(error: &ProbeError) -> ExitCode {
    match error {
        ProbeError::Busy { target, retry_after } => {
            let seconds = retry_after.as_secs_f64();
            fail(EXIT_BUSY, &format!("{target} is busy with the tests of others; try again in {seconds} s"))
        }
        error => fail(EXIT_NOT_MADE, &error.to_string()),
    }
}

/// Shows the report of a probe that was followed to its end, as JSON or as `text` writes it for a width. There is none where
/// Ctrl-C came first.
fn conclude(
    ended: Option<Result<ProbeReport, ProbeError>>,
    as_json: bool,
    screen: &mut Screen,
    text: impl FnOnce(&ProbeReport, Option<usize>) -> String,
) -> ExitCode {
    let report = match ended {
        None => return ExitCode::from(EXIT_INTERRUPTED),
        Some(Err(error)) => {
            // What was drawn is no news any more.
            let _ = screen.replace("");
            return not_made(&error);
        }
        Some(Ok(report)) => report,
    };
    let text = if as_json { json(&report) } else { Ok(text(&report, screen.width())) };
    match text {
        Ok(text) => show(screen, &text, exit_code(&report.outcome)),
        Err(error) => fail(EXIT_NOT_MADE, &error.to_string()),
    }
}

/// A report, or several, as the library writes them, on one line.
fn json(reports: &impl Serialize) -> io::Result<String> {
    Ok(format!("{}\n", printable_json(&serde_json::to_string(reports)?)))
}

/// Shows what there is to show at the end.
fn show(screen: &mut Screen, text: &str, code: u8) -> ExitCode {
    match screen.replace(text) {
        // Whoever read it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(code),
        Err(error) => fail(EXIT_NOT_MADE, &format!("cannot write to stdout: {error}")),
        Ok(()) => ExitCode::from(code),
    }
}
