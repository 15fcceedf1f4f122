//! What is sent.

use crate::server::{Server, assert_success, builder, probe, read_head, target};
use netring_core::{Host, ProbeError, Prober};
use netring_probes::http::rustls::pki_types::ServerName;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tokio::{io::AsyncWriteExt, sync::mpsc, time::Instant};

/// A server that passes on the heads of the requests it gets.
async fn recording(ip: IpAddr) -> (Server, mpsc::UnboundedReceiver<String>) {
    let (heads, seen) = mpsc::unbounded_channel();
    let server = Server::start_on(ip, move |mut stream| {
        let heads = heads.clone();
        async move {
            heads.send(read_head(&mut stream).await).unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        }
    })
    .await;
    (server, seen)
}

fn expected(host: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET /health HTTP/1.1\r\nhost: {host}\r\nuser-agent: netring/{version}\r\naccept: */*\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n"
    )
}

#[tokio::test]
async fn the_request_is_this_to_the_letter() {
    let (server, mut seen) = recording(Ipv4Addr::LOCALHOST.into()).await;
    let prober = builder().build();
    assert_success(&probe(&prober, &server.target()).await);
    assert_eq!(seen.recv().await.unwrap(), expected(&server.address.to_string()));
}

#[tokio::test]
async fn an_ipv6_address_stands_in_brackets() {
    let (server, mut seen) = recording(Ipv6Addr::LOCALHOST.into()).await;
    assert_success(&probe(&builder().build(), &server.target()).await);
    assert_eq!(seen.recv().await.unwrap(), expected(&format!("[::1]:{}", server.address.port())));
}

#[tokio::test]
async fn an_address_that_is_written_as_a_name_is_an_address() {
    let (server, mut seen) = recording(Ipv4Addr::LOCALHOST.into()).await;
    assert_success(
        &probe(&builder().build(), &server.target_by(Host::Name(netring_core::HostName::new("127.0.0.1").unwrap())))
            .await,
    );
    assert_eq!(seen.recv().await.unwrap(), expected(&server.address.to_string()));
}

#[tokio::test]
async fn the_server_name_stands_in_for_the_host() {
    let (server, mut seen) = recording(Ipv4Addr::LOCALHOST.into()).await;
    let prober = builder().server_name(ServerName::try_from("web.example").unwrap()).build();
    assert_success(&probe(&prober, &server.target()).await);
    assert_eq!(seen.recv().await.unwrap(), expected(&format!("web.example:{}", server.address.port())));
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_not_probed() {
    let prober = builder().build();
    for name in ["a b", "a\"b", "-"] {
        let error = prober
            .probe(&target(Host::Name(netring_core::HostName::new(name).unwrap()), 80), Instant::now())
            .await
            .unwrap_err();
        assert!(matches!(error, ProbeError::Unsupported { .. }), "{name:?}: {error}");
    }
}
