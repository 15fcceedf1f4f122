use crate::discovery::DiscoveryError;
use std::time::Duration;

/// What the registries of one call gave that is no good answer, for where none gives a better one.
#[derive(Debug)]
pub(super) struct Aside<T> {
    /// The youngest answer of a registry that is cut off from its store.
    old: Option<(Duration, T)>,
    /// The first no. It may be a proxy's, whose registry is gone, so the others are asked all the same.
    refused: Option<DiscoveryError>,
    failed: Option<DiscoveryError>,
    tried: usize,
}

impl<T> Aside<T> {
    pub(super) fn new() -> Self {
        Self { old: None, refused: None, failed: None, tried: 0 }
    }

    /// Gives `answer` back where it settles the call. Otherwise keeps it, and the error is why the next registry is to be
    /// asked; `age` is how long ago the answer was true.
    pub(super) fn judge(
        &mut self,
        answer: Result<T, DiscoveryError>,
        age: fn(&T) -> Duration,
    ) -> Result<Result<T, DiscoveryError>, String> {
        self.tried += 1;
        match answer {
            Ok(answer) => {
                let age = age(&answer);
                if age.is_zero() {
                    return Ok(Ok(answer));
                }
                if self.old.as_ref().is_none_or(|(youngest, _)| age < *youngest) {
                    self.old = Some((age, answer));
                }
                Err(format!("what it knows is {} s old", age.as_secs()))
            }
            Err(DiscoveryError::NotRegistered) => Ok(Err(DiscoveryError::NotRegistered)),
            Err(error) => {
                let reason = error.to_string();
                match error {
                    DiscoveryError::Rejected { .. } => _ = self.refused.get_or_insert(error),
                    _ => self.failed = Some(error),
                }
                Err(reason)
            }
        }
    }

    /// Whether there is more to give than that nobody could be reached.
    pub(super) fn has_answer(&self) -> bool {
        self.old.is_some() || self.refused.is_some()
    }

    /// The best of what the registries of the call gave, of `count` in all.
    pub(super) fn best(self, count: usize) -> Result<T, DiscoveryError> {
        if let Some((_, answer)) = self.old {
            return Ok(answer);
        }
        let tried = self.tried;
        Err(match self.refused.or(self.failed) {
            Some(DiscoveryError::Unreachable { operation, peer, source }) => {
                let all = if tried < count { format!("{tried} of {count}") } else { format!("any of {count}") };
                DiscoveryError::Unreachable { operation, peer: format!("{all} registries, at last {peer}"), source }
            }
            Some(error) => error,
            None => unreachable!("a call is made to one registry at least"),
        })
    }
}
