//! How a connection is made, by where Redis is.

use crate::{
    address::{Kind, Login, RedisAddress},
    scripts::Code,
};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, Pipeline,
    RedisConnectionInfo, RedisResult, ServerErrorKind, TlsCertificates, TlsMode, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
    cmd,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use std::{fmt, time::Duration};

/// Makes connections to one Redis.
pub(crate) struct Connector {
    address: RedisAddress,
    /// Root certificates in PEM, where not those of the Web.
    roots: Option<Vec<u8>>,
    timeout: Duration,
}

/// An open connection. Cheap to clone; all clones share it, with many calls under way at once.
#[derive(Clone)]
pub(crate) enum Connection {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// What is asked of Redis as one step.
#[derive(Debug)]
pub(crate) enum Request<'a> {
    /// A script, with its keys and arguments.
    Script(&'a Code, &'a [&'a str], Vec<Vec<u8>>),
    /// A transaction.
    Transaction(Pipeline),
}

impl Connector {
    /// # Errors
    /// Where there can be no client: certificates that are none.
    pub(crate) fn new(address: RedisAddress, roots: Option<Vec<u8>>, timeout: Duration) -> RedisResult<Self> {
        let connector = Self { address, roots, timeout };
        // It reads the certificates; the others do so only when they connect.
        drop(connector.server()?);
        match &connector.address.kind {
            Kind::Server => {}
            Kind::Sentinel { service, login } => drop(connector.sentinel(service, login)?),
            Kind::Cluster => drop(connector.cluster()?),
        }
        Ok(connector)
    }

    pub(crate) fn address(&self) -> &RedisAddress {
        &self.address
    }

    /// Opens a connection, logged in and with its database selected.
    pub(crate) async fn connect(&self) -> RedisResult<Connection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout));
        Ok(match &self.address.kind {
            Kind::Server => {
                Connection::Node(self.server()?.get_multiplexed_async_connection_with_config(&config).await?)
            }
            Kind::Sentinel { service, login } => {
                Connection::Node(self.sentinel(service, login)?.get_async_connection_with_config(&config).await?)
            }
            Kind::Cluster => Connection::Cluster(self.cluster()?.get_async_connection().await?),
        })
    }

    fn certificates(&self) -> Option<TlsCertificates> {
        Some(TlsCertificates { client_tls: None, root_cert: Some(self.roots.clone()?) })
    }

    fn addresses(&self) -> impl Iterator<Item = ConnectionAddr> {
        self.address.hosts.iter().map(|(host, port)| match self.address.tls {
            true => ConnectionAddr::TcpTls { host: host.clone(), port: *port, insecure: false, tls_params: None },
            false => ConnectionAddr::Tcp(host.clone(), *port),
        })
    }

    /// The nodes of the address, each with the login and the database.
    fn nodes(&self) -> RedisResult<Vec<ConnectionInfo>> {
        let Login { user, password } = &self.address.login;
        let mut settings = RedisConnectionInfo::default().set_db(self.address.db.into());
        if let Some(user) = user {
            settings = settings.set_username(user);
        }
        if let Some(password) = password {
            settings = settings.set_password(password);
        }
        self.addresses()
            .map(|address| Ok(address.into_connection_info()?.set_redis_settings(settings.clone())))
            .collect()
    }

    fn server(&self) -> RedisResult<Client> {
        let node = self.nodes()?.swap_remove(0);
        match self.certificates() {
            Some(certificates) if self.address.tls => Client::build_with_tls(node, certificates),
            _ => Client::open(node),
        }
    }

    /// A new one each time: it would go on with connections to sentinels that hang.
    fn sentinel(&self, service: &str, sentinels: &Login) -> RedisResult<SentinelClient> {
        let mut builder = SentinelClientBuilder::new(self.addresses(), service, SentinelServerType::Master)?
            .set_client_to_redis_db(self.address.db.into());
        let Login { user, password } = &self.address.login;
        if let Some(user) = user {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = password {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(user) = &sentinels.user {
            builder = builder.set_client_to_sentinel_username(user);
        }
        if let Some(password) = &sentinels.password {
            builder = builder.set_client_to_sentinel_password(password);
        }
        if self.address.tls {
            builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
            if let Some(certificates) = self.certificates() {
                builder = builder
                    .set_client_to_redis_certificates(certificates.clone())
                    .set_client_to_sentinel_certificates(certificates);
            }
        }
        builder.build()
    }

    fn cluster(&self) -> RedisResult<ClusterClient> {
        // All nodes are waited for at once: one that hangs is to be given up while there is time for the others.
        let mut builder = ClusterClient::builder(self.nodes()?)
            .connection_timeout(self.timeout / 4)
            .response_timeout(self.timeout)
            .overall_response_timeout(Some(self.timeout));
        if let Some(certificates) = self.certificates().filter(|_| self.address.tls) {
            builder = builder.certs(certificates);
        }
        builder.build()
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.address, f)
    }
}

impl Connection {
    pub(crate) async fn ask(&mut self, request: &Request<'_>) -> RedisResult<Value> {
        match request {
            Request::Script(code, keys, arguments) => {
                let command = |name: &str, script: &str| {
                    let mut command = cmd(name);
                    command.arg(script).arg(keys.len()).arg(*keys).arg(arguments);
                    command
                };
                match self.command(&command("EVALSHA", &code.hash)).await {
                    // A Redis that was started anew does not know it, and does after this.
                    Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                        self.command(&command("EVAL", code.text)).await
                    }
                    answer => answer,
                }
            }
            Request::Transaction(pipeline) => match self {
                Self::Node(node) => pipeline.query_async(node).await,
                Self::Cluster(cluster) => pipeline.query_async(cluster).await,
            },
        }
    }

    async fn command(&mut self, command: &Cmd) -> RedisResult<Value> {
        let answer = match self {
            Self::Node(node) => node.req_packed_command(command).await?,
            Self::Cluster(cluster) => cluster.req_packed_command(command).await?,
        };
        answer.extract_error()
    }
}
