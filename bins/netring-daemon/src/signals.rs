//! SIGTERM and SIGINT.

use std::{io, process, thread, time::Duration};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A daemon that has not ended this long after the signal is ended.
const LONGEST_STOP: Duration = Duration::from_millis(1900);

/// A token that SIGTERM and SIGINT cancel. A process that does not end by itself then exits with code 0 in time.
///
/// Both are the work of one thread with nothing else to do, so that they do not depend on the daemon's own threads: one
/// that hangs in a system call must not keep the process from ending. It ends the process where a library must not,
/// because the crate is the common part of programs, and their promise is to end within 2 s.
///
/// # Errors
/// Where the system takes no handler, or has no thread.
pub(crate) fn cancelled_by_signals() -> io::Result<CancellationToken> {
    let shutdown = CancellationToken::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut terminate, mut interrupt) = {
        let _entered = runtime.enter();
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    let token = shutdown.clone();
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let name = runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            }
        });
        // First of all: nothing, not even the log, may come between the signal and what it asks for.
        token.cancel();
        tracing::info!(signal = name, "stopping");
        thread::sleep(LONGEST_STOP);
        process::exit(0);
    })?;
    Ok(shutdown)
}
