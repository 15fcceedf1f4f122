//! Somebody who is told of faults.

use axum::{Router, extract::State, routing::post};
use netring_testbed::eventually;
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::sync::Semaphore;

/// A webhook, and what was posted to it.
pub(crate) struct Receiver {
    address: SocketAddr,
    taken: Taken,
}

/// What was posted, in its order, and who may be answered.
#[derive(Clone)]
struct Taken {
    bodies: Arc<Mutex<Vec<Value>>>,
    answers: Arc<Semaphore>,
}

impl Receiver {
    /// One that answers at once.
    pub(crate) async fn start() -> Self {
        let receiver = Self::holding_back().await;
        receiver.answer();
        receiver
    }

    /// One that takes what it is told, and answers nobody before [`answer`](Self::answer).
    pub(crate) async fn holding_back() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let taken = Taken { bodies: Arc::default(), answers: Arc::new(Semaphore::new(0)) };
        let router = Router::new().route("/hook", post(take)).with_state(taken.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { address, taken }
    }

    /// Answers everybody from now on.
    pub(crate) fn answer(&self) {
        self.taken.answers.add_permits(1_000_000);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What was posted, each as its kind and the id of its fault.
    pub(crate) fn taken(&self) -> Vec<(String, String)> {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let bodies = self.taken.bodies.lock().unwrap();
        bodies.iter().map(|body| (word(&body["event"]["kind"]), word(&body["event"]["fault"]["id"]))).collect()
    }

    /// What was posted, once it is so much.
    pub(crate) async fn told(&self, count: usize) -> Vec<(String, String)> {
        eventually("what is posted", || async { Some(self.taken()).filter(|taken| taken.len() >= count) }).await
    }
}

async fn take(State(taken): State<Taken>, body: String) {
    taken.bodies.lock().unwrap().push(serde_json::from_str(&body).unwrap());
    taken.answers.acquire().await.unwrap().forget();
}
