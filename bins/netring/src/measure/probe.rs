//! `netring probe`: one target, in every way that is possible.

mod plan;

use super::{EXIT_FAILED, EXIT_NOT_MADE, follow::follow, json, key::ring_key, resolve::resolve, show};
use crate::{
    EXIT_INTERRUPTED, EXIT_USAGE, args::ProbeArgs, fail, terminal::Screen, view::measure as view, view::text::printable,
};
use netring_core::{FailureReason, Outcome, ProbeError, ProbeReport};
use netring_probes::BurstProgress;
use plan::{Job, Plan};
use std::{io::Write, process::ExitCode, sync::Arc};
use tokio::{sync::mpsc::unbounded_channel, task::JoinSet};
use tokio_util::sync::CancellationToken;
use view::Line;

/// What happened to the probe of this index.
enum News {
    Packet(usize, BurstProgress),
    Done(usize, Box<Result<ProbeReport, ProbeError>>),
}

pub(crate) async fn run(args: ProbeArgs, shutdown: CancellationToken) -> ExitCode {
    let key = match ring_key(args.key_file.as_deref()) {
        Ok(key) => key,
        Err(error) => return fail(EXIT_USAGE, &error),
    };
    let target = tokio::select! {
        target = resolve(&args.address, args.family) => target,
        () = shutdown.cancelled() => return ExitCode::from(EXIT_INTERRUPTED),
    };
    let target = match target {
        Ok(target) => Arc::new(target),
        Err(error) => return fail(error.code, &error.why),
    };
    let has_key = key.is_some();
    let plan = match Plan::new(&args, key) {
        Ok(plan) => plan,
        Err(error) => return fail(error.code, &error.why),
    };

    let mut screen = Screen::stdout();
    // ICMP has no ports.
    let port = plan.jobs.iter().any(|job| !matches!(job, Job::Icmp(..))).then_some(target.port);
    let heading = view::heading("probes of", &target, port, "");
    let mut lines = plan.lines();
    let (sender, news) = unbounded_channel();
    let mut running = JoinSet::new();
    for (index, job) in plan.jobs.into_iter().enumerate() {
        let (target, sender, timeout) = (Arc::clone(&target), sender.clone(), args.timeout);
        running.spawn(async move {
            // Where nobody listens any more, nobody needs to know.
            let progress = |packet| {
                let _ = sender.send(News::Packet(index, packet));
            };
            let result = job.make(&target, timeout, &progress).await;
            let _ = sender.send(News::Done(index, Box::new(result)));
        });
    }
    let ended = follow(
        async { while running.join_next().await.is_some() {} },
        news,
        &mut lines,
        |lines: &mut Vec<Line>, news| take(lines, news),
        |lines| format!("{heading}{}", view::probes_so_far(lines)),
        (!args.json).then_some(&mut screen),
        &shutdown,
    )
    .await;
    let code = if ended.is_none() { EXIT_INTERRUPTED } else { exit_code(&lines) };
    if args.json {
        return print_json(&lines, &mut screen, code);
    }
    let mut text = heading + &view::probes(&lines, screen.width());
    let hint = lines.iter().find_map(|line| udp_hint(line, has_key));
    for (index, note) in plan.notes.iter().map(String::as_str).chain(hint).enumerate() {
        text += &format!("{}  {}\n", if index == 0 { "\n" } else { "" }, printable(note));
    }
    show(&mut screen, &text, code)
}

fn take(lines: &mut [Line], news: News) {
    match news {
        News::Packet(index, packet) => {
            if let Some(line) = lines.get_mut(index) {
                line.seen.push(packet);
            }
        }
        News::Done(index, result) => {
            if let Some(line) = lines.get_mut(index) {
                line.result = Some(result.map_err(|error| error.to_string()));
            }
        }
    }
}

/// A failure says more than a probe that could not be made.
fn exit_code(lines: &[Line]) -> u8 {
    let failed = |line: &Line| matches!(&line.result, Some(Ok(report)) if !report.outcome.is_success());
    match lines {
        _ if lines.iter().any(failed) => EXIT_FAILED,
        _ if lines.iter().all(|line| matches!(line.result, Some(Ok(_)))) => 0,
        _ => EXIT_NOT_MADE,
    }
}

/// The reports on stdout; what could not be made is said on stderr.
fn print_json(lines: &[Line], screen: &mut Screen, code: u8) -> ExitCode {
    let reports: Vec<_> = lines.iter().filter_map(|line| line.result.as_ref()?.as_ref().ok()).collect();
    for line in lines {
        if let Some(Err(why)) = &line.result {
            // Where stderr is closed, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "netring: {}: {}", printable(&line.name), printable(why));
        }
    }
    match json(&reports) {
        Ok(text) => show(screen, &text, code),
        Err(error) => fail(EXIT_NOT_MADE, &error.to_string()),
    }
}

/// What a person may want to know where a burst by UDP has failed.
fn udp_hint(line: &Line, has_key: bool) -> Option<&'static str> {
    match &line.result {
        Some(Ok(ProbeReport { outcome: Outcome::Failure { reason, .. }, .. })) if line.name == "udp" => match reason {
            FailureReason::Refused => Some("udp: members have an echo at their port, those of netring 1.x have none"),
            FailureReason::Timeout if !has_key => {
                Some("udp: a ring with a key answers only who has it; give it by NETRING_RING_KEY or --key-file")
            }
            _ => None,
        },
        _ => None,
    }
}
