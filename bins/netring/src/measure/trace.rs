//! `netring trace`: the routers on the way.

use super::{EXIT_NOT_MADE, conclude, follow::follow, resolve::resolve};
use crate::{
    EXIT_INTERRUPTED, EXIT_USAGE,
    args::{Mode, TraceArgs},
    fail,
    terminal::Screen,
    view::measure as view,
};
use netring_core::model::TracerouteMode;
use netring_probes::{DestinationPort, TracerouteProber, TracerouteProberBuilder};
use std::{process::ExitCode, time::Duration};
use tokio::{sync::mpsc::unbounded_channel, time::Instant};
use tokio_util::sync::CancellationToken;

/// Beyond what a trace takes: for hops that have to be asked again, one at a time.
const SPARE: Duration = Duration::from_secs(15);

pub(crate) async fn run(args: TraceArgs, shutdown: CancellationToken) -> ExitCode {
    if args.mode == Some(Mode::Icmp) && args.port.is_some() {
        return fail(EXIT_USAGE, "--port: ICMP has no ports; leave it out, or trace by udp or tcp");
    }
    let target = tokio::select! {
        target = resolve(&args.address, args.family) => target,
        () = shutdown.cancelled() => return ExitCode::from(EXIT_INTERRUPTED),
    };
    let mut target = match target {
        Ok(target) => target,
        Err(error) => return fail(error.code, &error.why),
    };
    target.port = args.port.unwrap_or(target.port);
    let mut builder = TracerouteProber::builder()
        .mode(args.mode.map(Into::into))
        .flows(args.flows)
        .tries(args.tries)
        .max_hops(args.max_hops)
        .timeout(args.timeout);
    if let Some(port) = args.port {
        builder = builder.destination_port(DestinationPort::Fixed(port));
    }
    let prober = match builder.build() {
        Ok(prober) => prober,
        Err(error) => return fail(EXIT_NOT_MADE, &error.to_string()),
    };

    let mut screen = Screen::stdout();
    let heading = view::heading("trace to", &target, port(&args, prober.mode(), target.port), &how(&args, &prober));
    let (sender, news) = unbounded_channel();
    let progress = move |progress| {
        // Where nobody listens any more, nobody needs to know.
        let _ = sender.send(view::Answer::from(progress));
    };
    let packets = u32::from(args.flows) * u32::from(args.tries) * u32::from(args.max_hops);
    let deadline = Instant::now() + TracerouteProberBuilder::DEFAULT_PACE * packets + args.timeout * 2 + SPARE;
    let mut answers = Vec::new();
    let ended = follow(
        prober.probe_with(&target, deadline, &progress),
        news,
        &mut answers,
        Vec::push,
        |answers| format!("{heading}{}", view::trace_so_far(answers)),
        (!args.json).then_some(&mut screen),
        &shutdown,
    )
    .await;
    conclude(ended, args.json, &mut screen, |report, width| heading + &view::trace(report, width))
}

/// The port that the packets go to.
fn port(args: &TraceArgs, mode: TracerouteMode, target: u16) -> Option<u16> {
    match (mode, DestinationPort::default()) {
        (TracerouteMode::Icmp, _) => None,
        (TracerouteMode::Udp, DestinationPort::Fixed(port)) => Some(args.port.unwrap_or(port)),
        _ => Some(target),
    }
}

fn how(args: &TraceArgs, prober: &TracerouteProber) -> String {
    let flows = if args.flows == 1 { String::new() } else { format!("{} flows, ", args.flows) };
    format!("by {}, {flows}up to {} hops, {} packets each", prober.mode(), args.max_hops, args.tries)
}
