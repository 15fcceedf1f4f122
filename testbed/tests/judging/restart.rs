//! A registry that is alone, and is started again.

use crate::ring::{are_counted, down, events, healthy, kinds, leads, member, of_faults, open, registry, still_open};
use netring_testbed::{Daemon, RedisOptions, RedisServer, ReservedPort, eventually};
use nix::sys::signal::Signal;

/// A registry with two members, and a third that is down.
async fn broken(port: &ReservedPort, redis: Option<&RedisServer>) -> (Daemon, Vec<Daemon>, String) {
    let registry = registry(port, redis, &[]);
    let address = registry.address();
    let mut members: Vec<_> = ["a", "b", "c"].map(|id| member(&[address], id)).into();
    healthy(address, 3).await;
    drop(members.pop());
    let fault = down(address, "c").await;
    (registry, members, fault)
}

#[tokio::test(flavor = "multi_thread")]
async fn on_redis_a_fault_stays_open_through_a_restart() {
    let redis = RedisServer::start(&RedisOptions::new());
    let port = ReservedPort::new().unwrap();
    let (mut before, mut members, fault) = broken(&port, Some(&redis)).await;
    let told = events(before.address()).await.unwrap();
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        before.signal(signal);
        let _ = before.wait();
        before = registry(&port, Some(&redis), &[]);
        let address = before.address();
        // At its first word, and when it judges itself.
        let faults = [(fault.clone(), "target c unreachable".to_owned())];
        assert_eq!(open(address).await.unwrap(), faults);
        eventually("that it leads", || async {
            assert_eq!(open(address).await.unwrap(), faults);
            leads(address).await?.then_some(())
        })
        .await;
        still_open(address, 5.0, &faults).await;
        let now = events(address).await.unwrap();
        assert!(now.starts_with(&told));
        assert_eq!(of_faults(&now), [("fault_opened".to_owned(), fault.clone())]);
    }
    let address = before.address();
    members.push(member(&[address], "c"));
    healthy(address, 3).await;
    let now = events(address).await.unwrap();
    assert_eq!(of_faults(&now), [("fault_opened".to_owned(), fault.clone()), ("fault_closed".to_owned(), fault)]);
    are_counted(&now);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_memory_it_begins_anew_and_says_nothing_that_is_wrong() {
    let port = ReservedPort::new().unwrap();
    let (mut before, _members, _) = broken(&port, None).await;
    before.signal(Signal::SIGKILL);
    let _ = before.wait();
    let after = registry(&port, None, &[]);
    let address = after.address();
    healthy(address, 2).await;
    still_open(address, 8.0, &[]).await;
    let now = events(address).await.unwrap();
    are_counted(&now);
    let mut kinds = kinds(&now);
    kinds.sort();
    assert_eq!(kinds, ["a", "b"].map(|id| ("joined".to_owned(), id.to_owned())), "{now:?}");
}
