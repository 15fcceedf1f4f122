//! From the command line to the exit code.

use crate::{
    config::{Configuration, Flag, LogFilter, LogFormat, environment, file_in_folder, load},
    health,
    log::{Log, briefly},
    signals::cancelled_by_signals,
};
use std::{
    fmt::Display,
    io::{self, Write},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
};
use tokio_util::sync::CancellationToken;

/// A daemon, as `main` describes it.
#[derive(Debug)]
pub struct Program<'a> {
    /// The name to put before messages.
    pub name: &'static str,
    /// The configuration file, where one was given.
    pub file: Option<&'a Path>,
    /// The flags that were given.
    pub flags: Vec<Flag>,
    /// What to do.
    pub task: Task,
}

/// What a program is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// To run the daemon.
    Run,
    /// To print the effective configuration, and exit.
    Check,
    /// To ask the daemon that runs with the same configuration whether it is healthy, and exit.
    Healthcheck,
}

impl Task {
    /// What the flags `--check` and `--healthcheck` ask for.
    #[must_use]
    pub fn from_flags(check: bool, healthcheck: bool) -> Self {
        match (check, healthcheck) {
            (true, _) => Self::Check,
            (_, true) => Self::Healthcheck,
            _ => Self::Run,
        }
    }
}

/// What every daemon's configuration has.
#[derive(Debug)]
pub struct Common<'c> {
    /// What is logged.
    pub log_filter: &'c LogFilter,
    /// How it is written.
    pub log_format: LogFormat,
    /// Where the daemon listens.
    pub listening: SocketAddr,
}

impl Program<'_> {
    /// Reads the configuration, installs the log, and runs `daemon` until it ends by itself or by the token that SIGTERM
    /// and SIGINT cancel. What it errs with goes to standard error, and the exit code is 1. A daemon that goes on for
    /// 1.9 s after the signal is ended with exit code 0.
    ///
    /// A file is read where one was given, and otherwise where one is in the folder that `NETRING_CONFIG_DIR` names.
    pub fn run<C, F>(
        self,
        common: impl FnOnce(&C) -> Common<'_>,
        daemon: impl FnOnce(C, CancellationToken) -> F,
    ) -> ExitCode
    where
        C: Configuration,
        F: Future<Output = Result<(), String>>,
    {
        let in_folder = match self.file {
            Some(_) => None,
            None => std::env::var_os("NETRING_CONFIG_DIR").and_then(|folder| file_in_folder::<C>(Path::new(&folder))),
        };
        let file = self.file.or(in_folder.as_deref());
        let loaded =
            environment::<C>(std::env::vars_os()).and_then(|environment| load::<C>(file, &environment, &self.flags));
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => return fail(self.name, error),
        };
        let Common { log_filter, log_format, listening } = common(&loaded.config);
        match self.task {
            Task::Run => {}
            Task::Check => {
                return match io::stdout().lock().write_all(loaded.explain().as_bytes()) {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(_) => ExitCode::FAILURE,
                };
            }
            Task::Healthcheck => {
                return match health::ask(listening) {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(why) => fail(self.name, why),
                };
            }
        }
        let log = Log::install(log_filter, log_format);
        let result = run(loaded.config, daemon);
        log.finish();
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let name = self.name;
                briefly(move || _ = fail(name, error));
                ExitCode::FAILURE
            }
        }
    }
}

fn run<C, F: Future<Output = Result<(), String>>>(
    config: C,
    daemon: impl FnOnce(C, CancellationToken) -> F,
) -> Result<(), String> {
    let shutdown = cancelled_by_signals().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start the runtime: {error}"))?;
    let result = runtime.block_on(async { daemon(config, shutdown).await });
    // Not dropped: that would wait for a name look-up that hangs.
    runtime.shutdown_background();
    result
}

fn fail(name: &str, error: impl Display) -> ExitCode {
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{name}: {error}");
    ExitCode::FAILURE
}
