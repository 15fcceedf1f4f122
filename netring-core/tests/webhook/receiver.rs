//! A webhook that answers what a test says.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};

/// What came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Came {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn event(&self) -> Option<u64> {
        self.header("netring-event-id").map(|id| id.parse().unwrap())
    }
}

/// A webhook; it ends with this value.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    came: watch::Receiver<Vec<Came>>,
    answers: Arc<Mutex<VecDeque<Response>>>,
    /// Each answer takes one.
    pub(crate) permits: Arc<Semaphore>,
    _task: JoinSet<()>,
}

impl Receiver {
    /// One that takes all.
    pub(crate) async fn start() -> Self {
        Self::start_on("127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn start_on(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap_or_else(|e| panic!("this test needs {address}: {e}"));
        let address = listener.local_addr().unwrap();
        let (sender, came) = watch::channel(Vec::new());
        let answers = Arc::<Mutex<VecDeque<Response>>>::default();
        let permits = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let (queue, permitted) = (Arc::clone(&answers), Arc::clone(&permits));
        let router = Router::new().fallback(async move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let body = serde_json::from_slice(&body).unwrap();
            sender.send_modify(|came| came.push(Came { uri: uri.to_string(), headers, body }));
            permitted.acquire().await.unwrap().forget();
            let answer = queue.lock().unwrap().pop_front();
            answer.unwrap_or_else(|| StatusCode::OK.into_response())
        });
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, came, answers, permits, _task: task }
    }

    /// What is answered next, before all is taken again.
    pub(crate) fn answer(&self, answer: impl IntoResponse) {
        self.answers.lock().unwrap().push_back(answer.into_response());
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.borrow().clone()
    }

    pub(crate) fn events(&self) -> Vec<u64> {
        self.came().iter().filter_map(Came::event).collect()
    }

    /// Waits until `count` have come, and gives them.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Came> {
        self.came.clone().wait_for(|came| came.len() >= count).await.unwrap().clone()
    }
}
