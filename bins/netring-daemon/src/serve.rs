//! An HTTP server that is bounded and ends in time.

use axum::Router;
use axum_server::{Handle, accept::Accept};
use hyper_util::rt::TokioTimer;
use netring_core::http::not_found_as_json;
use std::{
    future::{Ready, ready},
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// A connection on which nothing is asked for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests under way when the server is told to stop may take this long to end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);
/// Connections beyond this many are closed at once.
const MAX_CONNECTIONS: usize = 10_000;

/// Listens on `host` and `port`.
///
/// # Errors
/// Says what cannot be listened on, why, and what to do.
pub fn listen(host: IpAddr, port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((host, port)).map_err(|error| {
        let address = SocketAddr::new(host, port);
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("another program has port {port}; choose another with --port or NETRING_SERVER_PORT")
            }
            io::ErrorKind::PermissionDenied => {
                "ports below 1024 need the right to bind them; choose another with --port or NETRING_SERVER_PORT".into()
            }
            io::ErrorKind::AddrNotAvailable => {
                "this host does not have that address; choose another with --host or NETRING_SERVER_HOST".into()
            }
            _ => "choose another address with --host and --port".to_owned(),
        };
        format!("cannot listen on {address}: {error}: {advice}")
    })
}

/// Serves `router` until `shutdown`, and then for as long as requests under way take, at most a second.
///
/// # Errors
/// Where `listener` cannot be used.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> Result<(), String> {
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener)
        .map_err(|error| format!("cannot use the listener: {error}"))?
        .handle(handle.clone())
        .first_request_timeout(IDLE_TIMEOUT)
        .http1_only()
        .accept_error_handler(|peer, error| tracing::debug!(?peer, %error, "a connection was not taken"))
        .acceptor(Bounded { handle: handle.clone() });
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(IDLE_TIMEOUT);
    tokio::spawn(async move {
        shutdown.cancelled().await;
        handle.graceful_shutdown(Some(DRAIN_TIMEOUT));
    });
    server
        .serve(not_found_as_json(router).into_make_service())
        .await
        .map_err(|error| format!("the HTTP server ended: {error}"))
}

/// Takes a bounded number of connections at once.
#[derive(Debug, Clone)]
struct Bounded {
    handle: Handle<SocketAddr>,
}

impl<S> Accept<TcpStream, S> for Bounded {
    type Stream = TcpStream;
    type Service = S;
    type Future = Ready<io::Result<(TcpStream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(if self.handle.connection_count() <= MAX_CONNECTIONS {
            Ok((stream, service))
        } else {
            Err(io::Error::other("too many connections"))
        })
    }
}
