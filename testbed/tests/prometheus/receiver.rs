//! Whom Alertmanager tells.

use axum::{Router, extract::State, routing::post};
use netring_testbed::{eventually, lab::Sites};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// A webhook on the host of the registry, at the address of the example.
pub(crate) struct Receiver {
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    pub(crate) async fn start(ring: &Sites) -> Self {
        let bodies = Arc::<Mutex<Vec<Value>>>::default();
        let router = Router::new().route("/netring", post(take)).with_state(Arc::clone(&bodies));
        let serve = async move || {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:9099").await.unwrap();
            tokio::spawn(async { axum::serve(listener, router).await });
        };
        ring.registry.0.run(serve).await;
        Self { bodies }
    }

    /// Each alert that came, in its order.
    pub(crate) fn taken(&self) -> Vec<Value> {
        let bodies = self.bodies.lock().unwrap();
        bodies.iter().flat_map(|body| body["alerts"].as_array().unwrap().clone()).collect()
    }

    /// The first alert `name` that came and has `status`, once it is there.
    pub(crate) async fn told(&self, name: &str, status: &str) -> Value {
        let is = |alert: &Value| alert["labels"]["alertname"] == name && alert["status"] == status;
        eventually(&format!("{name}, {status}"), || async { self.taken().into_iter().find(is) }).await
    }
}

async fn take(State(bodies): State<Arc<Mutex<Vec<Value>>>>, body: String) {
    bodies.lock().unwrap().push(serde_json::from_str(&body).unwrap());
}
