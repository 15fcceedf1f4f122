//! Two registries on one Redis, of which one judges.

use crate::{
    receiver::Receiver,
    ring::{are_counted, down, events, healthy, leader, leads, member, named, of_faults, open, registry, still_open},
};
use netring_testbed::{Daemon, RedisOptions, RedisServer, ReservedPort, eventually};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::net::SocketAddr;

/// Two registries that tell a webhook, and three members of both.
struct Two {
    redis: RedisServer,
    ports: [ReservedPort; 2],
    addresses: [SocketAddr; 2],
    registries: [Option<Daemon>; 2],
    hook: String,
    /// `c` is the last.
    members: Vec<Daemon>,
}

impl Two {
    async fn start(hook: String) -> Self {
        let redis = RedisServer::start(&RedisOptions::new());
        let ports = [ReservedPort::new().unwrap(), ReservedPort::new().unwrap()];
        let start = |port| registry(port, Some(&redis), &[("NETRING_ALERT_WEBHOOK_URL", &hook)]);
        let registries = [start(&ports[0]), start(&ports[1])];
        let addresses = [registries[0].address(), registries[1].address()];
        let members = ["a", "b", "c"].map(|id| member(&addresses, id)).into();
        for address in addresses {
            healthy(address, 3).await;
        }
        Self { redis, ports, addresses, registries: registries.map(Some), hook, members }
    }

    /// Ends the registry `index`, and waits until it is gone.
    fn end(&mut self, index: usize, signal: Signal) {
        let mut registry = self.registries[index].take().unwrap();
        registry.signal(signal);
        let (status, _) = registry.wait();
        assert!(signal == Signal::SIGKILL || status.success(), "{status}:\n{}", registry.log());
    }

    fn start_again(&mut self, index: usize) {
        let again = registry(&self.ports[index], Some(&self.redis), &[("NETRING_ALERT_WEBHOOK_URL", &self.hook)]);
        assert_eq!(again.address(), self.addresses[index]);
        self.registries[index] = Some(again);
    }

    /// The events that both tell of, once they are the same and `enough`.
    async fn same_events(&self, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let enough = &enough;
        eventually("the same events at both", || async move {
            let [one, other] = [events(self.addresses[0]).await?, events(self.addresses[1]).await?];
            (one == other && enough(&one)).then_some(one)
        })
        .await
    }

    /// The last event that the webhook is done with, as Redis has it.
    fn noted(&self) -> Option<u64> {
        let keys = self.redis.command(&["KEYS", "*cursors*"]).unwrap();
        let key = keys.elements().first()?.to_string();
        self.redis.command(&["HVALS", &key]).unwrap().elements().first()?.to_string().parse().ok()
    }

    /// Who has the lease, as Redis has it.
    fn holder(&self) -> Option<String> {
        let keys = self.redis.command(&["KEYS", "*lease*"]).unwrap();
        let key = keys.elements().first()?.to_string();
        let lease = self.redis.command(&["GET", &key]).unwrap().to_string();
        lease.split_once(' ').map(|(_, holder)| holder.to_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_judges_and_the_other_goes_on_where_it_was_killed() {
    let receiver = Receiver::start().await;
    let mut two = Two::start(receiver.url()).await;
    let first = leader(two.addresses).await;
    let (killed, heir) = (two.addresses[first], two.addresses[1 - first]);

    drop(two.members.pop());
    let fault = down(killed, "c").await;
    let faults = eventually("the fault at both", || async {
        let faults = open(heir).await?;
        (faults == open(killed).await? && !faults.is_empty()).then_some(faults)
    })
    .await;
    assert_eq!(faults, [(fault.clone(), "target c unreachable".to_owned())]);
    let told = two.same_events(|events| !of_faults(events).is_empty()).await;
    let opened = ("fault_opened".to_owned(), fault.clone());
    assert_eq!(of_faults(&told), std::slice::from_ref(&opened));
    assert_eq!(receiver.told(1).await, std::slice::from_ref(&opened));

    // Whoever is killed between the answer and this has it told twice.
    let opened_as = told.iter().find(|event| event["kind"] == "fault_opened").unwrap()["id"].as_u64();
    eventually("a note of that", || async { (two.noted() >= opened_as).then_some(()) }).await;

    two.end(first, Signal::SIGKILL);
    // Nothing changes for whoever asks, neither before the lease is over nor after it.
    eventually("another leader", || async {
        assert_eq!(open(heir).await.unwrap(), faults);
        leads(heir).await?.then_some(())
    })
    .await;
    still_open(heir, 5.0, &faults).await;

    two.members.push(member(&two.addresses, "c"));
    let closed = ("fault_closed".to_owned(), fault.clone());
    eventually("the fault is over", || async { open(heir).await?.is_empty().then_some(()) }).await;
    assert_eq!(receiver.told(2).await, [opened.clone(), closed.clone()]);

    two.start_again(first);
    let both = two.same_events(|events| of_faults(events).len() >= 2).await;
    assert_eq!(of_faults(&both), [opened.clone(), closed.clone()]);
    are_counted(&both);
    assert!(both.starts_with(&told), "{told:?} became {both:?}");
    for address in two.addresses {
        healthy(address, 3).await;
        let answer = crate::ring::ask(address, "/api/v1/faults").await.unwrap();
        assert_eq!(named(&answer["closed"]), faults, "{answer}");
    }
    assert_eq!(leader(two.addresses).await, 1 - first, "whoever leads goes on with it");
    assert_eq!(receiver.taken(), [opened, closed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_to_stop_hands_over_at_once_and_nothing_is_told_twice() {
    let receiver = Receiver::holding_back().await;
    let mut two = Two::start(receiver.url()).await;
    let first = leader(two.addresses).await;
    let (leaving, heir) = (two.addresses[first], two.addresses[1 - first]);
    drop(two.members.pop());
    let fault = down(leaving, "c").await;
    // The webhook has it, and has not said so yet.
    assert_eq!(receiver.told(1).await, [("fault_opened".to_owned(), fault.clone())]);
    let before = two.holder();
    assert!(before.is_some());
    let mut registry = two.registries[first].take().unwrap();
    registry.signal(Signal::SIGTERM);
    eventually("the end of its streams and of its work", || async {
        tokio::net::TcpStream::connect(leaving).await.is_err().then_some(())
    })
    .await;
    receiver.answer();
    let (status, _) = tokio::task::spawn_blocking(move || registry.wait()).await.unwrap();
    assert!(status.success(), "{status}");
    // The lease was given up and did not run out.
    assert_ne!(two.holder(), before);
    eventually("another leader", || async { leads(heir).await?.then_some(()) }).await;
    let faults = [(fault.clone(), "target c unreachable".to_owned())];
    still_open(heir, 5.0, &faults).await;
    two.members.push(member(&two.addresses, "c"));
    eventually("the fault is over", || async { open(heir).await?.is_empty().then_some(()) }).await;
    let told = [("fault_opened".to_owned(), fault.clone()), ("fault_closed".to_owned(), fault)];
    assert_eq!(receiver.told(2).await, told);
    assert_eq!(of_faults(&events(heir).await.unwrap()), told);
    are_counted(&events(heir).await.unwrap());
}
