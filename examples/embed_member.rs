//! A service of your own that is a member of the ring as well.
//!
//! ```text
//! cargo run --bin netring-registry                                  # in one terminal
//! cargo run -p netring-examples --example embed_member              # in another: port 8080, site "shop"
//! cargo run -p netring-examples --example embed_member -- http://localhost:8756 8081 warehouse
//! curl localhost:8080/orders ; curl localhost:8080/health ; curl localhost:8080/metrics
//! ```
//!
//! Ctrl-C ends it, with a goodbye to the registry.

#![expect(clippy::print_stdout, reason = "it is a program that talks to a person")]

use axum::{Router, extract::State, routing::get};
use netring_core::{
    Cadence, Endpoint, InstanceId, Location, MemberEngine, MemberHandle, PrometheusSink, RegistryClient, TcpProber,
    http::member_router,
};
use netring_probes::HttpProber;
use prometheus::{IntCounter, Registry};
use std::{error::Error, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let registry_url = args.next().unwrap_or_else(|| "http://localhost:8756".to_owned());
    let port: u16 = args.next().map_or(Ok(8080), |port| port.parse())?;
    let location = Location::new(args.next().unwrap_or_else(|| "shop".to_owned()))?;

    // The listener comes first: what the member advertises has to be the port that was really had.
    let listener = tokio::net::TcpListener::bind(("0.0.0.0", port)).await?;
    let port = listener.local_addr()?.port();

    // One Prometheus registry for the service's own metrics and for the member's: one page to scrape.
    let prometheus = Registry::new();
    let orders = IntCounter::new("shop_orders_total", "Orders taken.")?;
    prometheus.register(Box::new(orders.clone()))?;
    let metrics = Arc::new(PrometheusSink::register_on(prometheus)?);

    let cadence = Cadence::new(Duration::from_secs(5), Duration::from_secs(2));
    let member =
        MemberEngine::builder(InstanceId::random(), location, port, Arc::new(RegistryClient::new(&registry_url)?))
            .prober(TcpProber, cadence)
            .prober(HttpProber::new(Endpoint::new("/health")?), cadence)
            .sink(metrics.clone())
            .poll_interval(Duration::from_secs(5))
            // The registry holds a result for true for three of these: it should be the interval of the checks.
            .report_interval(cadence.interval)
            .build()?;

    let app = service(orders, member.handle(), metrics);
    println!("serving on port {port}, a member of the ring at {registry_url}; Ctrl-C ends it");

    // The library installs no signal handler: when to end is for the service to say, and one token tells everybody.
    let shutdown = CancellationToken::new();
    let signal = shutdown.clone();
    tokio::spawn(async move {
        // Where there is no handler to be had, ending at once is better than never.
        let _ = tokio::signal::ctrl_c().await;
        signal.cancel();
    });
    let server = axum::serve(listener, app).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    // The member goes on for up to 1.5 s to say goodbye, so that nobody takes it for dead.
    let (served, ()) = tokio::join!(server, member.run(shutdown));
    println!("said goodbye");
    Ok(served?)
}

/// The service's own route beside the member's `/health`, `/metrics` and `/bandwidth_test`.
fn service(orders: IntCounter, member: MemberHandle, metrics: Arc<PrometheusSink>) -> Router {
    Router::new()
        .route("/orders", get(order))
        .with_state((orders, member.clone()))
        .merge(member_router(member).metrics(move || metrics.render()).build())
}

/// The service may look at the ring as well: here it tells how many of the others it reaches.
async fn order(State((orders, member)): State<(IntCounter, MemberHandle)>) -> String {
    orders.inc();
    let newest = member.newest();
    let good = newest.iter().filter(|report| report.outcome.is_success()).count();
    format!("order {} taken; {good} of {} checks of the other members are good\n", orders.get(), newest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use netring_core::{FixedDiscovery, MetricSink};

    #[tokio::test]
    async fn both_kinds_of_metrics_are_on_one_page() {
        let prometheus = Registry::new();
        let orders = IntCounter::new("shop_orders_total", "Orders taken.").unwrap();
        prometheus.register(Box::new(orders.clone())).unwrap();
        let metrics = Arc::new(PrometheusSink::register_on(prometheus).unwrap());
        let ring = Arc::new(FixedDiscovery::default());
        let location = Location::new("here").unwrap();
        let member = MemberEngine::builder(InstanceId::random(), location, 8080, ring)
            .sink(metrics.clone() as Arc<dyn MetricSink>)
            .build()
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, service(orders, member.handle(), metrics)).into_future());

        assert!(get(address, "/orders").await.contains("order 1 taken; 0 of 0 checks"));
        let page = get(address, "/metrics").await;
        assert!(page.contains("shop_orders_total 1") && page.contains("netring_members_total"), "{page}");
        assert!(get(address, "/health").await.contains(r#""location":"here""#));
    }

    async fn get(address: std::net::SocketAddr, path: &str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
