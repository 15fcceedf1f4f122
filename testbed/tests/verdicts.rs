//! What a registry says is at fault, with real members in a network that is broken on purpose: the right fault, and at no time
//! a wrong one.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use netring_testbed::{
    PATIENCE, binary, eventually, get,
    lab::{self, Host, Lab, Link, LinkSpec, Loss, Process},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const LOCATIONS: [&str; 3] = ["asia1", "eu1", "us1"];

/// Three locations with two members each, every two of them joined by a link, and a registry that each reaches on a link of
/// its own.
struct Ring {
    /// Its hosts are gone with it.
    _lab: Lab,
    registry: (Host, SocketAddr, Process),
    routers: Vec<Host>,
    between: BTreeMap<(usize, usize), Link>,
    homes: BTreeMap<String, Home>,
    members: BTreeMap<String, Process>,
}

/// Where a member lives.
struct Home {
    host: Host,
    ip: IpAddr,
    registry: SocketAddr,
    location: &'static str,
}

impl Ring {
    async fn start() -> Self {
        let mut lab = Lab::new();
        let registry = lab.host("registry");
        let routers: Vec<_> = LOCATIONS.iter().map(|location| lab.router(location)).collect();
        let mut between = BTreeMap::new();
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            between.insert((a, b), lab.link(&routers[a], &routers[b], &LinkSpec::programmed()));
        }
        let mut homes = BTreeMap::new();
        for (location, router) in LOCATIONS.into_iter().zip(&routers) {
            let uplink = lab.link(router, &registry, &LinkSpec::default());
            for number in 1..=2 {
                let name = format!("{location}-{number}");
                let host = lab.host(&name);
                let link = lab.link(router, &host, &LinkSpec::default());
                let ip = link.addresses(&host).v4.into();
                homes
                    .insert(name, Home { ip, host, registry: (uplink.addresses(&registry).v4, 8756).into(), location });
            }
        }
        lab.route_all();
        let mut command = Command::new(binary("netring-registry"));
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = registry.spawn_process(command);
        let address = ([127, 0, 0, 1], 8756).into();
        let mut ring = Self {
            _lab: lab,
            registry: (registry, address, process),
            routers,
            between,
            homes,
            members: BTreeMap::new(),
        };
        for name in ring.homes.keys().cloned().collect::<Vec<_>>() {
            ring.start_member(&name);
        }
        ring
    }

    fn start_member(&mut self, name: &str) {
        let home = &self.homes[name];
        let mut command = Command::new(binary("netring-member"));
        command.env_clear().envs([
            ("NETRING_INSTANCE_ID", name),
            ("NETRING_LOCATION", home.location),
            ("NETRING_ADVERTISE_IP", &home.ip.to_string()),
            ("NETRING_REGISTRY_URL", &format!("http://{}", home.registry)),
            ("NETRING_HEARTBEAT_INTERVAL", "1"),
            ("NETRING_POLL_INTERVAL", "1"),
            ("NETRING_CHECK_INTERVAL", "1"),
            ("NETRING_TCP_TIMEOUT", "0.5"),
            ("NETRING_HTTP_TIMEOUT", "0.5"),
            ("NETRING_HTTP_ENDPOINTS", "/health"),
            ("NETRING_BURST_TIMEOUT", "0.3"),
            ("NETRING_PROBES", "tcp,http,udp,icmp"),
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.members.insert(name.to_owned(), home.host.spawn_process(command));
    }

    async fn ask(&self, path: &str) -> Option<Value> {
        let (host, address, _) = &self.registry;
        let (address, path) = (*address, path.to_owned());
        let answer = host.run(async move || get(address, &path).await.ok()).await?;
        (answer.status == 200).then(|| answer.json())
    }

    /// The faults that are open, each by its scope, what is at fault, and its symptom.
    async fn open(&self) -> BTreeSet<String> {
        let Some(faults) = self.ask("/api/v1/faults").await else { return BTreeSet::new() };
        faults["open"].as_array().unwrap().iter().map(name).collect()
    }

    /// Waits until every pair is up and nothing is at fault, and every check has been made often enough to be compared with.
    async fn healthy(&self) {
        eventually("a healthy ring", || async {
            let matrix = self.ask("/api/v1/matrix").await?;
            let members = matrix["members"].as_array()?;
            let online = members.iter().filter(|member| member["status"] == "online").count();
            (matrix["state"] == "healthy" && online == self.homes.len() && self.open().await.is_empty()).then_some(())
        })
        .await;
    }

    /// The fault `expected` opens, and no other while it is open, nor before; gives how long that took.
    async fn only(&self, expected: &Value) -> Duration {
        let expected = BTreeSet::from([name(expected)]);
        let begun = Instant::now();
        let mut opened = None;
        // Some rounds more: a wrong one may come later.
        while opened.is_none_or(|opened: Duration| begun.elapsed() < opened + Duration::from_secs(4)) {
            let open = self.open().await;
            assert!(open.is_subset(&expected), "{expected:?} is at fault, and not {open:?}: {:?}", self.why().await);
            if open == expected && opened.is_none() {
                opened = Some(begun.elapsed());
            }
            assert!(opened.is_none() || open == expected, "{expected:?} closed: {:?}", self.why().await);
            assert!(begun.elapsed() < PATIENCE, "{expected:?} does not open: {:?}", self.why().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        opened.unwrap()
    }

    async fn why(&self) -> Option<Value> {
        Some(
            json!({"faults": self.ask("/api/v1/faults").await?, "matrix": self.ask("/api/v1/matrix?state=down,degraded,unknown").await?}),
        )
    }
}

/// What is at fault, in a line.
fn name(fault: &Value) -> String {
    let subject = ["instance_id", "locations", "source_location", "target_location", "source", "target", "location"];
    let subject: Vec<_> =
        subject.iter().filter_map(|key| fault.get(key).map(|value| format!("{key}={value}"))).collect();
    format!("{} {} {}", fault["scope"], subject.join(" "), fault["symptom"])
}

#[test]
fn what_is_broken_is_named_and_nothing_else() {
    lab::test(async || {
        let mut ring = Ring::start().await;
        ring.healthy().await;
        // The usual round trip is known by then.
        tokio::time::sleep(Duration::from_secs(12)).await;
        let mut took = Vec::new();

        // A link is cut.
        ring.between[&(0, 1)].set_loss(&Loss::All);
        let fault = json!({"scope": "location_pair", "locations": ["asia1", "eu1"], "symptom": "unreachable"});
        took.push(("a link that is cut", ring.only(&fault).await));
        ring.between[&(0, 1)].set_loss(&Loss::None);
        ring.healthy().await;

        // A member is killed.
        ring.members.remove("us1-2");
        let fault = json!({"scope": "target", "instance_id": "us1-2", "location": "us1", "symptom": "unreachable"});
        took.push(("a member that is killed", ring.only(&fault).await));
        ring.start_member("us1-2");
        ring.healthy().await;

        // A firewall lets nobody in one location begin anything with those in another.
        let (router, device) = (&ring.routers[1], ring.between[&(1, 2)].device().to_owned());
        router.command("nft add table inet wall");
        router.command("nft add chain inet wall way { type filter hook forward priority 0 ; }");
        for begins in ["tcp flags & (syn|ack) == syn", "udp dport 8757", "icmp type echo-request"] {
            router.command(&format!("nft add rule inet wall way oifname {device} {begins} drop"));
        }
        let fault = json!({
            "scope": "direction", "source_location": "eu1", "target_location": "us1", "symptom": "unreachable"
        });
        took.push(("a direction that is blocked", ring.only(&fault).await));
        router.command("nft delete table inet wall");
        ring.healthy().await;

        // A detour takes 100 ms more, there and back together.
        tokio::time::sleep(Duration::from_secs(5)).await;
        ring.between[&(0, 2)].set_delay(Duration::from_millis(50));
        let fault = json!({"scope": "location_pair", "locations": ["asia1", "us1"], "symptom": "slow"});
        took.push(("100 ms more", ring.only(&fault).await));
        ring.between[&(0, 2)].set_delay(Duration::ZERO);
        ring.healthy().await;

        for (what, took) in took {
            println!("{what} was named after {:.1} s", took.as_secs_f64());
        }
    });
}
