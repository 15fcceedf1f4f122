//! Where Redis is: one server, a primary that sentinels name, or a cluster.

use percent_encoding::percent_decode_str;
use std::{fmt, str::FromStr};

/// Where Redis is, and how to log in. Its `Display` and `Debug` leave the passwords out.
///
/// As a URL:
/// - `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`: one server. Port 6379 and database 0 unless told otherwise.
/// - `redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/SERVICE[/DB]`: the primary that the sentinels name for the
///   service. User and password are those of the primary; those of the sentinels, where they ask for some, stand behind
///   `?sentinel_user=…&sentinel_password=…`. A sentinel's port is 26379 unless told otherwise.
/// - `redis+cluster://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]`: a cluster, with some of its nodes to begin with.
///
/// With `rediss` in place of `redis` each goes over TLS. A user may be left out: `redis://:PASSWORD@HOST`. What has a
/// meaning in a URL (`@ : / ? # % ,`) is written in user, password and service by its code, as `%40`.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress {
    pub(crate) kind: Kind,
    pub(crate) tls: bool,
    pub(crate) hosts: Vec<(String, u16)>,
    pub(crate) login: Login,
    pub(crate) db: u32,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Server,
    Sentinel { service: String, login: Login },
    Cluster,
}

#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
}

/// Why a text is not where Redis could be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(&'static str);

const FORMS: InvalidAddress = InvalidAddress(
    "expected redis://HOST:PORT/DB, rediss:// for TLS, redis+sentinel://HOST,HOST/SERVICE or redis+cluster://HOST,HOST",
);

impl RedisAddress {
    /// One server, without TLS.
    ///
    /// # Errors
    /// Where `host` is none.
    pub fn server(host: &str, port: u16, db: u32, password: Option<&str>) -> Result<Self, InvalidAddress> {
        Ok(Self {
            kind: Kind::Server,
            tls: false,
            hosts: vec![(server_name(host)?, port)],
            login: Login { user: None, password: password.map(str::to_owned) },
            db,
        })
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn uses_tls(&self) -> bool {
        self.tls
    }

    /// The same with `password`, where it has none.
    #[must_use]
    pub fn or_password(mut self, password: &str) -> Self {
        self.login.password.get_or_insert_with(|| password.to_owned());
        self
    }
}

impl FromStr for RedisAddress {
    type Err = InvalidAddress;

    fn from_str(url: &str) -> Result<Self, InvalidAddress> {
        let (scheme, rest) = url.trim().split_once("://").ok_or(FORMS)?;
        let (secure, kind) = scheme.split_once('+').unwrap_or((scheme, "server"));
        let tls = match secure {
            "redis" => false,
            "rediss" => true,
            _ => return Err(FORMS),
        };
        if rest.contains('#') {
            return Err(InvalidAddress("there is no meaning to #; in a password it is written %23"));
        }
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (login.parse()?, hosts),
            None => (Login::default(), authority),
        };
        if path.contains('@') {
            return Err(InvalidAddress("a / in a user or a password is written %2F"));
        }
        let path = path.trim_end_matches('/');
        let (kind, port, db) = match kind {
            "server" => (Kind::Server, 6379, path),
            "cluster" => (Kind::Cluster, 6379, path),
            "sentinel" => {
                let (service, db) = path.split_once('/').unwrap_or((path, ""));
                if service.is_empty() {
                    return Err(InvalidAddress(
                        "the name of the service is missing: redis+sentinel://HOST,HOST/SERVICE",
                    ));
                }
                (Kind::Sentinel { service: decoded(service)?, login: sentinel_login(query)? }, 26379, db)
            }
            _ => return Err(FORMS),
        };
        if query.is_some() && !matches!(kind, Kind::Sentinel { .. }) {
            return Err(InvalidAddress("there is no meaning to ?; in a password it is written %3F"));
        }
        let db = match db {
            "" => 0,
            _ => db.parse().map_err(|_| InvalidAddress("the database is a whole number: redis://HOST:PORT/DB"))?,
        };
        if kind == Kind::Cluster && db != 0 {
            return Err(InvalidAddress("a cluster has no database but 0"));
        }
        let hosts = hosts.split(',').map(|host| host_and_port(host, port)).collect::<Result<Vec<_>, _>>()?;
        if kind == Kind::Server && hosts.len() > 1 {
            return Err(InvalidAddress(
                "one server has one host; several stand in redis+sentinel:// or redis+cluster://",
            ));
        }
        Ok(Self { kind, tls, hosts, login, db })
    }
}

impl FromStr for Login {
    type Err = InvalidAddress;
    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let (user, password) =
            text.split_once(':').ok_or(InvalidAddress("a password alone is written redis://:PASSWORD@HOST"))?;
        let some = |text| decoded(text).map(|text| Some(text).filter(|text| !text.is_empty()));
        Ok(Self { user: some(user)?, password: some(password)? })
    }
}

fn sentinel_login(query: Option<&str>) -> Result<Login, InvalidAddress> {
    let mut login = Login::default();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sentinel_user", user)) => login.user = Some(decoded(user)?),
            Some(("sentinel_password", password)) => login.password = Some(decoded(password)?),
            _ => return Err(InvalidAddress("behind ? only sentinel_user=… and sentinel_password=… are known")),
        }
    }
    Ok(login)
}

fn decoded(text: &str) -> Result<String, InvalidAddress> {
    let text = percent_decode_str(text).decode_utf8();
    Ok(text.map_err(|_| InvalidAddress("what stands behind % is no UTF-8"))?.into_owned())
}

fn host_and_port(text: &str, default: u16) -> Result<(String, u16), InvalidAddress> {
    // An IPv6 address stands in brackets, for it has colons of its own.
    let (host, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or(FORMS)?)),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|&port| port != 0),
        None => Some(default),
    };
    Ok((host_name(host)?, port.ok_or(InvalidAddress("a port is a number from 1 to 65535"))?))
}

/// A host that stands alone, without a port: an IPv6 address needs no brackets there.
fn server_name(host: &str) -> Result<String, InvalidAddress> {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_err() {
        return Err(InvalidAddress("this is a host alone, a name or an address; its port stands elsewhere"));
    }
    host_name(host)
}

fn host_name(host: &str) -> Result<String, InvalidAddress> {
    let odd = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | ':'));
    if host.is_empty() {
        Err(InvalidAddress("the host is missing"))
    } else if host.len() > 253 || host.contains(odd) {
        Err(InvalidAddress("a host is a name or an address, IPv6 in brackets"))
    } else {
        Ok(host.to_owned())
    }
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls { "rediss" } else { "redis" })?;
        f.write_str(match self.kind {
            Kind::Server => "://",
            Kind::Sentinel { .. } => "+sentinel://",
            Kind::Cluster => "+cluster://",
        })?;
        for (i, (host, port)) in self.hosts.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            if host.contains(':') { write!(f, "{comma}[{host}]:{port}")? } else { write!(f, "{comma}{host}:{port}")? }
        }
        if let Kind::Sentinel { service, .. } = &self.kind {
            write!(f, "/{}", service.escape_debug())?;
        }
        if self.db != 0 { write!(f, "/{}", self.db) } else { Ok(()) }
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        for (url, shown, user, password) in [
            ("redis://redis.example", "redis://redis.example:6379", None, None),
            (" redis://10.0.0.1:6380/3 ", "redis://10.0.0.1:6380/3", None, None),
            ("rediss://[2001:db8::1]:6380/", "rediss://[2001:db8::1]:6380", None, None),
            ("redis://:p%40ss@h", "redis://h:6379", None, Some("p@ss")),
            ("redis://me:a@b:c@h/1", "redis://h:6379/1", Some("me"), Some("a@b:c")),
            ("redis+sentinel://a,b:1,c/main", "redis+sentinel://a:26379,b:1,c:26379/main", None, None),
            ("rediss+sentinel://u:p@a/main/2", "rediss+sentinel://a:26379/main/2", Some("u"), Some("p")),
            ("redis+cluster://a:7000,b:7001", "redis+cluster://a:7000,b:7001", None, None),
        ] {
            let address: RedisAddress = url.parse().unwrap();
            assert_eq!((address.to_string(), format!("{address:?}")), (shown.to_owned(), shown.to_owned()), "{url}");
            assert_eq!((address.login.user.as_deref(), address.login.password.as_deref()), (user, password), "{url}");
        }
        let address: RedisAddress = "redis+sentinel://a/m?sentinel_user=x&sentinel_password=y%26".parse().unwrap();
        let Kind::Sentinel { service, login } = address.kind else { panic!("{address}") };
        assert_eq!((service.as_str(), login.user.as_deref(), login.password.as_deref()), ("m", Some("x"), Some("y&")));
    }

    #[test]
    fn a_host_alone_has_no_port() {
        for (host, shown) in
            [("redis.example", "redis://redis.example:1"), ("::1", "redis://[::1]:1"), ("[::1]", "redis://[::1]:1")]
        {
            assert_eq!(RedisAddress::server(host, 1, 0, None).unwrap().to_string(), shown);
        }
        for host in ["", "redis.example:6379", "10.0.0.1:1", "a b"] {
            assert!(RedisAddress::server(host, 1, 0, None).is_err(), "{host:?}");
        }
    }

    #[test]
    fn what_is_no_url_says_why() {
        for (url, said) in [
            ("", "expected redis://"),
            ("localhost:6379", "expected redis://"),
            ("http://localhost", "expected redis://"),
            ("redis+ring://localhost", "expected redis://"),
            ("redis://", "the host is missing"),
            ("redis://:6379", "the host is missing"),
            ("redis://a b", "a host is a name"),
            ("redis://a:port", "a port is a number"),
            ("redis://a:0", "a port is a number"),
            ("redis://a:65536", "a port is a number"),
            ("redis://a/zero", "the database is a whole number"),
            ("redis://a/-1", "the database is a whole number"),
            ("redis://a,b", "one server has one host"),
            ("redis://secret@a", "a password alone"),
            ("redis://a?db=1", "no meaning to ?"),
            ("redis://a#1", "no meaning to #"),
            ("redis://:a/secret@h", "a / in a user or a password"),
            ("redis+sentinel://a", "the name of the service"),
            ("redis+sentinel://a/m?x=1", "behind ? only"),
            ("redis+cluster://a/1", "a cluster has no database"),
            ("redis+cluster://a,,b", "the host is missing"),
            ("redis://u:%ff@a", "no UTF-8"),
        ] {
            let error = url.parse::<RedisAddress>().unwrap_err().to_string();
            assert!(error.starts_with(said) || error.contains(said), "{url}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
