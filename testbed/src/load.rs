use crate::post;
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// Members that do nothing but register and beat, as plainly as curl would, and write down how it went. One that is
/// forgotten registers again; one whose registry fails goes on with the next.
#[derive(Debug)]
pub struct Load {
    members: JoinSet<Vec<Beat>>,
    stop: Arc<tokio::sync::Notify>,
}

/// One heartbeat, or one registration.
#[derive(Debug, Clone)]
pub struct Beat {
    /// Whose.
    pub member: String,
    /// When it was sent.
    pub sent: Instant,
    /// How long it took.
    pub took: Duration,
    /// What was answered, where a registry was there.
    pub status: Option<u16>,
}

impl Load {
    /// Starts `members` of them, each with a heartbeat every `period`, and with the registries in another order than the
    /// next.
    #[must_use]
    pub fn start(registries: &[SocketAddr], members: usize, period: Duration) -> Self {
        let stop = Arc::new(tokio::sync::Notify::new());
        let mut tasks = JoinSet::new();
        for number in 0..members {
            let mut registries = registries.to_vec();
            let first = number % registries.len();
            registries.rotate_left(first);
            tasks.spawn(member(number, registries, period, Arc::clone(&stop)));
        }
        Self { members: tasks, stop }
    }

    /// Ends it, and gives every beat in the order in which they were sent.
    ///
    /// # Panics
    /// Where one of the members did.
    pub async fn stop(mut self) -> Vec<Beat> {
        let mut beats = Vec::new();
        while !self.members.is_empty() {
            self.stop.notify_waiters();
            if let Ok(Some(ended)) = tokio::time::timeout(Duration::from_millis(50), self.members.join_next()).await {
                beats.extend(ended.expect("no member panics"));
            }
        }
        beats.sort_by_key(|beat| beat.sent);
        beats
    }
}

async fn member(
    number: usize,
    mut registries: Vec<SocketAddr>,
    period: Duration,
    stop: Arc<tokio::sync::Notify>,
) -> Vec<Beat> {
    let id = format!("load-{number:03}");
    let mut beats = Vec::new();
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = false;
    loop {
        tokio::select! {
            () = stop.notified() => return beats,
            _ = ticks.tick() => {}
        }
        let (path, body) = if known {
            ("/heartbeat", json!({"instance_id": id}))
        } else {
            // Each its own, or one would be taken for the successor of another.
            let ip = format!("10.0.0.{}", 1 + number % 250);
            ("/register", json!({"instance_id": id, "location": "eu1", "ip": ip, "port": 8757}))
        };
        let sent = Instant::now();
        let status = post(registries[0], path, &body).await.ok().map(|answer| answer.status);
        beats.push(Beat { member: id.clone(), sent, took: sent.elapsed(), status });
        match status {
            Some(200) => known = true,
            Some(404) => known = false,
            _ => registries.rotate_left(1),
        }
    }
}
