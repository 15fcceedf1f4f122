//! From the command line to the exit code.

use crate::{
    config::{Configuration, Flag, LogFilter, LogFormat, environment, load},
    log::{Log, briefly},
    signals::cancelled_by_signals,
};
use std::{
    fmt::Display,
    io::{self, Write},
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
    /// Print the effective configuration, and exit.
    pub check: bool,
}

impl Program<'_> {
    /// Reads the configuration, installs the log, and runs `daemon` until it ends by itself or by the token that SIGTERM
    /// and SIGINT cancel. What it errs with goes to standard error, and the exit code is 1. A daemon that goes on for
    /// 1.9 s after the signal is ended with exit code 0.
    pub fn run<C, F>(
        self,
        logs: impl FnOnce(&C) -> (&LogFilter, LogFormat),
        daemon: impl FnOnce(C, CancellationToken) -> F,
    ) -> ExitCode
    where
        C: Configuration,
        F: Future<Output = Result<(), String>>,
    {
        let loaded = environment::<C>(std::env::vars_os())
            .and_then(|environment| load::<C>(self.file, &environment, &self.flags));
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => return fail(self.name, error),
        };
        if self.check {
            return match io::stdout().lock().write_all(loaded.explain().as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            };
        }
        let (filter, format) = logs(&loaded.config);
        let log = Log::install(filter, format);
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
