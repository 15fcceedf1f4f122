use super::*;
use crate::{http::registry_router, store::MemoryStore};
use axum::{body::Body, http::Request};
use std::{sync::mpsc, thread};
use tower::ServiceExt;

#[tokio::test]
async fn nobody_else_waits_while_a_history_waits_for_a_round() {
    let registry = RegistryEngine::builder(Arc::new(MemoryStore::new())).build();
    let ((held, is_held), (release, released)) = (mpsc::channel(), mpsc::channel::<()>());
    let round = thread::spawn({
        let registry = registry.clone();
        move || {
            let _observatory = registry.inner.observatory.write().unwrap();
            held.send(()).unwrap();
            // Where the only worker waits for this, nobody is left to release it.
            released.recv_timeout(Duration::from_secs(5)).is_ok()
        }
    });
    is_held.recv().unwrap();
    let router = registry_router(registry);
    let get = |path: &str| router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap());
    let others = async {
        assert_eq!(get("/members").await.unwrap().status(), 200);
        assert!(release.send(()).is_ok(), "others had to wait");
    };
    let (history, ()) = tokio::join!(get("/api/v1/history?source=a&target=b"), others);
    assert_eq!(history.unwrap().status(), 404);
    assert!(round.join().unwrap());
}
