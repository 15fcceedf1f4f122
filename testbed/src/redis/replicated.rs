use super::{RedisOptions, RedisServer, RespValue, address, server::reserve, url};
use crate::wait::wait_until;
use std::{io, net::SocketAddr, time::Instant};

/// What the sentinels call their primary.
const SERVICE: &str = "netring";

/// How many sentinels there are. Two of them have to agree.
const SENTINELS: usize = 3;

/// A primary with replicas under three sentinels, which take a silence of half a second for a death. The service is
/// called `netring`. Sentinels are [`RedisServer`]s too, as far as starting and killing them goes.
#[derive(Debug)]
pub struct ReplicatedRedis {
    servers: Vec<RedisServer>,
    sentinels: Vec<RedisServer>,
    password: Option<String>,
}

impl ReplicatedRedis {
    /// Starts a primary and so many replicas, all with `options`, and the sentinels, and waits until all of them know
    /// each other: a failover can follow at once.
    ///
    /// # Panics
    /// Where `redis-server` is not there, or they do not find each other.
    #[must_use]
    pub fn start(replicas: usize, options: &RedisOptions) -> Self {
        // By default a primary waits for five seconds for further replicas before it sends the first its data.
        let common = "repl-diskless-sync-delay 0";
        let primary = RedisServer::on(reserve(), options, common);
        let replica = format!("{common}\nreplicaof 127.0.0.1 {}", primary.port());
        let sentinel = sentinel_config(&primary, options);
        let mut servers = vec![primary];
        servers.extend((0..replicas).map(|_| RedisServer::on(reserve(), options, &replica)));
        for server in &servers[1..] {
            wait_until("a replica's link to its primary", || linked(server));
        }
        let sentinels: Vec<_> = (0..SENTINELS).map(|_| RedisServer::sentinel(&sentinel)).collect();
        for sentinel in &sentinels {
            wait_until("a sentinel that knows all others", || knows_all(sentinel, replicas).ok()?.then_some(()));
        }
        Self { servers, sentinels, password: options.secret().map(str::to_owned) }
    }

    /// `redis+sentinel://host:port,host:port,host:port/netring`, with the servers' password where there is one; the
    /// sentinels have none.
    #[must_use]
    pub fn url(&self) -> String {
        let addresses = self.sentinels.iter().map(RedisServer::address);
        format!("{}/{SERVICE}", url("redis+sentinel", self.password.as_deref(), addresses))
    }

    /// The sentinels.
    #[must_use]
    pub fn sentinels(&self) -> &[RedisServer] {
        &self.sentinels
    }

    /// The sentinels, to kill and stop them.
    #[must_use]
    pub fn sentinels_mut(&mut self) -> &mut [RedisServer] {
        &mut self.sentinels
    }

    /// The servers: the first primary, then its first replicas, whatever they are now.
    #[must_use]
    pub fn servers(&self) -> &[RedisServer] {
        &self.servers
    }

    /// Where the primary is, if all sentinels that are up say the same.
    #[must_use]
    pub fn primary_address(&self) -> Option<SocketAddr> {
        let mut said = self.sentinels.iter().filter(|sentinel| sentinel.is_up()).map(|sentinel| told_by(sentinel).ok());
        let first = said.next()??;
        said.all(|other| other == Some(first)).then_some(first)
    }

    /// The server that the sentinels take for the primary.
    ///
    /// # Panics
    /// Where they do not come to agree.
    #[must_use]
    pub fn primary(&self) -> &RedisServer {
        &self.servers[self.primary_index()]
    }

    /// The same, to kill or stop it.
    ///
    /// # Panics
    /// Where they do not come to agree.
    #[must_use]
    pub fn primary_mut(&mut self) -> &mut RedisServer {
        let index = self.primary_index();
        &mut self.servers[index]
    }

    /// The servers other than the primary, also those that are dead.
    ///
    /// # Panics
    /// Where the sentinels do not come to agree.
    #[must_use]
    pub fn replicas(&self) -> Vec<&RedisServer> {
        let primary = self.primary().address();
        self.servers.iter().filter(|server| server.address() != primary).collect()
    }

    /// The server at `address`, to bring it back.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn server_mut(&mut self, address: SocketAddr) -> &mut RedisServer {
        self.servers.iter_mut().find(|server| server.address() == address).expect("an address of this group")
    }

    /// Waits until all sentinels that are up name another primary than `former` and that one says the same of itself,
    /// and tells when that was.
    ///
    /// # Panics
    /// Where that does not come.
    #[must_use]
    pub fn wait_for_promotion(&self, former: SocketAddr) -> Instant {
        wait_until("a new primary", || {
            let promoted = self.primary_address().filter(|address| *address != former)?;
            let promoted = self.servers.iter().find(|server| server.address() == promoted)?;
            (promoted.info("role").ok()? == "master").then(Instant::now)
        })
    }

    fn primary_index(&self) -> usize {
        wait_until("a primary of which all sentinels know", || {
            let primary = self.primary_address()?;
            self.servers.iter().position(|server| server.address() == primary)
        })
    }
}

fn sentinel_config(primary: &RedisServer, options: &RedisOptions) -> String {
    let auth = options.secret().map(|password| format!("sentinel auth-pass {SERVICE} {password}"));
    format!(
        "sentinel monitor {SERVICE} 127.0.0.1 {} 2\n\
         sentinel down-after-milliseconds {SERVICE} 500\n\
         sentinel failover-timeout {SERVICE} 3000\n\
         sentinel parallel-syncs {SERVICE} 1\n{}",
        primary.port(),
        auth.unwrap_or_default()
    )
}

/// Whether a replica is in step with its primary.
pub(super) fn linked(replica: &RedisServer) -> Option<()> {
    (replica.info("master_link_status").ok()? == "up").then_some(())
}

fn told_by(sentinel: &RedisServer) -> io::Result<SocketAddr> {
    match sentinel.command(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE])?.elements() {
        [host, port] => address(host, port),
        other => Err(io::Error::other(format!("no address: {other:?}"))),
    }
}

/// Whether a sentinel has met the other sentinels and every replica.
fn knows_all(sentinel: &RedisServer, replicas: usize) -> io::Result<bool> {
    let primary = sentinel.command(&["SENTINEL", "MASTER", SERVICE])?;
    let others = (SENTINELS - 1).to_string();
    let known = sentinel.command(&["SENTINEL", "REPLICAS", SERVICE])?;
    let known = known.elements();
    Ok(has(&primary, "flags", "master")
        && has(&primary, "num-other-sentinels", &others)
        && known.len() == replicas
        && known.iter().all(|replica| has(replica, "flags", "slave") && has(replica, "master-link-status", "ok")))
}

/// Whether a list of names and values has this value under this name.
fn has(list: &RespValue, name: &str, value: &str) -> bool {
    list.elements()
        .chunks(2)
        .any(|pair| matches!(pair, [key, held] if key.to_string() == name && held.to_string() == value))
}
