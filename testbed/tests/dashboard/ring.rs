//! Rings to look at: one of real members, and one whose reports say just what a test needs.

use netring_testbed::{Daemon, browser::Page, eventually, get, post};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, SystemTime},
};

/// A member that is silent for so many seconds is offline.
pub(crate) const TTL: &str = "5";

/// A registry and members as processes, which look at each other every second.
pub(crate) struct Ring {
    pub(crate) registry: Daemon,
    pub(crate) members: BTreeMap<String, Daemon>,
}

impl Ring {
    /// Members by id and location, with every kind of probe, and waits until each has reached each other by all of them.
    pub(crate) async fn start(members: &[(&str, &str)]) -> Self {
        let registry = Daemon::registry(&[("NETRING_MEMBER_TTL", TTL), ("NETRING_CLEANUP_INTERVAL", "1")]);
        let members: BTreeMap<_, _> =
            members.iter().map(|&(id, location)| (id.to_owned(), member(registry.address(), id, location))).collect();
        let ring = Self { registry, members };
        let pairs = ring.members.len() * (ring.members.len() - 1);
        eventually("a ring that knows all of itself", || async {
            let matrix = ask(ring.address(), "/api/v1/matrix").await?;
            let checks = |pair: &&Value| {
                let up = pair["checks"].as_array().into_iter().flatten().filter(|check| check["state"] == "up");
                up.map(|check| check["kind"].as_str().unwrap_or_default())
                    .collect::<std::collections::BTreeSet<_>>()
                    .len()
                    == 5
            };
            (matrix["pairs"].as_array()?.iter().filter(checks).count() == pairs).then_some(())
        })
        .await;
        ring
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.registry.address()
    }
}

/// A member that makes every probe every second or two.
pub(crate) fn member(registry: SocketAddr, id: &str, location: &str) -> Daemon {
    let environment = [
        ("NETRING_INSTANCE_ID", id),
        ("NETRING_LOCATION", location),
        ("NETRING_HEARTBEAT_INTERVAL", "1"),
        ("NETRING_POLL_INTERVAL", "1"),
        ("NETRING_CHECK_INTERVAL", "1"),
        ("NETRING_TCP_TIMEOUT", "0.5"),
        ("NETRING_HTTP_TIMEOUT", "0.5"),
        ("NETRING_HTTP_ENDPOINTS", "/health"),
        ("NETRING_BURST_TIMEOUT", "0.3"),
        ("NETRING_PROBES", "tcp,http,udp,bandwidth,traceroute"),
        ("NETRING_BANDWIDTH_TEST_INTERVAL", "5"),
        ("NETRING_BANDWIDTH_TEST_MODE", "fixed"),
        ("NETRING_BANDWIDTH_TEST_SIZE_MB", "1"),
        ("NETRING_TRACEROUTE_INTERVAL", "5"),
        ("NETRING_TRACEROUTE_TIMEOUT", "2"),
    ];
    Daemon::member(registry, &environment)
}

/// What `registry` answers, where it does with 200.
pub(crate) async fn ask(registry: SocketAddr, path: &str) -> Option<Value> {
    let answer = get(registry, path).await.ok()?;
    (answer.status == 200).then(|| answer.json())
}

/// A registry of members that are but names: what they report is what a test says.
pub(crate) struct Told {
    pub(crate) registry: Daemon,
    members: Vec<(String, String)>,
}

impl Told {
    /// Members by id and location.
    pub(crate) async fn start(members: &[(&str, &str)]) -> Self {
        let registry = Daemon::registry(&[]);
        let members: Vec<_> = members.iter().map(|&(id, location)| (id.to_owned(), location.to_owned())).collect();
        for (number, (id, location)) in (1_u8..).zip(&members) {
            let body = json!({"instance_id": id, "location": location, "ip": format!("10.0.0.{number}"), "port": 8757});
            assert_eq!(post(registry.address(), "/register", &body).await.unwrap().status, 200);
        }
        Self { registry, members }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.registry.address()
    }

    /// Everybody reports of everybody else: the round trip in milliseconds, or nothing where the target is down.
    pub(crate) async fn report(&self, round_trip: impl Fn(&str, &str) -> Option<f64>) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
        for (source, location) in &self.members {
            let results: Vec<_> = self
                .members
                .iter()
                .filter(|(target, _)| target != source)
                .map(|(target, place)| {
                    let seconds = round_trip(source, target).map(|milliseconds| milliseconds / 1_000.0);
                    let mut result = json!({
                        "target": {"instance_id": target, "location": place, "host": "10.0.0.1", "port": 8757},
                        "kind": "tcp", "started_at": now - 1.0, "duration_seconds": seconds.unwrap_or(0.5),
                        "outcome": "success", "interval_seconds": 60,
                    });
                    match seconds {
                        Some(seconds) => result["measurement"] = json!({"tcp": {"connect_seconds": seconds}}),
                        None => result["outcome"] = json!({"failure": {"reason": "timeout", "message": "no answer"}}),
                    }
                    result
                })
                .collect();
            let body = json!({
                "instance_id": source, "location": location, "sent_at": now, "check_interval_seconds": 60, "results": results,
            });
            let answer = post(self.address(), "/api/v1/report", &body).await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }
}

/// Waits until the list of connections has so many rows, and gives them as `source>target state`.
pub(crate) async fn connections(page: &Page, count: usize) -> Vec<String> {
    let rows = "[...document.querySelectorAll('#connections tbody tr')]";
    let found = page
        .until(
            &format!("{count} connections"),
            &format!(
                "{rows}.length === {count} && [{rows}.map(r => `${{r.dataset.source}}>${{r.dataset.target}} ${{r.dataset.state}}`)]"
            ),
        )
        .await;
    let rows = found[0].as_array().unwrap().iter();
    rows.map(|row| row.as_str().unwrap().to_owned()).collect()
}

/// A little time in which nothing may happen: for what must not come.
pub(crate) async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(600)).await;
}
