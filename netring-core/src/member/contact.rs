use super::recorder::Recorder;
use crate::{
    discovery::DiscoveryError,
    model::{Clock, SystemClock},
    wire::RegistryContact,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Whether the registry is in reach, as the last call to it showed. A change is logged and recorded once.
#[derive(Debug)]
pub(super) struct Contact {
    state: Mutex<RegistryContact>,
    recorder: Arc<Recorder>,
}

impl Contact {
    pub(super) fn new(recorder: Arc<Recorder>) -> Self {
        let state = RegistryContact { in_reach: None, since: SystemClock.now(), registered: false, error: None };
        Self { state: Mutex::new(state), recorder }
    }

    pub(super) fn state(&self) -> RegistryContact {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_registered(&self, registered: bool) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).registered = registered;
    }

    /// Makes a call to the registry, waits for at most `timeout`, and takes note of whether it could be reached.
    pub(super) async fn call<T>(
        &self,
        operation: &'static str,
        timeout: Duration,
        call: impl Future<Output = Result<T, DiscoveryError>>,
    ) -> Result<T, DiscoveryError> {
        let result = tokio::time::timeout(timeout, call).await.unwrap_or_else(|_| {
            Err(DiscoveryError::Unreachable {
                operation,
                peer: "the registry".into(),
                source: format!("no answer within {timeout:?}").into(),
            })
        });
        match &result {
            // A registry that says no is in reach.
            Ok(_) | Err(DiscoveryError::NotRegistered | DiscoveryError::Rejected { .. }) => self.note(true, None),
            Err(error) => self.note(false, Some(error.to_string())),
        }
        result
    }

    fn note(&self, in_reach: bool, error: Option<String>) {
        let changed = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = state.in_reach != Some(in_reach);
            if changed {
                state.since = SystemClock.now();
            }
            state.in_reach = Some(in_reach);
            state.error.clone_from(&error);
            changed
        };
        if changed {
            match error {
                None => tracing::info!("the registry is in reach"),
                Some(error) => {
                    tracing::warn!(%error, "the registry is out of reach; trying again, and probing who is known")
                }
            }
            self.recorder.registry_contact(in_reach);
        }
    }
}
