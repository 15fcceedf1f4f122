use super::recorder::Recorder;
use crate::{
    discovery::DiscoveryError,
    model::{Clock, SystemClock},
    wire::RegistryContact,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Whether the registry is in reach: whether the last call of every kind was answered. So a registry that answers some calls
/// and not others is out of reach until all are, and not now one and now the other. A change is logged and recorded once.
#[derive(Debug)]
pub(super) struct Contact {
    state: Mutex<RegistryContact>,
    /// What is wrong with each kind of call whose last one failed.
    failing: Mutex<BTreeMap<&'static str, String>>,
    recorder: Arc<Recorder>,
}

impl Contact {
    pub(super) fn new(recorder: Arc<Recorder>) -> Self {
        let state = RegistryContact { in_reach: None, since: SystemClock.now(), registered: false, error: None };
        Self { state: Mutex::new(state), failing: Mutex::default(), recorder }
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
            Ok(_) | Err(DiscoveryError::NotRegistered | DiscoveryError::Rejected { .. }) => self.note(operation, None),
            Err(error) => self.note(operation, Some(error.to_string())),
        }
        result
    }

    fn note(&self, operation: &'static str, error: Option<String>) {
        let error = {
            let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
            match error {
                Some(error) => drop(failing.insert(operation, error)),
                None => drop(failing.remove(operation)),
            }
            failing.values().next().cloned()
        };
        let in_reach = error.is_none();
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
