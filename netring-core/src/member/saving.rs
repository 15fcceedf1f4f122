//! How a member keeps its list over a restart of its own.

use super::{
    MemberEngine,
    list::ListOrigin,
    probing::Probing,
    saved_list::{Saved, same_but_for_last_seen},
};
use crate::model::{Clock, Member, SystemClock};
use std::{io, path::Path, sync::Arc, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// A list in which nothing is new but when its members were last heard of is saved this often.
pub(super) const SAVED_EVERY: Duration = Duration::from_secs(60);
/// How long the first poll waits for the saved list.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// A saved list that is older is worth a warning: a few members may have gone since.
const OLD: Duration = Duration::from_secs(5 * 60);
/// One that is older still is not probed by: a registry too has forgotten by then who is offline, and who knows whose the
/// addresses are now.
const TOO_OLD: Duration = Duration::from_secs(86_400);

impl MemberEngine {
    /// Probes whom the saved list names. It is there at a start alone: the first list of the registry takes its place.
    pub(super) async fn take_saved_list(&self, probing: &Mutex<Probing>) {
        let Some(saved) = &self.saved_list else { return };
        let file = saved.file().display();
        let problem = match timeout(READ_TIMEOUT, saved.read()).await {
            Ok(Ok(Some(list))) => return self.probe_by_saved(list, saved.file(), probing).await,
            Ok(Ok(None)) => {
                tracing::debug!(%file, "no list was saved yet");
                return;
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                let kept = match timeout(READ_TIMEOUT, saved.set_aside()).await {
                    Ok(Ok(aside)) => format!("it is kept as {}", aside.display()),
                    Ok(Err(error)) => format!("it cannot be renamed: {error}"),
                    Err(_) => format!("it was not renamed within {READ_TIMEOUT:?}"),
                };
                format!("{error}; {kept}")
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

    async fn probe_by_saved(&self, list: Saved, file: &Path, probing: &Mutex<Probing>) {
        let Saved { as_of, members, left_out } = list;
        let file = file.display();
        let age = Duration::from_secs(SystemClock.now().since(as_of).as_secs());
        if age > TOO_OLD {
            tracing::warn!(
                %file,
                ?age,
                "the saved list of members is too old to be probed by, and this member waits for the registry to name the \
                 others: see that a registry is in reach, and that the clock is right"
            );
            return;
        }
        if left_out > 0 {
            tracing::warn!(%file, left_out, "members of the saved list make no sense; they are left out");
        }
        let (members, _) = self.others(members);
        let count = members.len();
        if age < OLD {
            tracing::info!(%file, members = count, ?age, "probing by the saved list until the registry answers");
        } else {
            tracing::warn!(
                %file,
                members = count,
                ?age,
                "probing by the saved list, which is old, until the registry answers: who left since then is shown as down"
            );
        }
        probing.lock().await.set_members(members, ListOrigin::from_state_dir(as_of));
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
