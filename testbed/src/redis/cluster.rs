use super::{RedisOptions, RedisServer, RespValue, address, replicated::linked, server::reserve, url};
use crate::{ReservedPort, wait::wait_until};
use std::{io, net::SocketAddr, ops::RangeInclusive, time::Instant};

/// How many primaries share the slots.
const PRIMARIES: usize = 3;

/// How many slots there are, by the specification of Redis Cluster.
const SLOTS: usize = 16384;

/// A cluster of three primaries, with a replica each or without, in which a silence of a second is a death.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
    password: Option<String>,
    // By default the nodes would talk to each other on a port that is higher by 10,000, and is not always there.
    _buses: Vec<ReservedPort>,
}

impl RedisCluster {
    /// Starts three primaries with so many replicas each, forms a cluster of them, and waits until every node serves.
    /// While slots are uncovered the others serve on, but where `options` has `cluster-require-full-coverage` as `yes`.
    ///
    /// # Panics
    /// Where `redis-server` is not there, or they do not become a cluster.
    #[must_use]
    pub fn start(replicas: usize, options: &RedisOptions) -> Self {
        let buses: Vec<_> = (0..PRIMARIES * (1 + replicas)).map(|_| reserve()).collect();
        let nodes = buses.iter().map(|bus| RedisServer::on(reserve(), options, &node_config(bus))).collect();
        let cluster = Self { nodes, password: options.secret().map(str::to_owned), _buses: buses };
        cluster.form().expect("new nodes can be joined");
        cluster
    }

    fn form(&self) -> io::Result<()> {
        let (primaries, replicas) = self.nodes.split_at(PRIMARIES);
        for (index, primary) in primaries.iter().enumerate() {
            // Without this they would have to sort out by themselves whose word about a slot is the newer one.
            primary.command(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()])?;
            let (first, end) = (SLOTS * index / PRIMARIES, SLOTS * (index + 1) / PRIMARIES);
            primary.command(&["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &(end - 1).to_string()])?;
        }
        for (node, bus) in self.nodes.iter().zip(&self._buses).skip(1) {
            let (port, bus) = (node.port().to_string(), bus.port().to_string());
            primaries[0].command(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus])?;
        }
        for (index, replica) in replicas.iter().enumerate() {
            let primary = primaries[index % PRIMARIES].command(&["CLUSTER", "MYID"])?.to_string();
            // It refuses until it has heard of that primary.
            wait_until("a replica's primary", || replica.command(&["CLUSTER", "REPLICATE", &primary]).ok());
        }
        for replica in replicas {
            wait_until("a replica's link to its primary", || linked(replica));
        }
        self.wait_until_whole();
        Ok(())
    }

    /// `redis+cluster://host:port,host:port,…`, with the password where there is one.
    #[must_use]
    pub fn url(&self) -> String {
        url("redis+cluster", self.password.as_deref(), self.nodes.iter().map(RedisServer::address))
    }

    /// The nodes: three that began as primaries, then their replicas.
    #[must_use]
    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// The node at `address`, to kill it or bring it back.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn node_mut(&mut self, address: SocketAddr) -> &mut RedisServer {
        self.nodes.iter_mut().find(|node| node.address() == address).expect("an address of this cluster")
    }

    /// The primary to whose slots `key` belongs, as the first node that is up sees it.
    ///
    /// # Panics
    /// Where no node is up, or that one does not answer.
    #[must_use]
    pub fn owner(&self, key: &str) -> SocketAddr {
        let node = self.up().next().expect("a node that is up");
        let slot = node.command(&["CLUSTER", "KEYSLOT", key]).expect("it answers").to_string();
        let slot = slot.parse().expect("a slot is a number");
        let ranges = ranges(node).expect("it answers");
        ranges.iter().find(|range| range.slots.contains(&slot)).expect("an owner of every slot").servers[0]
    }

    /// Waits until every node that is up sees all slots served, and all those that are up serving them.
    ///
    /// # Panics
    /// Where that does not come.
    pub fn wait_until_whole(&self) {
        for node in self.up() {
            wait_until("a cluster that is whole", || self.is_whole_for(node).ok()?.then_some(()));
        }
    }

    /// Waits until every node that is up sees all slots served, none of them by `former`, and tells when that was.
    ///
    /// # Panics
    /// Where that does not come.
    #[must_use]
    pub fn wait_for_promotion(&self, former: SocketAddr) -> Instant {
        for node in self.up() {
            wait_until("a new primary", || {
                let gone = ranges(node).ok()?.iter().all(|range| range.servers[0] != former);
                (gone && serves_all(node).ok()?).then_some(())
            });
        }
        Instant::now()
    }

    fn up(&self) -> impl Iterator<Item = &RedisServer> {
        self.nodes.iter().filter(|node| node.is_up())
    }

    fn is_whole_for(&self, node: &RedisServer) -> io::Result<bool> {
        let ranges = ranges(node)?;
        let seen = |other: &RedisServer| ranges.iter().any(|range| range.servers.contains(&other.address()));
        Ok(serves_all(node)? && self.up().all(seen))
    }
}

fn node_config(bus: &ReservedPort) -> String {
    // Its place in the cluster is kept beside the data, so that it outlives the loss of them. A replica is listed once
    // its primary has sent it something, and by default primaries write to them only every ten seconds.
    format!(
        "cluster-enabled yes\n\
         cluster-config-file ../nodes.conf\n\
         cluster-port {}\n\
         cluster-node-timeout 1000\n\
         cluster-require-full-coverage no\n\
         repl-ping-replica-period 1\n\
         repl-diskless-sync-delay 0",
        bus.port()
    )
}

/// Slots that lie together, and the servers that have them, the primary first.
#[derive(Debug)]
struct Range {
    slots: RangeInclusive<usize>,
    servers: Vec<SocketAddr>,
}

fn ranges(node: &RedisServer) -> io::Result<Vec<Range>> {
    let answer = node.command(&["CLUSTER", "SLOTS"])?;
    answer.elements().iter().map(|range| Range::read(range.elements())).collect()
}

impl Range {
    fn read(range: &[RespValue]) -> io::Result<Self> {
        let unexpected = || io::Error::other(format!("no range of slots: {range:?}"));
        let [RespValue::Integer(first), RespValue::Integer(last), servers @ ..] = range else {
            return Err(unexpected());
        };
        let slot = |number: &i64| usize::try_from(*number).map_err(|_| unexpected());
        let server = |server: &RespValue| match server.elements() {
            [host, port, ..] => address(host, port),
            _ => Err(unexpected()),
        };
        let servers: Vec<_> = servers.iter().map(server).collect::<io::Result<_>>()?;
        if servers.is_empty() { Err(unexpected()) } else { Ok(Self { slots: slot(first)?..=slot(last)?, servers }) }
    }
}

/// Whether a node is ready for commands and sees a live primary for every slot.
fn serves_all(node: &RedisServer) -> io::Result<bool> {
    let told = |field| node.field(&["CLUSTER", "INFO"], field);
    Ok(told("cluster_state")? == "ok" && told("cluster_slots_ok")? == SLOTS.to_string())
}
