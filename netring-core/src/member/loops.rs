//! The three loops in which a member talks to its ring.

use super::{MemberEngine, list::ListOrigin, probing::Probing, retry::Retry, thin::thin};
use crate::{
    discovery::{Announcement, DiscoveryError, Peers},
    model::{Clock, InstanceId, Member, MemberReport, SystemClock},
};
use std::{
    collections::HashSet,
    sync::{PoisonError, atomic::Ordering},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

/// A member probes at most this many others: a registry takes as many results as seven probers make of them.
const MAX_TARGETS: usize = 3_000;
/// The first wait between two polls; every further one is twice as long, up to the poll interval.
const FIRST_POLL_WAIT: Duration = Duration::from_secs(1);
/// Ages come in whole seconds and take a while to arrive: a list that is older than the current one by less counts for as old.
const AGES_DIFFER: Duration = Duration::from_secs(5);
/// The first report does not wait for a whole interval, but for this long, so that the first probes are in it.
const FIRST_REPORT_AFTER: Duration = Duration::from_secs(6);

impl MemberEngine {
    async fn call<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, DiscoveryError>>,
    ) -> Result<T, DiscoveryError> {
        self.handle.inner.contact.call(operation, self.config.registry_timeout, call).await
    }

    /// Registers, sends heartbeats, and registers again under the same id when the registry has forgotten this member.
    pub(super) async fn keep_registered(&self) {
        let inner = &*self.handle.inner;
        let mut again = false;
        loop {
            self.register().await;
            inner.poll_now.notify_one();
            if again {
                // A registry that forgot this member has forgotten what it reported too.
                inner.report_now.notify_one();
            }
            again = true;
            let mut retry = Retry::new();
            let mut wait = inner.announcement.heartbeat_interval;
            loop {
                inner.heartbeats.turned();
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = inner.forgotten.notified() => break,
                }
                let heartbeat = self.config.discovery.heartbeat(&inner.announcement.instance_id);
                match self.call("send a heartbeat", heartbeat).await {
                    Ok(()) => {
                        retry = Retry::new();
                        wait = inner.announcement.heartbeat_interval;
                    }
                    Err(DiscoveryError::NotRegistered) => {
                        self.note_forgotten();
                        break;
                    }
                    Err(_) => wait = retry.next_delay().min(inner.announcement.heartbeat_interval),
                }
            }
            inner.contact.set_registered(false);
            tracing::info!("the registry does not know this member any more; registering again");
        }
    }

    /// Tries until the registry takes this member.
    async fn register(&self) {
        let inner = &*self.handle.inner;
        let mut retry = Retry::new();
        let mut refused = None;
        loop {
            match self.call("register", self.config.discovery.announce(&inner.announcement)).await {
                Ok(()) => break,
                Err(error @ DiscoveryError::Rejected { .. }) => {
                    let error = error.to_string();
                    if refused.as_ref() != Some(&error) {
                        tracing::error!(%error, "cannot join the ring; trying again in case that changes");
                        refused = Some(error);
                    }
                }
                Err(error) => tracing::debug!(%error, "not registered yet"),
            }
            inner.heartbeats.turned();
            tokio::time::sleep(retry.next_delay()).await;
        }
        inner.contact.set_registered(true);
        let Announcement { instance_id, location, .. } = &inner.announcement;
        tracing::info!(%instance_id, %location, "registered");
    }

    /// Asks for the members and probes them. The last list is kept while there is no better one. It is asked for more often
    /// at first: members that are started together then know each other within seconds.
    pub(super) async fn keep_list(&self, probing: &Mutex<Probing>) {
        let inner = &*self.handle.inner;
        let mut retry = Retry::new();
        let mut next_wait = FIRST_POLL_WAIT;
        loop {
            let wait = match self.call("list the members", self.config.discovery.peers()).await {
                Ok(peers) => {
                    retry = Retry::new();
                    self.take_list(peers, probing).await;
                    let wait = next_wait.min(self.config.poll_interval);
                    next_wait = wait * 2;
                    wait
                }
                Err(_) => retry.next_delay().min(self.config.poll_interval),
            };
            inner.polls.turned();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = inner.poll_now.notified() => {}
            }
        }
    }

    /// Those of `members` that this member is to probe, each once, and the ids of all of them.
    pub(super) fn others(&self, mut members: Vec<Member>) -> (Vec<Member>, HashSet<InstanceId>) {
        let mut ids = HashSet::new();
        members.retain(|member| ids.insert(member.instance_id.clone()));
        members.retain(|member| member.instance_id != self.handle.source().instance_id);
        if members.len() > MAX_TARGETS {
            tracing::warn!(
                listed = members.len(),
                probed = MAX_TARGETS,
                "the ring is too large: the first ids are probed alone"
            );
            members.truncate(MAX_TARGETS);
        }
        (members, ids)
    }

    async fn take_list(&self, peers: Peers, probing: &Mutex<Probing>) {
        let inner = &*self.handle.inner;
        // A registry that cannot look its members up may know an older list than another one gave before. Who left since then
        // is not to come back with it, nor is it to be saved over the newer one.
        if inner.recorder.list_age().is_some_and(|current| peers.age > current.saturating_add(AGES_DIFFER)) {
            tracing::debug!(age = ?peers.age, "the registry gives an older list than the one that is known; that one is kept");
            return;
        }
        let origin = ListOrigin::from_registry(peers.age);
        let (mut members, mut ids) = self.others(peers.members);
        let listed = ids.contains(&inner.announcement.instance_id);
        // An old list may be of a time before this member was there: that is no sign of a lost memory.
        if !peers.age.is_zero() {
            tracing::debug!(age = ?peers.age, "the registry cannot look its members up, and gives the last list it knows");
        } else if inner.was_listed.swap(listed, Ordering::Relaxed) && !listed {
            // The registry has lost its memory, perhaps with a restart. Nothing is gained by waiting for the next heartbeat.
            self.note_forgotten();
            inner.forgotten.notify_one();
        }
        let before = inner.recorder.members();
        if self.registry_is_recovering() {
            let room = MAX_TARGETS.saturating_sub(members.len());
            members.extend(before.iter().filter(|member| ids.insert(member.instance_id.clone())).take(room).cloned());
        }
        let known: HashSet<_> = before.iter().map(|member| &member.instance_id).collect();
        for member in members.iter().filter(|member| !known.contains(&member.instance_id)) {
            tracing::info!(instance_id = %member.instance_id, location = %member.location, address = %member.address, "a member joined");
        }
        for member in before.iter().filter(|member| !ids.contains(&member.instance_id)) {
            tracing::info!(instance_id = %member.instance_id, location = %member.location, "a member left");
        }
        probing.lock().await.set_members(members, origin);
        inner.list_taken.notify_one();
    }

    /// A registry that forgot this member has forgotten the others too, and hears of each within one of its heartbeats. Until
    /// then its list is no reason to take anybody for gone. One that forgets again meanwhile does not put that off, or
    /// whoever left would be probed for as long as it goes on.
    fn note_forgotten(&self) {
        let mut until = self.handle.inner.recovering_until.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if until.is_none_or(|until| until <= now) {
            *until = Some(now + self.handle.inner.announcement.heartbeat_interval + self.config.poll_interval);
        }
    }

    fn registry_is_recovering(&self) -> bool {
        let until = *self.handle.inner.recovering_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Hands the newest results on, every report interval.
    pub(super) async fn keep_reporting(&self) {
        let inner = &*self.handle.inner;
        let interval = self.config.report_interval;
        let mut retry = Retry::new();
        let mut refused = None;
        let soon = interval.min(FIRST_REPORT_AFTER);
        let mut last = Instant::now();
        let mut next = last + soon;
        loop {
            tokio::select! {
                () = sleep_until(next) => {}
                // Not at once: a registry that forgets again and again is not to be asked again and again.
                () = inner.report_now.notified() => sleep_until(last + soon).await,
            }
            last = Instant::now();
            let mut results = inner.recorder.newest();
            thin(&mut results);
            let report = MemberReport {
                instance_id: inner.announcement.instance_id.clone(),
                location: inner.announcement.location.clone(),
                sent_at: SystemClock.now(),
                check_interval: interval,
                results,
            };
            let wait = match self.call("report", self.config.discovery.report(&report)).await {
                Ok(()) => {
                    retry = Retry::new();
                    if refused.take().is_some() {
                        tracing::info!("the registry takes this member's results again");
                    }
                    interval
                }
                Err(error) => {
                    if matches!(error, DiscoveryError::NotRegistered) && inner.contact.state().registered {
                        inner.forgotten.notify_one();
                    }
                    let rejected = matches!(error, DiscoveryError::Rejected { .. }).then(|| error.to_string());
                    if rejected.is_some() && rejected != refused {
                        tracing::warn!(%error, "the registry does not take this member's results");
                        refused = rejected;
                    } else {
                        tracing::debug!(%error, "cannot report; the newest results are kept and sent later");
                    }
                    // Not at once: a registry that is slow under its load is not helped by the same report again.
                    retry.next_delay().max(interval / 4).min(interval)
                }
            };
            inner.reports.turned();
            next = Instant::now() + wait;
        }
    }
}
