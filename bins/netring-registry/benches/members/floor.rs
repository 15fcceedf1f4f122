//! A handler that answers as the registry does, without doing anything: the bytes of one of its answers.

use crate::{client::Connection, kind::Kind, ring};
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    routing::{get, post},
};
use netring_core::wire::path;

/// Has the answer of the registry on `port`.
pub(crate) async fn router(port: u16, kind: Kind) -> Router {
    let mut connection = Connection::open(port).await;
    let mut tag = String::new();
    let (answer, body) = loop {
        let (answer, body) = connection.ask_for_all(&kind.request(&tag)).await;
        tag = kind.check(&answer, &tag);
        // Whoever has no tag yet is sent everything.
        if kind != Kind::Unchanged || answer.status == 304 {
            break (answer, body);
        }
    };
    let (status, body) = (StatusCode::from_u16(answer.status).expect("a status"), Bytes::from(body));
    let mut headers = HeaderMap::new();
    for line in answer.head.lines().skip(1) {
        let Some((name, value)) = line.split_once(": ") else { continue };
        let name: HeaderName = name.parse().expect("the name of a header");
        // These the server writes by itself.
        if ![header::CONTENT_LENGTH, header::DATE].contains(&name) {
            headers.insert(name, HeaderValue::from_str(value).expect("its value"));
        }
    }
    let members = move || {
        // A body of another type would bring a header of its own.
        let answer = (status, headers.clone(), Body::from(body.clone()));
        async move { answer }
    };
    let heartbeat = |_: Bytes| async { ([(header::CONTENT_TYPE, "application/json")], ring::HEARTBEAT_ANSWER) };
    Router::new().route(path::MEMBERS, get(members)).route(path::HEARTBEAT, post(heartbeat))
}
