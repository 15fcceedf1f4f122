//! A service of your own that keeps a ring as well, under a path of its own.
//!
//! ```text
//! cargo run -p netring-examples --example embed_registry            # port 8080, or the one that is given
//! NETRING_REGISTRY_URL=http://localhost:8080/ring NETRING_LOCATION=eu1 cargo run --bin netring-member
//! curl localhost:8080/ ; curl localhost:8080/ring/members ; curl localhost:8080/ring/api/v1/matrix
//! chromium http://localhost:8080/ring/                             # the page
//! ```
//!
//! Ctrl-C ends it.

#![expect(clippy::print_stdout, reason = "it is a program that talks to a person")]

use axum::{Router, extract::State, http::StatusCode, response::Redirect, routing::get};
use netring_core::{Lifetimes, MemoryStore, RegistryEngine, http::registry_router};
use std::{error::Error, fmt::Write, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(8080), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind(("0.0.0.0", port)).await?;

    // A member that is silent for a minute is offline, and not only after the default of five.
    let lifetimes = Lifetimes { ttl: Duration::from_secs(60), ..Lifetimes::default() };
    let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).lifetimes(lifetimes).build();

    println!("members join at http://localhost:{}/ring; Ctrl-C ends it", listener.local_addr()?.port());
    let shutdown = CancellationToken::new();
    let signal = shutdown.clone();
    tokio::spawn(async move {
        // Where there is no handler to be had, ending at once is better than never.
        let _ = tokio::signal::ctrl_c().await;
        signal.cancel();
    });
    let server =
        axum::serve(listener, service(registry.clone())).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    // Without `run` the registry answers all the same, but never forgets who is gone.
    let (served, ()) = tokio::join!(server, registry.run(shutdown));
    Ok(served?)
}

/// The registry stands under `/ring`, so that its `/health` does not get into the way of the service's own. This is also
/// the place for a layer that lets only your own members in: the registry itself asks nobody who he is.
fn service(registry: RegistryEngine) -> Router {
    Router::new()
        .route("/", get(overview))
        .with_state(registry.clone())
        // With the slash, for the page's own addresses are relative to `/ring/`.
        .nest("/ring/", registry_router(registry).merge(netring_dashboard::router()))
        .route("/ring", get(|| async { Redirect::permanent("ring/") }))
}

/// What the service makes of the ring: it asks the engine, not its own HTTP.
async fn overview(State(registry): State<RegistryEngine>) -> Result<String, StatusCode> {
    let matrix = registry.matrix().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let mut page = format!("the ring is {}\n", matrix.state);
    for member in &matrix.members {
        // Writing to a String does not fail.
        let _ = writeln!(page, "{:<16} {:<38} {}", member.location, member.instance_id, member.status);
    }
    for pair in &matrix.pairs {
        let _ = writeln!(page, "{} -> {}: {}", pair.source, pair.target, pair.state);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::{Announcement, Discovery, InstanceId, Location, RegistryClient};
    use std::net::SocketAddr;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_page_is_under_the_path() {
        let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, service(registry)).into_future());

        let elsewhere = get(address, "/ring").await;
        assert!(elsewhere.starts_with("HTTP/1.1 308") && elsewhere.contains("location: ring/\r\n"), "{elsewhere}");
        let page = get(address, "/ring/").await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("<!doctype html>"), "{page}");
        assert!(get(address, "/ring/assets/main.js").await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn members_join_under_the_path() {
        let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/ring", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, service(registry.clone())).into_future());

        let announcement = Announcement {
            instance_id: InstanceId::new("eu1-a").unwrap(),
            location: Location::new("eu1").unwrap(),
            ip: None,
            port: 8757,
            heartbeat_interval: Duration::from_secs(45),
            udp_echo: false,
        };
        RegistryClient::new(&url).unwrap().announce(&announcement).await.unwrap();
        let page = overview(State(registry)).await.unwrap();
        assert!(page.contains("eu1-a") && page.contains("online"), "{page}");
    }
}
