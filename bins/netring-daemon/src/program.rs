//! From the command line to the exit code.

use crate::config::{Configuration, Flag, LogFilter, LogFormat, environment, load};
use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};
use tokio::signal::unix::{SignalKind, signal};
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
    /// and SIGINT cancel. What it errs with goes to standard error, and the exit code is 1.
    pub fn run<C, F>(
        self,
        logs: impl FnOnce(&C) -> (&LogFilter, LogFormat),
        daemon: impl FnOnce(C, CancellationToken) -> F,
    ) -> ExitCode
    where
        C: Configuration,
        F: Future<Output = Result<(), String>>,
    {
        let loaded = match load::<C>(self.file, &environment(std::env::vars_os()), &self.flags) {
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
        install_log(filter, format);
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return fail(self.name, format!("cannot start the runtime: {error}")),
        };
        let result = runtime.block_on(async {
            let shutdown = cancelled_by_signals().map_err(|error| format!("cannot listen for signals: {error}"))?;
            daemon(loaded.config, shutdown).await
        });
        // Not dropped: that would wait for a name look-up that hangs.
        runtime.shutdown_background();
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(self.name, error),
        }
    }
}

fn fail(name: &str, error: impl Display) -> ExitCode {
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{name}: {error}");
    ExitCode::FAILURE
}

fn install_log(filter: &LogFilter, format: LogFormat) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter.env_filter())
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}

/// A token that SIGTERM and SIGINT cancel.
///
/// # Errors
/// Where the system takes no handler.
fn cancelled_by_signals() -> io::Result<CancellationToken> {
    let shutdown = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = shutdown.clone();
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping");
        token.cancel();
    });
    Ok(shutdown)
}
