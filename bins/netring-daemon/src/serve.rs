//! An HTTP server that is bounded and ends in time.

use axum::Router;
use axum_server::{Handle, accept::Accept};
use hyper_util::rt::TokioTimer;
use netring_core::http::not_found_as_json;
use std::{
    future::{Ready, ready},
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    pin::Pin,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

/// A connection on which nothing is asked for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// A connection whose other end takes nothing of an answer for this long is closed, so that the answer does not stay in
/// memory.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
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
    serve_with(listener, router, shutdown, WRITE_TIMEOUT).await
}

async fn serve_with(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    write_timeout: Duration,
) -> Result<(), String> {
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener)
        .map_err(|error| format!("cannot use the listener: {error}"))?
        .handle(handle.clone())
        .first_request_timeout(IDLE_TIMEOUT)
        .http1_only()
        .accept_error_handler(|peer, error| tracing::debug!(?peer, %error, "a connection was not taken"))
        .acceptor(Bounded { handle: handle.clone(), write_timeout });
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(IDLE_TIMEOUT);
    tokio::spawn(async move {
        shutdown.cancelled().await;
        handle.graceful_shutdown(Some(DRAIN_TIMEOUT));
    });
    server
        .serve(not_found_as_json(router).into_make_service_with_connect_info::<SocketAddr>())
        .await
        .map_err(|error| format!("the HTTP server ended: {error}"))
}

/// A stream on which a write fails that makes no progress for too long.
type BoundedStream<S> = Pin<Box<TimeoutStream<S>>>;

fn bounded<S: AsyncRead + AsyncWrite>(stream: S, write_timeout: Duration) -> BoundedStream<S> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write_timeout));
    Box::pin(stream)
}

/// Takes a bounded number of connections at once, and waits a bounded time for their readers.
#[derive(Debug, Clone)]
struct Bounded {
    handle: Handle<SocketAddr>,
    write_timeout: Duration,
}

impl<S> Accept<TcpStream, S> for Bounded {
    type Stream = BoundedStream<TcpStream>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(if self.handle.connection_count() <= MAX_CONNECTIONS {
            Ok((bounded(stream, self.write_timeout), service))
        } else {
            Err(io::Error::other("too many connections"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        body::{Body, Bytes},
        routing::get,
    };
    use futures_util::stream;
    use std::{convert::Infallible, net::Ipv4Addr};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::{Instant, sleep, timeout},
    };

    const TIMEOUT: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn a_write_fails_once_nobody_reads_for_the_timeout() {
        let (stream, _unread) = duplex(8);
        let mut stream = bounded(stream, TIMEOUT);
        let begun = Instant::now();
        let error = stream.write_all(&[0; 9]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!((TIMEOUT..TIMEOUT + Duration::from_secs(1)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_gets_everything() {
        let (stream, mut reader) = duplex(1);
        let mut stream = bounded(stream, TIMEOUT);
        let write = async {
            stream.write_all(b"slowly").await.unwrap();
            stream.shutdown().await.unwrap();
        };
        let read = async {
            for byte in *b"slowly" {
                sleep(TIMEOUT * 9 / 10).await;
                assert_eq!(reader.read_u8().await.unwrap(), byte);
            }
        };
        tokio::join!(write, read);
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_may_take_any_time() {
        let (stream, mut writer) = duplex(8);
        let mut stream = bounded(stream, TIMEOUT);
        let late = async {
            sleep(TIMEOUT * 10).await;
            writer.write_u8(7).await.unwrap();
        };
        assert_eq!(tokio::join!(stream.read_u8(), late).0.unwrap(), 7);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_is_let_go() {
        let listener = listen(Ipv4Addr::LOCALHOST.into(), 0).unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, gone) = (CancellationToken::new(), CancellationToken::new());
        let answer = gone.clone();
        let endless = move || {
            let held = answer.clone().drop_guard();
            let chunks = stream::repeat_with(move || {
                let _held = &held;
                Ok::<_, Infallible>(Bytes::from_static(&[b'.'; 1 << 16]))
            });
            async { Body::from_stream(chunks) }
        };
        let router = Router::new().route("/endless", get(endless));
        let server = tokio::spawn(serve_with(listener, router, shutdown.clone(), Duration::from_millis(100)));

        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET /endless HTTP/1.1\r\nHost: here\r\n\r\n").await.unwrap();
        timeout(Duration::from_secs(60), gone.cancelled()).await.expect("the answer is let go");
        shutdown.cancel();
        server.await.unwrap().unwrap();
    }
}
