//! What is measured of one store with one number of members. Prints a line for each value: the number, and what it is.

use crate::{
    Size,
    kind::{Kind, Place},
    memory, reports,
    table::median,
};
use netring_core::{
    InstanceId, MemberStore, SweepLimits, Timestamp,
    testing::sample::{NOW, id, registration},
};
use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// So many ask at once, where it is said of an operation.
pub(crate) const AT_ONCE: usize = 32;
/// Before anybody of the ring was last seen.
const LONG_AGO: Timestamp = Timestamp::from_unix_seconds(NOW.as_unix_seconds() - 1_000);
/// From one member to the next that sends a heartbeat: a prime, so that all have their turn.
const STRIDE: usize = 7_919;
pub(crate) const MIB: f64 = 1024.0 * 1024.0;

pub(crate) fn run(kind: Kind, members: usize, size: Size) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let place = kind.start(members + size.swept + AT_ONCE);
        let store = place.open().await;
        let mut bench = Bench { place, store, members, size, before: (0.0, None) };
        bench.warm_up().await;
        bench.fill().await;
        bench.heartbeats_and_lists().await;
        bench.sweeps().await;
        bench.sweep_of_everybody().await;
        // After that sweep, which is to remove the same from every ring.
        if members <= size.largest_that_reports {
            bench.register(0..members, NOW).await;
            reports::run(&bench.place, size).await;
        }
    });
}

pub(crate) fn print(value: f64, name: &str) {
    println!("{value} {name}");
}

pub(crate) fn name(member: usize) -> String {
    format!("{member:08x}-0000-4000-8000-000000000000")
}

pub(crate) fn micros(time: Duration, operations: usize) -> f64 {
    time.as_secs_f64() * 1e6 / operations as f64
}

/// How long `operation` takes for each of these numbers, [`AT_ONCE`] at a time, in microseconds each.
pub(crate) async fn at_once<F: Future<Output = ()> + Send>(
    numbers: Range<usize>,
    operation: impl Fn(usize) -> F + Clone + Send + 'static,
) -> f64 {
    let (start, count) = (Instant::now(), numbers.len());
    let one = |first| {
        let (numbers, operation) = (numbers.clone().skip(first).step_by(AT_ONCE), operation.clone());
        async move {
            for number in numbers {
                operation(number).await;
            }
        }
    };
    let mut tasks: JoinSet<()> = (0..AT_ONCE).map(one).collect();
    while let Some(ended) = tasks.join_next().await {
        ended.expect("every operation succeeds");
    }
    micros(start.elapsed(), count)
}

struct Bench {
    place: Place,
    store: Arc<dyn MemberStore>,
    members: usize,
    size: Size,
    /// Memory before anybody had registered: of this process and of Redis.
    before: (f64, Option<f64>),
}

impl Bench {
    /// The middle of what `round` gives in each round.
    async fn rounds(&self, what: &str, mut round: impl AsyncFnMut(usize) -> f64) {
        let mut values = Vec::new();
        for number in 0..self.size.rounds {
            values.push(round(number).await);
        }
        print(median(values).expect("a round"), what);
    }

    /// Memory of this process since the beginning: not for each member, for Linux gives it in pieces of up to 2 MiB.
    fn memory(&self, name: &str) {
        print((memory::resident() - self.before.0) / MIB, name);
    }

    /// Has threads and buffers made, which are not the members'.
    async fn warm_up(&mut self) {
        self.register(0..AT_ONCE, LONG_AGO).await;
        self.sweep(NOW, AT_ONCE).await;
        self.before = (memory::resident(), self.place.redis_memory());
    }

    /// Registers these members, which were last seen at `now`.
    async fn register(&self, members: Range<usize>, now: Timestamp) -> f64 {
        let store = Arc::clone(&self.store);
        let register = move |member| {
            let store = Arc::clone(&store);
            async move { drop(store.register(registration(&name(member)), now).await.expect("there is room")) }
        };
        at_once(members, register).await
    }

    async fn fill(&self) {
        print(self.register(0..self.members, NOW).await, "register, µs");
        self.memory("memory of this process, MiB");
        if let (Some(before), Some(now)) = (self.before.1, self.place.redis_memory()) {
            print((now - before) / self.members as f64, "memory of Redis, bytes a member");
        }
    }

    /// One for each of these numbers, of a member here and there.
    async fn send_heartbeats(&self, numbers: Range<usize>, ids: &Arc<[InstanceId]>) -> f64 {
        let (store, ids) = (Arc::clone(&self.store), Arc::clone(ids));
        let heartbeat = move |number: usize| {
            let (store, member) = (Arc::clone(&store), ids[number * STRIDE % ids.len()].clone());
            let now = NOW + Duration::from_micros(number as u64);
            async move { store.heartbeat(&member, now).await.expect("it is known") }
        };
        at_once(numbers, heartbeat).await
    }

    async fn heartbeats_and_lists(&self) {
        let ids: Arc<[InstanceId]> = (0..self.members).map(|member| id(&name(member))).collect();
        let each = self.size.heartbeats;
        self.rounds("heartbeat, µs", async |round| self.send_heartbeats(round * each..(round + 1) * each, &ids).await)
            .await;

        self.rounds("first list, ms", async |_| self.list(&*self.place.open().await).await).await;
        self.list(&*self.store).await;
        let later = self.size.rounds * each;
        self.rounds("list with the same members, ms", async |round| {
            self.send_heartbeats(later + round * AT_ONCE..later + (round + 1) * AT_ONCE, &ids).await;
            self.list(&*self.store).await
        })
        .await;
        self.memory("memory of this process after the lists, MiB");
    }

    /// Milliseconds.
    async fn list(&self, store: &dyn MemberStore) -> f64 {
        let start = Instant::now();
        let list = store.members().await.expect("it is there");
        let time = micros(start.elapsed(), 1_000);
        assert_eq!(list.members.len(), self.members);
        time
    }

    /// Microseconds, in which it has removed so many.
    async fn sweep(&self, before: Timestamp, removes: usize) -> f64 {
        let start = Instant::now();
        let removed = self.store.sweep(SweepLimits { last_seen_before: before, deregistered_before: before }).await;
        let time = micros(start.elapsed(), 1);
        assert_eq!(removed.expect("it is there").len(), removes);
        time
    }

    async fn sweeps(&self) {
        self.rounds("sweep of nobody, µs", async |_| self.sweep(LONG_AGO, 0).await).await;
        let Size { swept, .. } = self.size;
        self.rounds("sweep of some, µs", async |_| {
            self.register(self.members..self.members + swept, LONG_AGO).await;
            self.sweep(NOW, swept).await
        })
        .await;
    }

    /// Of everybody, and how long somebody else waits meanwhile.
    async fn sweep_of_everybody(&self) {
        let (store, sweeping) = (Arc::clone(&self.store), Arc::new(AtomicBool::new(true)));
        let still = Arc::clone(&sweeping);
        let other = tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            while still.load(Ordering::Relaxed) {
                let start = Instant::now();
                // That nobody has this id is an answer as good as any.
                let _ = store.heartbeat(&id("stranger"), NOW).await;
                longest = longest.max(start.elapsed());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            longest
        });
        let before = memory::resident();
        memory::forget_peak();
        let time = self.sweep(NOW + Duration::from_secs(1_000), self.members).await;
        let peak = memory::peak();
        sweeping.store(false, Ordering::Relaxed);
        let longest = other.await.expect("it is answered");
        print(time / 1e3, "sweep of everybody, ms");
        print(time / self.members as f64, "sweep of everybody, µs a member");
        print(micros(longest, 1_000), "longest heartbeat meanwhile, ms");
        print((peak - before) / MIB, "most memory of this process meanwhile over before, MiB");
        if let (Some(before), Some(after)) = (self.before.1, self.place.redis_memory()) {
            print((after - before) / MIB, "memory of Redis afterwards, MiB");
        }
    }
}
