//! Connections that ask for the list as fast as it comes, while the members send their heartbeats.

use crate::{client::Connection, kind::Kind, ring};
use std::time::Duration;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};

/// Every member sends one heartbeat in this time.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(45);

/// What the connections got.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) answers: usize,
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

/// Asks for `time`, in which `heartbeats` go on.
pub(crate) async fn run(
    port: u16,
    kind: Kind,
    connections: usize,
    time: Duration,
    heartbeats: &mut Heartbeats,
) -> Tally {
    let tag = tag(port, kind).await;
    let start = Instant::now();
    let mut tasks: JoinSet<Tally> =
        (0..connections).map(|_| connection(port, kind, tag.clone(), start + time)).collect();
    let mut tally = Tally::default();
    let all = async {
        while let Some(ended) = tasks.join_next().await {
            let one = ended.expect("every request is answered");
            tally.answers += one.answers;
            tally.bytes += one.bytes;
        }
    };
    tokio::select! {
        () = all => {}
        () = heartbeats.send(port) => unreachable!("they go on"),
    }
    tally.time = start.elapsed();
    tally
}

/// The tag of the list, so that no connection needs a first answer that has everything.
async fn tag(port: u16, kind: Kind) -> String {
    let answer = Connection::open(port).await.ask(&kind.request("")).await;
    kind.check(&answer, "")
}

async fn connection(port: u16, kind: Kind, mut tag: String, end: Instant) -> Tally {
    let mut connection = Connection::open(port).await;
    let mut tally = Tally::default();
    // Also where one answer takes longer than all the time, there is one.
    while tally.answers == 0 || Instant::now() < end {
        let answer = connection.ask(&kind.request(&tag)).await;
        tag = kind.check(&answer, &tag);
        tally.answers += 1;
        tally.bytes += answer.bytes();
    }
    tally
}

/// The members of a ring, one after the other.
pub(crate) struct Heartbeats {
    members: usize,
    next: usize,
}

impl Heartbeats {
    pub(crate) fn of(members: usize) -> Self {
        Self { members, next: 0 }
    }

    /// Goes on for ever.
    async fn send(&mut self, port: u16) {
        let mut connection = Connection::open(port).await;
        let mut times = interval(HEARTBEAT_INTERVAL / u32::try_from(self.members).expect("a small ring"));
        times.set_missed_tick_behavior(MissedTickBehavior::Burst);
        loop {
            times.tick().await;
            let answer = connection.ask(&ring::heartbeat(self.next % self.members)).await;
            assert_eq!(answer.status, 200, "{}", answer.head);
            self.next += 1;
        }
    }
}
