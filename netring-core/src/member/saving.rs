//! How a member keeps its list over a restart of its own.

use super::{MemberEngine, list::ListOrigin, probing::Probing, saved_list::same_but_for_last_seen};
use crate::model::{Clock, Member, SystemClock};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// A list in which nothing is new but when its members were last heard of is saved this often.
pub(super) const SAVED_EVERY: Duration = Duration::from_secs(60);
/// How long the first poll waits for the saved list.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

impl MemberEngine {
    /// Probes whom the saved list names. It is there at a start alone: the first list of the registry takes its place.
    pub(super) async fn take_saved_list(&self, probing: &Mutex<Probing>) {
        let Some(saved) = &self.saved_list else { return };
        let file = saved.file().display();
        let problem = match timeout(READ_TIMEOUT, saved.read()).await {
            Ok(Ok(Some((as_of, members)))) => {
                let (members, _) = self.others(members);
                let age = SystemClock.now().since(as_of);
                tracing::info!(%file, members = members.len(), ?age, "probing by the saved list until the registry answers");
                probing.lock().await.set_members(members, ListOrigin::from_state_dir(as_of));
                return;
            }
            Ok(Ok(None)) => {
                tracing::debug!(%file, "no list was saved yet");
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("not read within {READ_TIMEOUT:?}"),
        };
        tracing::warn!(
            %file,
            %problem,
            "the saved list of members is not used, and this member waits for the registry to name the others; \
             the next list takes the place of the file, unless it cannot be written: then remove it"
        );
    }

    /// Saves each list of the registry that says something new. One write ends before the next begins.
    pub(super) async fn keep_saved(&self) {
        let Some(saved) = &self.saved_list else { return };
        let inner = &*self.handle.inner;
        let file = saved.file().display();
        let mut written: Option<(Arc<[Member]>, Instant)> = None;
        let mut failing = false;
        loop {
            inner.list_taken.notified().await;
            let (members, Some(as_of)) = (inner.recorder.members(), inner.recorder.list_health().as_of) else {
                continue;
            };
            if let Some((before, at)) = &written
                && at.elapsed() < SAVED_EVERY
                && same_but_for_last_seen(before, &members)
            {
                continue;
            }
            match saved.write(as_of, Arc::clone(&members)).await {
                Ok(()) => {
                    if std::mem::take(&mut failing) {
                        tracing::info!(%file, "the list of members is saved again");
                    }
                    written = Some((members, Instant::now()));
                }
                Err(error) if failing => tracing::debug!(%file, %error, "the list of members is still not saved"),
                Err(error) => {
                    failing = true;
                    tracing::warn!(
                        %file,
                        %error,
                        "the list of members cannot be saved, and a restart would lose it; \
                         the folder has to be there, writable and not full"
                    );
                }
            }
        }
    }
}
