//! Lists that are old, unchanged, or compressed.

use crate::server::{Server, json};
use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use netring_core::{Discovery, DiscoveryError, Peers};
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

fn body(ids: &[&str]) -> Value {
    let entry = |id: &&str| {
        json!({
            "instance_id": id, "location": "us1", "ip": "10.0.0.2", "port": 8757,
            "last_seen": 1_700_000_000, "registered_at": 1_699_999_999, "status": "active",
        })
    };
    json!({"members": ids.iter().map(entry).collect::<Vec<_>>()})
}

fn ids(peers: &Peers) -> Vec<&str> {
    peers.members.iter().map(|member| member.instance_id.as_str()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A registry that answers with what is in the list next, and takes note of the headers.
#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<Vec<Response>>>,
    headers: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Script {
    fn then(self, answer: impl IntoResponse) -> Self {
        self.answers.lock().unwrap().insert(0, answer.into_response());
        self
    }

    async fn start(&self) -> Server {
        let script = self.clone();
        let router = Router::new().fallback(async move |headers: HeaderMap| {
            script.headers.lock().unwrap().push(headers);
            script.answers.lock().unwrap().pop().unwrap()
        });
        Server::start(router).await
    }

    /// The tag that each call was made with.
    fn tags(&self) -> Vec<Option<String>> {
        let tag = |headers: &HeaderMap| Some(headers.get("If-None-Match")?.to_str().unwrap().to_owned());
        self.headers.lock().unwrap().iter().map(tag).collect()
    }
}

#[tokio::test]
async fn a_list_is_as_old_as_its_header_says() {
    let script = Script::default()
        .then(json(StatusCode::OK, &body(&["a"])))
        .then(([("Age", "77")], json(StatusCode::OK, &body(&["a"]))))
        .then(([("Age", "soon")], json(StatusCode::OK, &body(&["a"]))));
    let server = script.start().await;
    let client = server.client();
    for seconds in [0, 78, 0] {
        assert_eq!(client.peers().await.unwrap().age, Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_list_that_has_not_changed_is_the_one_that_was_kept() {
    let script = Script::default()
        .then(([("ETag", "\"one\"")], json(StatusCode::OK, &body(&["a", "b"]))))
        .then((StatusCode::NOT_MODIFIED, [("Age", "5")]))
        .then(([("ETag", "\"two\"")], json(StatusCode::OK, &body(&["c"]))))
        .then(StatusCode::NOT_MODIFIED)
        .then(json(StatusCode::OK, &body(&["d"])))
        .then(json(StatusCode::OK, &body(&[])));
    let server = script.start().await;
    let client = server.client();
    for (wanted, age) in [(&["a", "b"][..], 0), (&["a", "b"], 6), (&["c"], 0), (&["c"], 0), (&["d"], 0), (&[], 0)] {
        let peers = client.peers().await.unwrap();
        assert_eq!((ids(&peers), peers.age.as_secs()), (wanted.to_vec(), age));
    }
    let [one, two] = ["\"one\"", "\"two\""].map(|tag| Some(tag.to_owned()));
    assert_eq!(script.tags(), [None, one.clone(), one, two.clone(), two, None]);
}

#[tokio::test]
async fn what_is_no_list_changes_nothing_of_what_was_kept() {
    let script = Script::default()
        .then(([("ETag", "\"one\"")], json(StatusCode::OK, &body(&["a"]))))
        .then(([("ETag", "\"two\"")], "nonsense"))
        .then(StatusCode::SERVICE_UNAVAILABLE)
        .then(StatusCode::NOT_MODIFIED);
    let server = script.start().await;
    let client = server.client();
    client.peers().await.unwrap();
    for _ in 0..2 {
        client.peers().await.unwrap_err();
    }
    assert_eq!(ids(&client.peers().await.unwrap()), ["a"]);
    assert_eq!(script.tags()[1..].iter().flatten().collect::<Vec<_>>(), ["\"one\""; 3]);
}

#[tokio::test]
async fn nothing_has_changed_is_no_answer_to_who_has_no_list() {
    let server = Script::default().then(StatusCode::NOT_MODIFIED).start().await;
    let error = server.client().peers().await.unwrap_err();
    assert!(matches!(error, DiscoveryError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().ends_with("it says that nothing has changed, to who knows nothing"), "{error}");
}

#[tokio::test]
async fn a_compressed_list_is_uncompressed() {
    let text = body(&["a", "b"]).to_string();
    let script = Script::default().then(([("Content-Encoding", "gzip")], gzip(text.as_bytes())));
    let server = script.start().await;
    assert_eq!(ids(&server.client().peers().await.unwrap()), ["a", "b"]);
    assert_eq!(script.headers.lock().unwrap()[0]["Accept-Encoding"], "gzip");
}

#[tokio::test]
async fn a_list_that_cannot_be_uncompressed_or_becomes_too_large_is_an_error() {
    let whole = gzip(body(&["a"]).to_string().as_bytes());
    // 33 MiB of blanks are 33 KiB.
    let bomb = gzip(&vec![b' '; 33 * 1024 * 1024]);
    for (content, said) in [
        (b"no gzip".to_vec(), "its answer cannot be uncompressed: "),
        (whole[..whole.len() / 2].to_vec(), "its answer cannot be uncompressed: "),
        (bomb, "its answer is longer than 33554432 bytes"),
    ] {
        let server = Script::default().then(([("Content-Encoding", "gzip")], content)).start().await;
        let error = server.client().peers().await.unwrap_err();
        assert!(matches!(error, DiscoveryError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[tokio::test]
async fn a_list_of_more_members_than_a_ring_may_have_is_an_error_and_no_burden() {
    let zeros = |count: usize| format!("{{\"members\":[0{}]}}", ",0".repeat(count - 1));
    for (count, wanted) in [(100_000, Ok(0)), (100_001, Err("it has more than 100000 members"))] {
        let script = Script::default().then(([("Content-Encoding", "gzip")], gzip(zeros(count).as_bytes())));
        let listed = script.start().await.client().peers().await.map(|peers| peers.members.len());
        match wanted {
            Ok(wanted) => assert_eq!(listed.unwrap(), wanted),
            Err(said) => assert!(listed.unwrap_err().to_string().contains(said), "{count}"),
        }
    }
}

#[tokio::test]
async fn an_entry_that_is_too_long_is_left_out() {
    let mut long = body(&["long", "b"]);
    long["members"][0]["more"] = json!(vec![0; 10_000]);
    let server = Script::default().then(json(StatusCode::OK, &long)).start().await;
    assert_eq!(ids(&server.client().peers().await.unwrap()), ["b"]);
}

/// The runtime has one thread, which goes on while another one reads.
#[tokio::test]
async fn a_large_list_holds_nobody_up() {
    let entry = format!("{{\"x\":\"{}\"}}", "x".repeat(1_000));
    let large = gzip(format!("{{\"members\":[{}]}}", vec![entry; 30_000].join(",")).as_bytes());
    let server = Script::default().then(([("Content-Encoding", "gzip")], large)).start().await;
    let client = server.client();
    let mut longest = Duration::ZERO;
    let ticking = async {
        loop {
            let begun = std::time::Instant::now();
            tokio::task::yield_now().await;
            longest = longest.max(begun.elapsed());
        }
    };
    tokio::select! {
        biased;
        listed = client.peers() => assert!(listed.unwrap().members.is_empty()),
        () = ticking => {}
    }
    assert!(longest < Duration::from_millis(100), "{longest:?}");
}
