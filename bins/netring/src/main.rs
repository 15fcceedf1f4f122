//! The command `netring`: what a person types to try a ring, to see how one is, and to look at one path.

mod args;
mod demo;
mod measure;
mod registry;
mod status;
mod terminal;
mod view;

use args::{Cli, Command};
use clap::Parser;
use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a usage error ends with, as clap has it.
const EXIT_USAGE: u8 = 2;

/// Who is told to end and has not by then, because nobody reads what it writes, is ended.
const END_TIMEOUT: Duration = Duration::from_millis(1_950);
/// What that ends with, as a shell has it for a process that SIGINT has ended.
const EXIT_INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(filter) = cli.log {
        log_to_stderr(filter);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(EXIT_USAGE, &format!("cannot start: {error}")),
    };
    let code = runtime.block_on(async {
        match on_signals() {
            Ok(shutdown) => match cli.command {
                Command::Demo(args) => demo::run(args, shutdown).await,
                Command::Status(args) => status::run(args, shutdown).await,
                Command::Probe(args) => measure::probe(args, shutdown).await,
                Command::Bandwidth(args) => measure::bandwidth(args, shutdown).await,
                Command::Trace(args) => measure::trace(args, shutdown).await,
            },
            Err(error) => fail(EXIT_USAGE, &format!("cannot listen for signals: {error}")),
        }
    });
    // A name that the system is still looking up would keep the process.
    runtime.shutdown_background();
    code
}

/// Cancelled by SIGINT (Ctrl-C) and by SIGTERM.
fn on_signals() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let shutdown = CancellationToken::new();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let told = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        told.cancel();
        tokio::time::sleep(END_TIMEOUT).await;
        std::process::exit(EXIT_INTERRUPTED.into());
    });
    Ok(shutdown)
}

fn log_to_stderr(filter: Targets) {
    let stderr = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    tracing_subscriber::registry().with(stderr).with(filter).init();
}

/// Says on stderr why there is nothing to show.
fn fail(code: u8, why: &str) -> ExitCode {
    // Where stderr is closed, the exit code has to do.
    let _ = writeln!(std::io::stderr(), "netring: {}", view::text::printable(why));
    ExitCode::from(code)
}
