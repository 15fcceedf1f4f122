use super::{
    ClientError, RegistryClient, address,
    aside::Aside,
    last_report::LastReport,
    patience::{Took, bound, is_over},
    turn::{Attempt, Turn},
};
use crate::{
    discovery::{Announcement, Discovery, DiscoveryError, Peers},
    model::{InstanceId, MemberReport},
};
use async_trait::async_trait;
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// A goodbye goes to the others as well after this long: a member that stops has 1.5 s for it.
const GOODBYE_ALONE: Duration = Duration::from_millis(300);

/// Several registries of one ring, on a store that they share, so that each answers as the others do.
///
/// Calls go to one of them for as long as it answers. A call that cannot be made there, or is refused, goes on to the next
/// at once, and to each at most once; the one that answers is asked first from then on. So is the next one where a
/// registry says nothing: each but the last of a call has 2 s, or half as long again as its last good answer took, up to
/// 3.5 s. Where there are more than three it has less, but 1 s at least; the next call goes on with those that there was
/// no time for. A call that is dropped while a registry owes the answer counts as one that failed there.
///
/// A list with an age is the last one that a registry knew: the others are asked for a newer one. A refusal is given where
/// none does better. A report, which may be large, has no bound and moves no other call. A goodbye goes to all, after
/// 0.3 s.
///
/// Every five minutes a call of [`peers`](Discovery::peers) tries the registry again that came first in the beginning, so
/// that the members of a ring spread again once it is back. A single registry is called as if it stood alone.
#[derive(Debug)]
pub struct Registries {
    registries: Vec<Registry>,
    /// Those that are reached over HTTP, in the order in which they were given.
    clients: Vec<Arc<RegistryClient>>,
    turn: Turn,
}

#[derive(Debug)]
struct Registry {
    name: String,
    discovery: Arc<dyn Discovery>,
    took: Took,
    last_report: LastReport,
}

/// For answers that are true now.
fn new<T>(_: &T) -> Duration {
    Duration::ZERO
}

impl Registries {
    /// The registries that `clients` lead to, in an order that is random, so that the members of a ring spread over them.
    ///
    /// # Errors
    /// [`ClientError::NoRegistry`] where there is none.
    pub fn new(clients: impl IntoIterator<Item = RegistryClient>) -> Result<Self, ClientError> {
        let clients: Vec<_> = clients.into_iter().map(Arc::new).collect();
        let mut registries: Vec<(String, Arc<dyn Discovery>)> =
            clients.iter().map(|client| (client.url().into(), Arc::clone(client) as _)).collect();
        fastrand::shuffle(&mut registries);
        Ok(Self { clients, ..Self::in_order(registries)? })
    }

    /// As [`Registries::new`], with a client of its own for each of `urls`.
    ///
    /// # Errors
    /// Where there is no URL, or one is none of a registry.
    pub fn from_urls<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Result<Self, ClientError> {
        let clients = urls.into_iter().map(|url| RegistryClient::new(url.as_ref()));
        Self::new(clients.collect::<Result<Vec<_>, _>>()?)
    }

    /// `registries`, each with the name that a log has for it, in this order: the first is the one to come back to.
    ///
    /// # Errors
    /// [`ClientError::NoRegistry`] where there is none.
    pub fn in_order(registries: impl IntoIterator<Item = (String, Arc<dyn Discovery>)>) -> Result<Self, ClientError> {
        let registry =
            |(name, discovery)| Registry { name, discovery, took: Took::default(), last_report: LastReport::default() };
        let registries: Vec<_> = registries.into_iter().map(registry).collect();
        if registries.is_empty() {
            return Err(ClientError::NoRegistry);
        }
        let turn = Turn::new(registries.iter().map(|registry| registry.name.clone()).collect());
        Ok(Self { turn, registries, clients: Vec::new() })
    }

    /// The names of the registries: their URLs without user and password, in the order in which they are tried.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.registries.iter().map(|registry| registry.name.as_str())
    }

    /// The registry, where there is but one.
    fn only(&self) -> Option<&dyn Discovery> {
        match &self.registries[..] {
            [only] => Some(&*only.discovery),
            _ => None,
        }
    }

    /// Makes a call that began at `begun` to one registry after the other, in the order of `attempts`, until one of them
    /// gives an answer whose `age` is zero.
    async fn call<'a, T: Send>(
        &'a self,
        attempts: impl Iterator<Item = Attempt<'a>> + Send,
        operation: &'static str,
        begun: Instant,
        age: fn(&T) -> Duration,
        ask: impl Fn(&'a dyn Discovery) -> BoxFuture<'a, Result<T, DiscoveryError>> + Send,
    ) -> Result<T, DiscoveryError> {
        if let Some(only) = self.only() {
            return ask(only).await;
        }
        let (count, mut aside) = (self.registries.len(), Aside::new());
        for (tried, attempt) in (1..).zip(attempts) {
            let Registry { name, discovery, took, .. } = &self.registries[attempt.index()];
            let asked = Instant::now();
            let answer = ask(&**discovery);
            let answer = match bound(begun.elapsed(), count - tried, took, aside.has_answer()) {
                Some(bound) => timeout(bound, answer).await.unwrap_or_else(|_| {
                    let source = format!("no answer within {bound:.1?}").into();
                    Err(DiscoveryError::Unreachable { operation, peer: name.clone(), source })
                }),
                None => answer.await,
            };
            match aside.judge(answer, age) {
                Ok(answer) => {
                    took.note(operation, asked.elapsed());
                    attempt.answered();
                    return answer;
                }
                Err(reason) => attempt.failed(&reason),
            }
            if is_over(begun.elapsed()) {
                break;
            }
        }
        aside.best(count)
    }

    /// `announcement` with an address. Which registry the member happens to ask first must not decide it, nor may that be
    /// loopback where a registry stands elsewhere. Where none is found each registry's client says why.
    async fn with_address(&self, announcement: &Announcement) -> Announcement {
        let mut announcement = announcement.clone();
        if announcement.ip.is_none() && self.clients.len() > 1 {
            announcement.ip = address::towards_any(&self.clients).await;
        }
        announcement
    }
}

#[async_trait]
impl Discovery for Registries {
    async fn announce(&self, announcement: &Announcement) -> Result<(), DiscoveryError> {
        let begun = Instant::now();
        let announcement = self.with_address(announcement).await;
        let attempts = self.turn.attempts();
        self.call(attempts, "register", begun, new, |registry| registry.announce(&announcement)).await
    }

    async fn heartbeat(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError> {
        let (attempts, begun) = (self.turn.attempts(), Instant::now());
        self.call(attempts, "send a heartbeat", begun, new, |registry| registry.heartbeat(instance_id)).await
    }

    async fn peers(&self) -> Result<Peers, DiscoveryError> {
        let attempts = self.turn.attempts_to_return();
        self.call(attempts, "list the members", Instant::now(), |peers: &Peers| peers.age, |registry| registry.peers())
            .await
    }

    async fn withdraw(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError> {
        if let Some(only) = self.only() {
            return only.withdraw(instance_id).await;
        }
        // It may be said twice, and nothing follows it: neither turn nor bounds matter.
        let mut registries = self.turn.order().map(|index| &self.registries[index].discovery);
        let mut asked: FuturesUnordered<_> =
            registries.by_ref().take(1).map(|registry| registry.withdraw(instance_id)).collect();
        let mut aside = Aside::new();
        let mut answer = timeout(GOODBYE_ALONE, asked.next()).await.ok().flatten();
        asked.extend(registries.map(|registry| registry.withdraw(instance_id)));
        loop {
            if let Some(Ok(answer)) = answer.map(|answer| aside.judge(answer, new)) {
                return answer;
            }
            answer = match asked.next().await {
                Some(answer) => Some(answer),
                None => return aside.best(self.registries.len()),
            };
        }
    }

    async fn report(&self, report: &MemberReport) -> Result<(), DiscoveryError> {
        if let Some(only) = self.only() {
            return only.report(report).await;
        }
        // It takes longer than the other calls, and says nothing of how those would do: it goes where they go, unless the
        // last one failed there, and moves none of them.
        let mut order: Vec<_> = self.turn.order().map(|index| &self.registries[index]).collect();
        order.sort_by_key(|registry| registry.last_report.failed());
        let mut aside = Aside::new();
        for registry in order {
            registry.last_report.begun();
            match aside.judge(registry.discovery.report(report).await, new) {
                Ok(answer) => {
                    registry.last_report.answered();
                    return answer;
                }
                Err(reason) => {
                    tracing::debug!(registry = registry.name, reason, "a report goes on to the next registry")
                }
            }
        }
        aside.best(self.registries.len())
    }
}
