//! A registry with a clock that stands still, and what it answers.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use netring_core::{
    Clock, MemberStore, MemoryStore, RegistryEngine, Timestamp,
    http::{not_found_as_json, registry_router},
    testing::sample::NOW,
};
use serde_json::{Value, json};
use std::{
    io::Read,
    sync::{Arc, Mutex},
    time::Duration,
};
use tower::ServiceExt;

/// A clock that moves when it is told to.
#[derive(Debug, Clone)]
pub(crate) struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = *now + by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A registry that starts at [`NOW`].
pub(crate) struct Registry {
    pub(crate) router: Router,
    pub(crate) engine: RegistryEngine,
    pub(crate) clock: ManualClock,
    pub(crate) store: Arc<dyn MemberStore>,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self::with_store(MemoryStore::new())
    }

    pub(crate) fn with_store(store: impl MemberStore) -> Self {
        let (clock, store) = (ManualClock(Arc::new(Mutex::new(NOW))), Arc::new(store));
        let engine = RegistryEngine::builder(store.clone()).clock(clock.clone()).build();
        Self { router: not_found_as_json(registry_router(engine.clone())), engine, clock, store }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_bytes(path, body.to_string()).await
    }

    pub(crate) async fn post_bytes(&self, path: &str, body: impl Into<Body>) -> Answer {
        ask(&self.router, "POST", path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        ask(&self.router, "GET", path, Body::empty()).await
    }

    /// Registers the member `id`, as 1.x does.
    pub(crate) async fn join(&self, id: &str) {
        let answer = self.post("/register", &registration(id)).await;
        answer.assert(StatusCode::OK, &json!({"instance_id": id, "status": "registered"}));
    }

    /// Everything that a call could have changed.
    pub(crate) async fn state(&self) -> String {
        let (members, reports) = (self.store.members().await.unwrap(), self.store.reports().await.unwrap());
        format!("{members:?} {reports:?}")
    }
}

/// The body by which a 1.x member registers.
pub(crate) fn registration(id: &str) -> Value {
    json!({"instance_id": id, "location": "eu1", "ip": "10.1.2.3", "port": 8757})
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body, which has to be gzip.
    pub(crate) fn gunzipped(&self) -> Vec<u8> {
        let mut body = Vec::new();
        GzDecoder::new(&self.body[..]).read_to_end(&mut body).unwrap();
        body
    }

    /// The body, which has to be JSON and to say so, to the letter that a 1.x client asks for.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header(header::CONTENT_TYPE), "application/json", "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts the status and the whole of the body.
    #[track_caller]
    pub(crate) fn assert(&self, status: StatusCode, body: &Value) {
        let got = self.json();
        assert_eq!((self.status, &got), (status, body));
    }

    /// Asserts an error that says `said`, and nothing else.
    #[track_caller]
    pub(crate) fn assert_error(&self, status: StatusCode, said: &str) {
        let body = self.json();
        let error = body["error"].as_str().unwrap_or_else(|| panic!("no words: {body}"));
        assert_eq!(self.status, status, "{body}");
        assert!(error.contains(said), "{error:?} does not say {said:?}");
        assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    }
}

pub(crate) async fn ask(router: &Router, method: &str, path: &str, body: impl Into<Body>) -> Answer {
    send(router, Request::builder().method(method).uri(path).body(body.into()).unwrap()).await
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().into();
    Answer { status: head.status, headers: head.headers, body }
}
