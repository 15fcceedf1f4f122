//! The log, which never holds up the daemon: where nobody reads standard error, lines are lost and nothing else is.

use crate::config::{LogFilter, LogFormat};
use std::{
    io::{self, IsTerminal},
    sync::mpsc,
    thread,
    time::Duration,
};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};

/// Lines that wait for standard error to take them. What comes beyond them is dropped.
const MOST_WAITING: usize = 8192;
/// Standard error may hold up the end of the process for this long.
const PATIENCE: Duration = Duration::from_millis(400);

/// The installed log.
#[derive(Debug)]
pub(crate) struct Log {
    writer: WorkerGuard,
}

impl Log {
    /// Sends what is logged from now on to standard error, by a thread of its own.
    pub(crate) fn install(filter: &LogFilter, format: LogFormat) -> Self {
        let (lines, writer) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(MOST_WAITING)
            .thread_name("log")
            .finish(io::stderr());
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter.env_filter())
            .with_writer(lines)
            .with_ansi(io::stderr().is_terminal());
        match format {
            LogFormat::Text => log.init(),
            LogFormat::Json => log.json().init(),
        }
        Self { writer }
    }

    /// Writes the lines that still wait, as far as standard error takes them soon.
    pub(crate) fn finish(self) {
        // The guard waits up to 1.1 s, and complains on standard output, which may be blocked or closed as well.
        briefly(move || drop(self.writer));
    }
}

/// Does what standard error may hold up, and waits for it only for a while.
pub(crate) fn briefly(work: impl FnOnce() + Send + 'static) {
    let (done, ended) = mpsc::channel::<()>();
    let thread = thread::Builder::new().name("last words".to_owned()).spawn(move || {
        let _done = done;
        work();
    });
    if thread.is_ok() {
        // That the sender is gone is the message.
        let _ = ended.recv_timeout(PATIENCE);
    }
}
