//! A probe that is dropped half-way.

use crate::server::{AMPLE, Server, assert_success, builder, probe, read_head, until_closed};
use netring_core::Prober;
use netring_probes::Scheme;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::{Instant, timeout},
};

#[derive(Debug, PartialEq)]
enum Seen {
    HalfWay,
    Closed,
}

/// Drops a probe as soon as the server has come as far as `until`, and waits for the connection to be closed.
async fn dropped_at<F>(scheme: Scheme, until: impl Fn(TcpStream) -> F + Clone + Send + 'static)
where
    F: Future<Output = TcpStream> + Send + 'static,
{
    let (sender, mut seen) = mpsc::unbounded_channel();
    let server = Server::start(move |stream| {
        let (sender, until) = (sender.clone(), until.clone());
        async move {
            let mut stream = until(stream).await;
            sender.send(Seen::HalfWay).unwrap();
            until_closed(&mut stream).await;
            sender.send(Seen::Closed).unwrap();
        }
    })
    .await;
    let (prober, target) = (builder().scheme(scheme).build(), server.target());
    for _ in 0..3 {
        tokio::select! {
            report = prober.probe(&target, Instant::now() + AMPLE) => panic!("nothing was answered: {report:?}"),
            half_way = seen.recv() => assert_eq!(half_way, Some(Seen::HalfWay)),
        }
        let closed = timeout(AMPLE, seen.recv()).await.expect("the connection is left open");
        assert_eq!(closed, Some(Seen::Closed));
    }
}

#[tokio::test]
async fn in_the_handshake() {
    dropped_at(Scheme::Https, |mut stream| async move {
        stream.read_u8().await.unwrap();
        stream
    })
    .await;
}

#[tokio::test]
async fn before_the_answer() {
    dropped_at(Scheme::Http, |mut stream| async move {
        read_head(&mut stream).await;
        stream
    })
    .await;
}

#[tokio::test]
async fn in_the_body() {
    dropped_at(Scheme::Http, |mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await.unwrap();
        stream
    })
    .await;
}

#[tokio::test]
async fn the_next_probe_works() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let (prober, target) = (builder().build(), server.target());
    for polls in 0..5 {
        let mut dropped = Box::pin(prober.probe(&target, Instant::now() + AMPLE));
        for _ in 0..polls {
            tokio::select! {
                biased;
                _ = &mut dropped => break,
                () = tokio::task::yield_now() => {}
            }
        }
        drop(dropped);
        assert_success(&probe(&prober, &target).await);
    }
}
