//! What went wrong with Redis, in words that say what to do.

use crate::address::RedisAddress;
use redis::{ErrorKind, ParsingError, RedisError, ServerErrorKind};
use std::{error::Error, io, sync::Arc, time::Duration};

/// What went wrong, and what that means for the connection.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{words}")]
pub(crate) struct Failure {
    words: Arc<str>,
    pub(crate) means: Meaning,
}

/// What a failure means for the connection that it happened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The connection was closed: the same may be asked once more over another.
    Closed,
    /// Nothing is to be had from this connection any more.
    Dead,
    /// The connection works, and leads to a server that takes no writes, where perhaps another one does by now.
    Elsewhere,
    /// Redis understood and refused. Another connection would not help.
    Refused,
}

/// Advice where a value is none of netring's.
const STRANGER: &str = "has something under this prefix that netring did not write: delete it, or set another prefix";
/// A message of Redis is cut after this many characters.
const MAX_CHARS: usize = 300;

impl Failure {
    pub(crate) fn new(words: impl Into<Arc<str>>, means: Meaning) -> Self {
        Self { words: words.into(), means }
    }

    pub(crate) fn no_answer(address: &RedisAddress, timeout: Duration) -> Self {
        let tls = if address.tls { ", or does not speak TLS at this port" } else { "" };
        let words =
            format!("{address} does not answer within {timeout:?}: it hangs, is overloaded, or packets are lost{tls}");
        Self::new(words, Meaning::Dead)
    }

    /// What `error` of the Redis at `address` means.
    pub(crate) fn of(error: &RedisError, address: &RedisAddress) -> Self {
        let said = said(error);
        let (advice, means) = meaning(error, &said);
        Self::new(format!("{address} {advice} ({said})"), means)
    }

    /// An answer of the Redis at `address` that no value of netring's gives.
    pub(crate) fn of_value(error: &ParsingError, address: &RedisAddress) -> Self {
        Self::new(format!("{address} {STRANGER} ({})", one_line(&error.to_string())), Meaning::Refused)
    }

    /// A value at `key` that netring did not write.
    pub(crate) fn stranger(address: &RedisAddress, key: &str) -> Self {
        let words = format!(
            "{address} has something at the key {key} that netring did not write: delete it, or set another prefix"
        );
        Self::new(words, Meaning::Refused)
    }
}

/// What Redis or the system said.
fn said(error: &RedisError) -> String {
    let server = error.clone().into_server_errors().and_then(|errors| Some(errors.first()?.1.clone()));
    one_line(&match server {
        Some(server) => format!("{} {}", server.code(), server.details().unwrap_or_default()),
        None => error.to_string(),
    })
}

fn one_line(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARS).collect()
}

fn meaning(error: &RedisError, said: &str) -> (&'static str, Meaning) {
    use Meaning::{Dead, Elsewhere, Refused};
    match error.kind() {
        ErrorKind::AuthenticationFailed => return ("does not take the user or the password: set the right ones", Dead),
        // Who has not logged in yet may send no long commands.
        _ if said.contains("unauthenticated") => return ("asks for a password: set one", Dead),
        ErrorKind::Server(ServerErrorKind::ResponseError) if said.contains("DB index") => {
            return ("has no such database: set another number, or raise its setting `databases`", Dead);
        }
        ErrorKind::MasterNameNotFoundBySentinel => {
            return ("names no primary of that service that is up: is the service's name right?", Dead);
        }
        ErrorKind::Parse => return ("answers something that no Redis does: is the port right?", Dead),
        ErrorKind::ClusterConnectionNotFound => return ("has no node in reach: are the nodes up?", Dead),
        ErrorKind::Io => return io_meaning(error),
        _ => {}
    }
    // Before Redis 7 what a command in a script was answered stands within the words.
    let code = |code: &str| said.starts_with(&format!("{code} ")) || said.contains(&format!("-{code} "));
    for (name, advice, means) in [
        ("NOAUTH", "asks for a password: set one", Dead),
        ("WRONGPASS", "does not take the user or the password: set the right ones", Dead),
        (
            "NOPERM",
            "does not allow this user all that is needed: its keys, reading, writing, scripts and transactions",
            Refused,
        ),
        ("READONLY", "takes no writes: it is a replica; point to the primary, or to the sentinels", Elsewhere),
        ("OOM", "is out of memory: raise its `maxmemory`, or free some", Refused),
        ("MISCONF", "takes no writes, for it cannot save to its disk: look at its log", Refused),
        ("NOREPLICAS", "takes no writes, for it has too few replicas", Refused),
        ("LOADING", "is loading its data: it will be ready soon", Refused),
        ("BUSY", "is busy with a script of somebody else", Refused),
        ("MASTERDOWN", "is a replica that has lost its primary", Elsewhere),
        ("CLUSTERDOWN", "is a cluster that is down: are all its nodes up?", Refused),
        ("TRYAGAIN", "is moving the slot of these keys", Refused),
        ("CROSSSLOT", "has these keys in several slots, which is a mistake of netring's", Refused),
        ("WRONGTYPE", STRANGER, Refused),
    ] {
        if code(name) {
            return (advice, means);
        }
    }
    ("does not do what it is asked", if error.is_unrecoverable_error() { Dead } else { Refused })
}

fn io_meaning(error: &RedisError) -> (&'static str, Meaning) {
    // The crate hands its cause out within what it shares it by.
    let shared = error.source().and_then(|source| source.downcast_ref::<Arc<dyn Error + Send + Sync>>());
    match shared.and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => {
            ("cannot be reached: does it run, are host and port right?", Meaning::Closed)
        }
        Some(io::ErrorKind::TimedOut) => {
            ("does not answer: it hangs, is overloaded, or packets are lost", Meaning::Dead)
        }
        Some(
            io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::NotConnected,
        )
        | None => (
            "closed the connection: was it stopped, does it have too many clients (`maxclients`), or is an answer too large \
             (`client-output-buffer-limit`)?",
            Meaning::Closed,
        ),
        Some(io::ErrorKind::InvalidData) => {
            ("fails the TLS handshake: are its certificate and the CA right?", Meaning::Dead)
        }
        Some(_) => ("cannot be reached: is the name right, is there a route?", Meaning::Dead),
    }
}
