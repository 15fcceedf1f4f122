use super::{
    ClientError, RegistryClient,
    turn::{Attempt, Turn},
};
use crate::{
    discovery::{Announcement, Discovery, DiscoveryError, Peers},
    model::{InstanceId, MemberReport},
};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// A call goes on from one registry to the next after at most this long …
const LONGEST_ATTEMPT: Duration = Duration::from_secs(2);
/// … a report, which may be large, after at most this long …
const LONGEST_REPORT: Duration = Duration::from_secs(3);
/// … and comes to the last registry within this time, however many there are: a member gives a call 5 s.
const ALL_BUT_LAST: Duration = Duration::from_secs(4);
/// The same for a goodbye, to which a member that stops gives 1.5 s.
const ALL_BUT_LAST_AT_GOODBYE: Duration = Duration::from_secs(1);

/// Several registries of one ring, on a store that they share, so that each answers as the others do.
///
/// Calls go to one of them for as long as it answers. A call that cannot be made there goes on to the next at once, and
/// to each at most once; the one that answers is asked first from then on. So is the next one where a registry says
/// nothing: each but the last of a call has 2 s (a report 3 s), and less where there are more than three. A call that
/// is dropped while a registry owes the answer counts as one that failed there.
///
/// Every five minutes a call of [`peers`](Discovery::peers) tries the registry again that came first in the beginning, so
/// that the members of a ring spread again once it is back. A single registry is called as if it stood alone.
#[derive(Debug)]
pub struct Registries {
    registries: Vec<(String, Arc<dyn Discovery>)>,
    turn: Turn,
}

impl Registries {
    /// The registries that `clients` lead to, in an order that is random, so that the members of a ring spread over them.
    ///
    /// # Errors
    /// [`ClientError::NoRegistry`] where there is none.
    pub fn new(clients: impl IntoIterator<Item = RegistryClient>) -> Result<Self, ClientError> {
        let mut registries: Vec<(String, Arc<dyn Discovery>)> =
            clients.into_iter().map(|client| (client.url().into(), Arc::new(client) as _)).collect();
        fastrand::shuffle(&mut registries);
        Self::in_order(registries)
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
        let registries: Vec<_> = registries.into_iter().collect();
        if registries.is_empty() {
            return Err(ClientError::NoRegistry);
        }
        Ok(Self { turn: Turn::new(registries.iter().map(|(name, _)| name.clone()).collect()), registries })
    }

    /// The names of the registries: their URLs without user and password, in the order in which they are tried.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.registries.iter().map(|(name, _)| name.as_str())
    }

    /// How long each registry but the last may take for one call: at most `longest`, and all of them at most `together`.
    fn bound(&self, longest: Duration, together: Duration) -> Duration {
        let others = u32::try_from(self.registries.len() - 1).unwrap_or(u32::MAX);
        longest.min(together / others.max(1))
    }

    /// Makes a call to one registry after the other, in the order of `attempts`, until one of them answers.
    async fn call<'a, T>(
        &'a self,
        attempts: impl Iterator<Item = Attempt<'a>> + Send,
        bound: Duration,
        operation: &'static str,
        ask: impl Fn(&'a dyn Discovery) -> BoxFuture<'a, Result<T, DiscoveryError>> + Send,
    ) -> Result<T, DiscoveryError> {
        let count = self.registries.len();
        if let [(_, only)] = &self.registries[..] {
            return ask(&**only).await;
        }
        let mut last_error = None;
        for (tried, attempt) in (1..).zip(attempts) {
            let (name, registry) = &self.registries[attempt.index()];
            let answer = ask(&**registry);
            let answer = if tried < count {
                timeout(bound, answer).await.unwrap_or_else(|_| {
                    let source = format!("no answer within {bound:?}").into();
                    Err(DiscoveryError::Unreachable { operation, peer: name.clone(), source })
                })
            } else {
                answer.await
            };
            match answer {
                Err(error @ DiscoveryError::Unreachable { .. }) => {
                    attempt.failed(&error.to_string());
                    last_error = Some(error);
                }
                // A registry that says no has answered, and the others would say the same.
                answer => {
                    attempt.answered();
                    return answer;
                }
            }
        }
        Err(match last_error {
            Some(DiscoveryError::Unreachable { operation, peer, source }) => DiscoveryError::Unreachable {
                operation,
                peer: format!("any of {count} registries, at last {peer}"),
                source,
            },
            _ => unreachable!("there is a registry, and whatever else it answers is returned"),
        })
    }
}

#[async_trait]
impl Discovery for Registries {
    async fn announce(&self, announcement: &Announcement) -> Result<(), DiscoveryError> {
        let bound = self.bound(LONGEST_ATTEMPT, ALL_BUT_LAST);
        self.call(self.turn.attempts(), bound, "register", |registry| registry.announce(announcement)).await
    }

    async fn heartbeat(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError> {
        let bound = self.bound(LONGEST_ATTEMPT, ALL_BUT_LAST);
        self.call(self.turn.attempts(), bound, "send a heartbeat", |registry| registry.heartbeat(instance_id)).await
    }

    async fn peers(&self) -> Result<Peers, DiscoveryError> {
        let bound = self.bound(LONGEST_ATTEMPT, ALL_BUT_LAST);
        self.call(self.turn.attempts_to_return(), bound, "list the members", |registry| registry.peers()).await
    }

    async fn withdraw(&self, instance_id: &InstanceId) -> Result<(), DiscoveryError> {
        let bound = self.bound(LONGEST_ATTEMPT, ALL_BUT_LAST_AT_GOODBYE);
        self.call(self.turn.attempts(), bound, "deregister", |registry| registry.withdraw(instance_id)).await
    }

    async fn report(&self, report: &MemberReport) -> Result<(), DiscoveryError> {
        let bound = self.bound(LONGEST_REPORT, ALL_BUT_LAST);
        self.call(self.turn.attempts(), bound, "report", |registry| registry.report(report)).await
    }
}
