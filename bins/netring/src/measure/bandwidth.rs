//! `netring bandwidth`: the throughput of a path.

use super::{conclude, follow::follow, resolve::resolve};
use crate::{EXIT_INTERRUPTED, args::BandwidthArgs, fail, terminal::Screen, view::measure as view};
use netring_probes::{BandwidthProber, BandwidthProgress, Direction, Directions, TestMode};
use std::{process::ExitCode, time::Duration};
use tokio::{sync::mpsc::unbounded_channel, time::Instant};
use tokio_util::sync::CancellationToken;

const MIB: u64 = 1024 * 1024;
/// Beyond the time of the transfers: to connect, to be turned away and asked again, to end.
const SPARE: Duration = Duration::from_secs(10);

pub(crate) async fn run(args: BandwidthArgs, shutdown: CancellationToken) -> ExitCode {
    let target = tokio::select! {
        target = resolve(&args.address, args.family) => target,
        () = shutdown.cancelled() => return ExitCode::from(EXIT_INTERRUPTED),
    };
    let target = match target {
        Ok(target) => target,
        Err(error) => return fail(error.code, &error.why),
    };
    let (directions, ways): (_, &'static [Direction]) = match (args.download, args.upload) {
        (true, _) => (Directions::Download, &[Direction::Download]),
        (_, true) => (Directions::Upload, &[Direction::Upload]),
        _ => (Directions::Both, &[Direction::Download, Direction::Upload]),
    };
    let mode = args.fixed.map_or(TestMode::Adaptive, |size_mib| TestMode::Fixed { size_mib });
    let prober = BandwidthProber::builder()
        .mode(mode)
        .max_bytes(args.max_mib.saturating_mul(MIB))
        .max_duration(args.max_duration)
        .directions(directions)
        .build();

    let mut screen = Screen::stdout();
    let heading = view::heading("throughput to", &target, Some(target.port), "");
    let (sender, news) = unbounded_channel();
    let progress = move |progress| {
        // Where nobody listens any more, nobody needs to know.
        let _ = sender.send(progress);
    };
    let deadline = Instant::now() + args.max_duration * ways.len() as u32 + SPARE;
    let mut newest = Vec::new();
    let ended = follow(
        prober.probe_with(&target, deadline, &progress),
        news,
        &mut newest,
        take,
        |newest| format!("{heading}{}", view::bandwidth_so_far(newest)),
        (!args.json).then_some(&mut screen),
        &shutdown,
    )
    .await;
    let mib = args.fixed.unwrap_or(args.max_mib);
    let budget = view::Budget { mib, time: args.max_duration, directions: ways };
    conclude(ended, args.json, &mut screen, |report, width| heading + &view::bandwidth(report, &budget, width))
}

/// Keeps the newest of each direction.
fn take(newest: &mut Vec<BandwidthProgress>, progress: BandwidthProgress) {
    match newest.iter_mut().find(|known| known.direction == progress.direction) {
        Some(known) => *known = progress,
        None => newest.push(progress),
    }
}
