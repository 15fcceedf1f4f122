use super::progress::Phase;
use netring_core::{FailureReason, Outcome, ProbeError, prober::connect_failure};
use std::{error::Error, io};

/// Why a probe ends before its end.
pub(super) enum Stop {
    /// The target is at fault.
    Failed(Outcome),
    /// The probe could not be made.
    NotMade(ProbeError),
}

impl Stop {
    pub(super) fn failed(reason: FailureReason, message: impl Into<String>) -> Self {
        Self::Failed(Outcome::failure(reason, message))
    }

    /// An error of the connection itself, in `phase`. rustls hides its own inside an [`io::Error`].
    pub(super) fn io(phase: Phase, error: io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::failed(FailureReason::Tls, format!("{}: {tls}", phase.as_str()));
        }
        match connect_failure(phase.as_str(), error) {
            Ok(outcome) => Self::Failed(outcome),
            Err(error) => Self::NotMade(error),
        }
    }

    /// An error of hyper's, in `phase`.
    ///
    /// A connection that was closed is a reset until the whole head of the answer is there: nothing tells a target
    /// that crashed from one that never spoke HTTP. From then on it broke the promise that its head made, against the
    /// protocol. A connection that was torn down by a RST is a reset in both.
    pub(super) fn http(phase: Phase, error: &hyper::Error) -> Self {
        let at = phase.as_str();
        if cut_short(error) {
            return match phase {
                Phase::Body => {
                    Self::failed(FailureReason::Protocol, format!("{at}: the connection was closed before its end"))
                }
                _ => Self::failed(FailureReason::Reset, format!("{at}: the connection was closed before an answer")),
            };
        }
        if let Some(io) = source::<io::Error>(error)
            && !is_about_the_content(io)
        {
            return Self::io(phase, owned(io));
        }
        let message = match error.source() {
            Some(source) => format!("{at}: what came is not HTTP/1.1: {error} ({source})"),
            None => format!("{at}: what came is not HTTP/1.1: {error}"),
        };
        Self::failed(FailureReason::Protocol, message)
    }
}

/// Whether the connection ended in order, but too early. Over TLS that is also an end without `close_notify`, which
/// is the only thing that tells the end of a body without a length from an attacker's cut (RFC 8446, section 6.1).
fn cut_short(error: &hyper::Error) -> bool {
    let given_up = error.is_canceled() && source::<hyper::Error>(error).is_none();
    given_up
        || error.is_incomplete_message()
        || source::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message)
        || source::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
}

/// Whether hyper itself made this error, of bytes that make no sense, as of a chunk without a length.
fn is_about_the_content(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
        && error.get_ref().is_none_or(|inner| !inner.is::<rustls::Error>())
}

/// The nearest cause of the type `E`.
fn source<E: Error + 'static>(error: &hyper::Error) -> Option<&E> {
    std::iter::successors(error.source(), |&error| error.source()).find_map(|error| error.downcast_ref())
}

/// hyper only lends its cause; what [`Stop::io`] looks at is all in the copy.
fn owned(error: &io::Error) -> io::Error {
    if let Some(code) = error.raw_os_error() {
        return io::Error::from_raw_os_error(code);
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => io::Error::new(error.kind(), tls.clone()),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_system_lacks_is_no_failure_of_the_target() {
        // EMFILE: the same number on every Unix.
        let stop = Stop::io(Phase::Connect, io::Error::from_raw_os_error(24));
        assert!(matches!(stop, Stop::NotMade(ProbeError::Exhausted { operation: "connect", .. })));
    }

    #[test]
    fn an_error_of_tls_is_found_within_one_of_the_connection() {
        let error = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        for error in [owned(&error), error] {
            let Stop::Failed(outcome) = Stop::io(Phase::Body, error) else { panic!("the target is at fault") };
            assert_eq!(outcome, Outcome::failure(FailureReason::Tls, "body: cannot decrypt peer's message"));
        }
    }
}
