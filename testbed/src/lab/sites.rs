use super::{Host, Lab, Link, LinkSpec, Process};
use crate::{binary, eventually, get};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::{IpAddr, SocketAddr},
    process::{Command, Stdio},
};

/// A ring of real daemons at several locations, with two members each. Every two locations are joined by a link of
/// their own, and the registry is reached from each on yet another one.
pub struct Sites {
    /// Its hosts are gone with it.
    _lab: Lab,
    /// Where the registry runs, and where it listens there.
    pub registry: (Host, SocketAddr),
    _process: Process,
    /// The router of each location, in the order that was asked for.
    pub routers: Vec<Host>,
    /// The link between two locations, by their places in that order, the lower one first.
    pub between: BTreeMap<(usize, usize), Link>,
    homes: BTreeMap<String, Home>,
    /// What members are told besides.
    environment: Vec<(String, String)>,
    /// The members that run: `eu1-1`, `eu1-2` and so on. Who is taken out is killed.
    pub members: BTreeMap<String, Process>,
}

/// Where a member lives.
struct Home {
    host: Host,
    ip: IpAddr,
    registry: SocketAddr,
    location: String,
}

impl fmt::Debug for Sites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sites").field("members", &self.members.keys()).finish_non_exhaustive()
    }
}

impl Sites {
    /// Starts all of them.
    ///
    /// # Panics
    /// Where that cannot be done: see [`test()`](super::test()).
    #[must_use]
    pub fn start(locations: &[&str]) -> Self {
        Self::start_with(locations, &[], &[])
    }

    /// The same with variables besides, for the registry and for every member. They go before those that there are anyway.
    ///
    /// # Panics
    /// Where that cannot be done: see [`test()`](super::test()).
    #[must_use]
    pub fn start_with(locations: &[&str], registry: &[(&str, &str)], members: &[(&str, &str)]) -> Self {
        let mut lab = Lab::new();
        let host = lab.host("registry");
        let routers: Vec<_> = locations.iter().map(|location| lab.router(location)).collect();
        let mut between = BTreeMap::new();
        for b in 0..locations.len() {
            for a in 0..b {
                between.insert((a, b), lab.link(&routers[a], &routers[b], &LinkSpec::programmed()));
            }
        }
        let mut homes = BTreeMap::new();
        for (location, router) in locations.iter().zip(&routers) {
            let uplink = lab.link(router, &host, &LinkSpec::default());
            let registry = (uplink.addresses(&host).v4, 8756).into();
            for number in 1..=2 {
                let name = format!("{location}-{number}");
                let host = lab.host(&name);
                let link = lab.link(router, &host, &LinkSpec::default());
                let ip = link.addresses(&host).v4.into();
                homes.insert(name, Home { host, ip, registry, location: (*location).to_owned() });
            }
        }
        lab.route_all();
        let mut command = Command::new(binary("netring-registry"));
        command.env_clear().envs(registry.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = host.spawn_process(command);
        let registry = (host, ([127, 0, 0, 1], 8756).into());
        let environment = members.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let members = BTreeMap::new();
        let mut sites = Self { _lab: lab, registry, _process: process, routers, between, homes, environment, members };
        for name in sites.homes.keys().cloned().collect::<Vec<_>>() {
            sites.start_member(&name);
        }
        sites
    }

    /// Starts a member that looks every second. It has to be one of those that there were at first.
    pub fn start_member(&mut self, name: &str) {
        let home = &self.homes[name];
        let mut command = Command::new(binary("netring-member"));
        command.env_clear().envs([
            ("NETRING_INSTANCE_ID", name),
            ("NETRING_LOCATION", &home.location),
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
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.members.insert(name.to_owned(), home.host.spawn_process(command));
    }

    /// What the registry answers, where it does with 200.
    pub async fn ask(&self, path: &str) -> Option<Value> {
        let (host, address) = &self.registry;
        let (address, path) = (*address, path.to_owned());
        let answer = host.run(async move || get(address, &path).await.ok()).await?;
        (answer.status == 200).then(|| answer.json())
    }

    /// The faults that are open, each by [`name_of`].
    pub async fn open(&self) -> BTreeSet<String> {
        let faults = self.ask("/api/v1/faults").await;
        faults.iter().flat_map(|faults| faults["open"].as_array()).flatten().map(name_of).collect()
    }

    /// Waits until every pair is up and nothing is at fault.
    ///
    /// # Panics
    /// Where that does not come to be.
    pub async fn healthy(&self) {
        eventually("a healthy ring", || async {
            let matrix = self.ask("/api/v1/matrix").await?;
            let members = matrix["members"].as_array()?;
            let online = members.iter().filter(|member| member["status"] == "online").count();
            (matrix["state"] == "healthy" && online == self.homes.len() && self.open().await.is_empty()).then_some(())
        })
        .await;
    }
}

/// What is at fault, in a line: the scope, what names the subject, and the symptom.
#[must_use]
pub fn name_of(fault: &Value) -> String {
    let subject = ["instance_id", "locations", "source_location", "target_location", "source", "target", "location"];
    let subject: Vec<_> =
        subject.iter().filter_map(|key| fault.get(key).map(|value| format!("{key}={value}"))).collect();
    format!("{} {} {}", fault["scope"], subject.join(" "), fault["symptom"])
}
