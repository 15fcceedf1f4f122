//! The command `netring`: what a person types to try a ring, and to see how one is.

mod args;
mod demo;
mod registry;
mod status;
mod terminal;
mod view;

use args::{Cli, Command};
use clap::Parser;
use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a usage error ends with, as clap has it.
const EXIT_USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(filter) = cli.log {
        log_to_stderr(filter);
    }
    let shutdown = match on_signals() {
        Ok(shutdown) => shutdown,
        Err(error) => return fail(EXIT_USAGE, &format!("cannot listen for signals: {error}")),
    };
    match cli.command {
        Command::Demo(args) => demo::run(args, shutdown).await,
        Command::Status(args) => status::run(args, shutdown).await,
    }
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
