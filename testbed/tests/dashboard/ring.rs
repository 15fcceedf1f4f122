//! A ring of real members to look at.

use netring_testbed::{Daemon, browser::Page, eventually, get};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
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
                up.map(|check| check["kind"].as_str().unwrap_or_default()).collect::<BTreeSet<_>>().len() == 5
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
