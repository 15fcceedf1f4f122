use super::ProbeError;
use crate::model::{FailureReason, Outcome};
use std::io::{self, ErrorKind};

/// What an error of `operation` towards a target means: a failure of the probe, or, where this system has run out of
/// something, a probe that could not be made. For whoever writes a prober that opens connections.
///
/// # Errors
/// Where the error is this system's own.
pub fn connect_failure(operation: &'static str, error: io::Error) -> Result<Outcome, ProbeError> {
    let reason = match error.kind() {
        ErrorKind::TimedOut => FailureReason::Timeout,
        ErrorKind::ConnectionRefused => FailureReason::Refused,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => FailureReason::Reset,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            FailureReason::Unreachable
        }
        // EACCES and EPERM of a connect are a local firewall's, or a router's "administratively prohibited".
        ErrorKind::PermissionDenied => FailureReason::Unreachable,
        ErrorKind::UnexpectedEof => FailureReason::Reset,
        _ if is_exhausted(&error) => return Err(ProbeError::Exhausted { operation, source: error }),
        _ => FailureReason::Other,
    };
    Ok(Outcome::failure(reason, format!("{operation}: {error}")))
}

/// EMFILE, ENFILE, ENOBUFS, ENOMEM and EADDRNOTAVAIL (no free port), which `ErrorKind` does not all name.
fn is_exhausted(error: &io::Error) -> bool {
    #[cfg(target_os = "linux")]
    const EXHAUSTED: [i32; 5] = [24, 23, 105, 12, 99];
    #[cfg(not(target_os = "linux"))]
    const EXHAUSTED: [i32; 5] = [24, 23, 55, 12, 49];
    error.raw_os_error().is_some_and(|code| EXHAUSTED.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_network_says_is_a_failure_of_the_target() {
        for (code, reason) in [
            (111, FailureReason::Refused),
            (110, FailureReason::Timeout),
            (113, FailureReason::Unreachable),
            (101, FailureReason::Unreachable),
            (104, FailureReason::Reset),
            (13, FailureReason::Unreachable),
        ] {
            let outcome = connect_failure("connect", io::Error::from_raw_os_error(code)).unwrap();
            assert!(matches!(outcome, Outcome::Failure { reason: r, .. } if r == reason), "{code}: {outcome:?}");
        }
    }

    #[test]
    fn what_this_system_lacks_is_no_failure_of_the_target() {
        for code in [24, 23, 105, 12, 99] {
            assert!(connect_failure("connect", io::Error::from_raw_os_error(code)).is_err(), "{code}");
        }
    }
}
