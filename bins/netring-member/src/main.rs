//! `netring-member [CONFIG]`: one member of a ring, which probes the others and serves what it sees.

mod cli;
mod config;

use clap::Parser;
use cli::Cli;
use config::MemberConfig;
use netring_daemon::config::{environment, load};
use std::{
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let loaded = load::<MemberConfig>(cli.config.as_deref(), &environment(std::env::vars_os()), &cli.flags.given());
    match loaded {
        Ok(loaded) if cli.check => print(&loaded.explain()),
        Ok(loaded) => run(&loaded.config),
        Err(error) => fail(&error.to_string()),
    }
}

/// Probes until a signal ends it.
fn run(_config: &MemberConfig) -> ExitCode {
    fail("this build only checks configurations: run it with --check")
}

fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(message: &str) -> ExitCode {
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "netring-member: {message}");
    ExitCode::FAILURE
}
