use super::message::NetworkError;
use netring_core::{FailureReason, Outcome, ProbeError, prober::connect_failure};
use nix::libc;
use std::io;

/// Why a probe ends before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The target is at fault, or the network on the way.
    Failed(Outcome),
    /// The probe could not be made.
    NotMade(ProbeError),
}

impl Stop {
    /// What an error of `operation` on a socket towards a target means.
    pub(crate) fn io(operation: &'static str, error: io::Error) -> Self {
        match error.raw_os_error() {
            // No IPv6 at all, or no address of that family: from here there is no way to the target.
            Some(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL) => {
                Self::Failed(Outcome::failure(FailureReason::Unreachable, format!("{operation}: {error}")))
            }
            // No port is free, or no buffer.
            Some(libc::EAGAIN) => Self::NotMade(ProbeError::Exhausted { operation, source: error }),
            _ => match connect_failure(operation, error) {
                Ok(outcome) => Self::Failed(outcome),
                Err(error) => Self::NotMade(error),
            },
        }
    }
}

impl NetworkError {
    /// The failure of a burst of which nothing came back but this.
    pub(crate) fn outcome(self, operation: &str) -> Outcome {
        let reason = match self.errno {
            libc::ECONNREFUSED => FailureReason::Refused,
            _ => FailureReason::Unreachable,
        };
        let error = io::Error::from_raw_os_error(self.errno);
        let message = match self.offender {
            Some(offender) => format!("{operation}: {error}, as {offender} says"),
            None => format!("{operation}: {error}"),
        };
        Outcome::failure(reason, message)
    }

    /// Whether the packet is gone. A router that asks for smaller packets is answered by the kernel.
    pub(crate) const fn is_final(self) -> bool {
        self.errno != libc::EMSGSIZE
    }
}

/// Whether `error` is one that the network reported, which a socket gives in answer to whatever is asked of it next.
pub(crate) fn is_from_the_network(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::ECONNREFUSED
                | libc::EHOSTUNREACH
                | libc::ENETUNREACH
                | libc::EHOSTDOWN
                | libc::ENOPROTOOPT
                | libc::EACCES
                | libc::EPROTO
                | libc::EOPNOTSUPP
                | libc::ENONET
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_without_the_family_cannot_reach_the_target() {
        for code in [libc::EAFNOSUPPORT, libc::EADDRNOTAVAIL, libc::ENETUNREACH, libc::EHOSTUNREACH, libc::EPERM] {
            let stop = Stop::io("connect", io::Error::from_raw_os_error(code));
            let Stop::Failed(Outcome::Failure { reason, message }) = stop else { panic!("{code}: {stop:?}") };
            assert_eq!(reason, FailureReason::Unreachable, "{code}: {message}");
        }
    }

    #[test]
    fn what_this_system_lacks_is_no_failure_of_the_target() {
        for code in [libc::EAGAIN, libc::EMFILE, libc::ENOBUFS] {
            assert!(matches!(Stop::io("send", io::Error::from_raw_os_error(code)), Stop::NotMade(_)), "{code}");
        }
    }

    #[test]
    fn a_failure_says_who_said_so() {
        let error = NetworkError { errno: libc::ECONNREFUSED, offender: Some([192, 0, 2, 1].into()) };
        let message = "udp: Connection refused (os error 111), as 192.0.2.1 says";
        assert_eq!(error.outcome("udp"), Outcome::failure(FailureReason::Refused, message));
        let error = NetworkError { errno: libc::EHOSTUNREACH, offender: None };
        let message = "udp: No route to host (os error 113)";
        assert_eq!(error.outcome("udp"), Outcome::failure(FailureReason::Unreachable, message));
    }
}
