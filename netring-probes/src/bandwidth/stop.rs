use netring_core::{FailureReason, Outcome, ProbeError, prober::connect_failure};
use std::{error::Error, io, time::Duration};

/// Why a test ends before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The target is at fault.
    Failed(Outcome),
    /// The test could not be made.
    NotMade(ProbeError),
}

impl Stop {
    pub(super) fn failed(reason: FailureReason, message: impl Into<String>) -> Self {
        Self::Failed(Outcome::failure(reason, message))
    }

    /// Nothing came for so long.
    pub(super) fn silent(operation: &'static str, time: Duration) -> Self {
        Self::failed(FailureReason::Timeout, format!("{operation}: no answer for {time:?}"))
    }

    /// The target ended a transfer before there was a rate to tell.
    pub(super) fn too_little(operation: &'static str, bytes: u64) -> Self {
        let message = format!("{operation}: the target ended it after {bytes} bytes, too few to tell a rate from");
        Self::failed(FailureReason::Protocol, message)
    }

    /// An error of the connection itself.
    pub(super) fn io(operation: &'static str, error: io::Error) -> Self {
        match connect_failure(operation, error) {
            Ok(outcome) => Self::Failed(outcome),
            Err(error) => Self::NotMade(error),
        }
    }

    /// An error of hyper's. A connection that was closed before the head of an answer is a reset, and after it a promise
    /// that was broken.
    pub(super) fn http(operation: &'static str, error: &hyper::Error) -> Self {
        let io = std::iter::successors(error.source(), |&error| error.source())
            .find_map(|error| error.downcast_ref::<io::Error>());
        let closed = error.is_incomplete_message()
            || error.is_canceled()
            || io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof);
        if closed {
            return Self::failed(
                FailureReason::Reset,
                format!("{operation}: the connection was closed before an answer"),
            );
        }
        if let Some(code) = io.and_then(io::Error::raw_os_error) {
            return Self::io(operation, io::Error::from_raw_os_error(code));
        }
        Self::failed(FailureReason::Protocol, format!("{operation}: what came is not HTTP/1.1: {error}"))
    }

    /// The same within the body of an answer.
    pub(super) fn body(operation: &'static str, error: &hyper::Error) -> Self {
        match Self::http(operation, error) {
            Self::Failed(Outcome::Failure { reason: FailureReason::Reset, message })
                if message.ends_with("before an answer") =>
            {
                Self::failed(FailureReason::Protocol, format!("{operation}: the connection was closed before its end"))
            }
            stop => stop,
        }
    }
}
