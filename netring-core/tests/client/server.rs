//! Registries that do what a test says, and shorthands for calling them.

use axum::{
    Router,
    body::Bytes,
    http::{Method, StatusCode, Uri},
    response::IntoResponse,
};
use netring_core::{
    Announcement, Discovery, DiscoveryError, Location, Outcome, RegistryClient,
    testing::sample::{id, report, result},
};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinSet};

/// What was asked of a server, in the order of the calls: method, path and body.
pub(crate) type Asked = Arc<Mutex<Vec<(String, String, Value)>>>;

/// A server; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) asked: Asked,
    _task: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start(router: Router) -> Self {
        Self::start_on("127.0.0.1:0", router).await
    }

    pub(crate) async fn start_on(address: &str, router: Router) -> Self {
        let listener = TcpListener::bind(address).await.unwrap_or_else(|e| panic!("this test needs {address}: {e}"));
        let address = listener.local_addr().unwrap();
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, asked: Asked::default(), _task: task }
    }

    /// Answers every call with what `answer` makes of its path, and takes note of it.
    pub(crate) async fn answering<R: IntoResponse>(answer: impl Fn(&str) -> R + Clone + Send + Sync + 'static) -> Self {
        let asked = Asked::default();
        let noted = Arc::clone(&asked);
        let router = Router::new().fallback(async move |method: Method, uri: Uri, body: Bytes| {
            let body = serde_json::from_slice(&body).unwrap_or_default();
            noted.lock().unwrap().push((method.to_string(), uri.to_string(), body));
            answer(uri.path()).into_response()
        });
        Self { asked, ..Self::start(router).await }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn client(&self) -> RegistryClient {
        RegistryClient::new(&self.url()).unwrap()
    }

    /// The method and path of every call so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(method, path, _)| format!("{method} {path}")).collect()
    }
}

/// An answer as JSON, with a status.
pub(crate) fn json(status: StatusCode, body: &Value) -> impl IntoResponse + use<> {
    (status, [("Content-Type", "application/json")], body.to_string())
}

pub(crate) fn announcement() -> Announcement {
    Announcement {
        instance_id: id("a"),
        location: Location::new("eu1").unwrap(),
        ip: Some([10, 1, 2, 3].into()),
        port: 8757,
        heartbeat_interval: Duration::from_secs(45),
        udp_echo: false,
    }
}

/// Each call of a client, by its name.
pub(crate) async fn every_call(client: &RegistryClient) -> [(&'static str, Result<(), DiscoveryError>); 5] {
    every_call_of(client).await
}

/// The same of any discovery.
pub(crate) async fn every_call_of(client: &dyn Discovery) -> [(&'static str, Result<(), DiscoveryError>); 5] {
    let newest = report("a", vec![result("b", Outcome::Success)]);
    [
        ("register", client.announce(&announcement()).await),
        ("send a heartbeat", client.heartbeat(&id("a")).await),
        ("list the members", client.peers().await.map(drop)),
        ("deregister", client.withdraw(&id("a")).await),
        ("report", client.report(&newest).await),
    ]
}

#[track_caller]
pub(crate) fn assert_unreachable(operation: &str, result: Result<(), DiscoveryError>, said: &str) {
    let error = result.expect_err(operation);
    assert!(matches!(error, DiscoveryError::Unreachable { .. }), "{operation}: {error:?}");
    let error = error.to_string();
    assert!(error.starts_with(&format!("cannot {operation} at http://")), "{error:?}");
    assert!(error.contains(said), "{error:?} does not say {said:?}");
}
