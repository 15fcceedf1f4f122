//! `GET /api/v1/stream`, over connections that are real where it matters.

use crate::{
    events::{BAD, fault, record, whose},
    ring::Registry,
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt;
use netring_core::{
    CancellationToken, RegistryEngine,
    analysis::{Occurrence, PairRef, State, Subject},
    registry::{PairChange, View},
    testing::{
        publish_view,
        sample::{NOW, id},
    },
};
use serde_json::{Value, json};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tower::ServiceExt;

/// Far more than any of this takes: a test that waits for what does not come fails.
const ENOUGH: Duration = Duration::from_secs(60);

/// A client with a connection of its own.
fn client() -> reqwest::Client {
    // Without TLS here; it fails where another test was first.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::new()
}

/// A registry that listens.
struct Served {
    registry: Registry,
    url: String,
    shutdown: CancellationToken,
    server: JoinHandle<()>,
}

impl Served {
    async fn start() -> Self {
        let registry = Registry::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/v1/stream", listener.local_addr().unwrap());
        let (router, shutdown) = (registry.router.clone(), CancellationToken::new());
        let server = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
        Self { registry, url, shutdown, server: tokio::spawn(async { server.await.unwrap() }) }
    }

    async fn open(&self, query: &str, last_event_id: Option<&str>) -> Client {
        let mut request = client().get(format!("{}{query}", self.url));
        if let Some(last) = last_event_id {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Client { response, text: String::new(), messages: VecDeque::new(), last_event_id: String::new() }
    }

    /// Records that these have joined, and makes a round that tells of it.
    async fn joined(&self, members: &[&str]) -> u64 {
        let events = members.iter().map(|member| (NOW, Occurrence::Joined(whose(member, "eu1")))).collect();
        let last = record(self.registry.engine.journal(), events).await;
        round(&self.registry.engine, last, &[]).await;
        last
    }
}

/// Makes a round in which these pairs have changed.
async fn round(engine: &RegistryEngine, last_event: u64, changed: &[(&str, &str)]) {
    let change = |(source, target): &(&str, &str)| PairChange {
        pair: PairRef { source: id(source), target: id(target) },
        before: State::Up,
        state: State::Down,
    };
    let snapshot = Arc::new(engine.members().await.unwrap());
    let changes: Arc<[_]> = changed.iter().map(change).collect();
    let changes_total = changes.len();
    publish_view(engine, View { at: NOW, last_event, changes, changes_total, ..View::new(snapshot) });
}

/// Reads a stream as a browser does.
struct Client {
    response: reqwest::Response,
    text: String,
    messages: VecDeque<(String, Value, Option<String>)>,
    /// With which the browser would come back.
    last_event_id: String,
}

impl Client {
    /// The next message: what it is, and its data. `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((kind, data, id)) = self.messages.pop_front() {
                self.last_event_id = id.unwrap_or_else(|| std::mem::take(&mut self.last_event_id));
                return Some((kind, data));
            }
            let chunk = timeout(ENOUGH, self.response.chunk()).await.expect("something comes").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                if let Some(data) = field("data") {
                    let data: Value = serde_json::from_str(data).unwrap();
                    let id = field("id").map(str::to_owned);
                    self.messages.push_back((field("event").unwrap().to_owned(), data, id));
                }
            }
        }
    }

    /// The next message as `kind id` for an event, and as its kind for others.
    async fn name(&mut self) -> String {
        let (kind, data) = self.next().await.expect("the stream goes on");
        match data["id"].as_u64() {
            Some(id) => format!("{kind} {id}"),
            None => kind,
        }
    }

    async fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        for _ in 0..count {
            names.push(self.name().await);
        }
        names
    }
}

#[tokio::test]
async fn what_happens_is_told_in_its_order() {
    let served = Served::start().await;
    served.joined(&["before"]).await;
    let mut client = served.open("", None).await;
    for (name, wanted) in
        [("content-type", "text/event-stream"), ("cache-control", "no-cache"), ("x-accel-buffering", "no")]
    {
        assert_eq!(client.response.headers()[name], wanted);
    }
    served.joined(&["a", "b"]).await;
    let engine = &served.registry.engine;
    round(engine, 3, &[("a", "b")]).await;
    assert_eq!(
        client.next().await.unwrap(),
        (
            "joined".to_owned(),
            json!({"id": 2, "at": NOW.as_unix_seconds() as f64, "kind": "joined", "instance_id": "a", "location": "eu1"}),
        )
    );
    assert_eq!(client.name().await, "joined 3");
    assert_eq!(client.last_event_id, "3");
    assert_eq!(
        client.next().await.unwrap(),
        (
            "matrix".to_owned(),
            json!({
                "at": NOW.as_unix_seconds() as f64,
                "changes": [{"source": "a", "target": "b", "before": "up", "state": "down"}],
                "changes_total": 1,
            }),
        )
    );
    assert_eq!(client.last_event_id, "3", "a change of the matrix has none");
    let last = record(engine.journal(), vec![(NOW, Occurrence::Left(whose("a", "eu1")))]).await;
    round(engine, last, &[("b", "a")]).await;
    assert_eq!(client.names(2).await, ["left 4", "matrix"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_misses_nothing_and_gets_nothing_twice() {
    let served = Served::start().await;
    let mut client = served.open("", None).await;
    let mut told = Vec::new();
    let engine = served.registry.engine.clone();
    let writing = tokio::spawn(async move {
        for i in 0..300 {
            let events = (0..i % 4).map(|_| (NOW, Occurrence::Joined(whose("a", "eu1")))).collect();
            let last = record(engine.journal(), events).await;
            round(&engine, last, &[]).await;
            tokio::task::yield_now().await;
        }
    });
    // It loses the connection again and again, at any place.
    while told.len() < 450 {
        for _ in 0..=told.len() % 7 {
            let Some((_, data)) = (if told.len() < 450 { client.next().await } else { break }) else { break };
            told.push(data["id"].as_u64().unwrap());
        }
        // What it has not looked at yet has come for nothing.
        let last = told.last().map(u64::to_string);
        client = served.open("", last.or(Some("0".to_owned())).as_deref()).await;
    }
    writing.await.unwrap();
    assert_eq!(told, (1..=450).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_stream_begins_with_the_id_to_come_back_with() {
    let served = Served::start().await;
    served.joined(&["a", "b"]).await;
    let mut client = served.open("", None).await;
    // It was lost before anything happened.
    served.joined(&["c"]).await;
    assert_eq!(client.name().await, "joined 3");
    let mut text = String::new();
    let mut fresh = served.open("", None).await;
    while !text.contains("\n\n") {
        text.push_str(std::str::from_utf8(&fresh.response.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert_eq!(text, "retry: 2000\nid: 3\n\n");
}

#[tokio::test]
async fn thousands_of_missed_events_come_in_pages() {
    let served = Served::start().await;
    let members: Vec<_> = (0..2_345).map(|_| "a").collect();
    served.joined(&members).await;
    let mut client = served.open("?last_event_id=7", None).await;
    for wanted in 8..=2_345 {
        assert_eq!(client.name().await, format!("joined {wanted}"));
    }
}

#[tokio::test]
async fn who_has_missed_what_is_gone_is_told_to_load_all_anew() {
    let served = Served::start().await;
    let many: Vec<_> = (0..10_010).map(|_| "a").collect();
    let last = served.joined(&many).await;
    for (query, header) in [
        ("?last_event_id=3", None),
        ("?last_event_id=99999999", None),
        ("", Some("3")),
        ("", Some("no id of ours")),
        ("", Some("-1")),
        // A browser adds where it was to what it was opened with.
        ("?last_event_id=10000", Some("0")),
    ] {
        let mut client = served.open(query, header).await;
        let reset = client.next().await.unwrap();
        assert_eq!(reset, ("reset".to_owned(), json!({"last_id": last})), "{query} {header:?}");
        assert_eq!(client.last_event_id, last.to_string());
    }
    // From there on it goes on.
    let mut client = served.open("?last_event_id=3", None).await;
    assert_eq!(client.name().await, "reset");
    served.joined(&["b"]).await;
    assert_eq!(client.name().await, format!("joined {}", last + 1));
    // An empty header is none.
    let mut client = served.open(&format!("?last_event_id={last}"), Some("")).await;
    assert_eq!(client.name().await, format!("joined {}", last + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_dropped_while_others_go_on() {
    let served = Served::start().await;
    let engine = &served.registry.engine;
    let long = |name: &str| name.repeat(100);
    let (source, target) = (long("a"), long("b"));
    let pairs = vec![(&*source, &*target); 1_000];
    let mut slow = served.open("", None).await;
    let mut good = served.open("", None).await;
    // Some 250 kB each: more than the buffers of any connection hold.
    let rounds = 200;
    for _ in 0..rounds {
        round(engine, 0, &pairs).await;
        assert_eq!(good.name().await, "matrix", "nobody waits for another");
    }
    let mut got = 0;
    while slow.next().await.is_some() {
        got += 1;
    }
    assert!(got < rounds, "{got}");
    served.joined(&["a"]).await;
    assert_eq!(good.name().await, "joined 1");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_gives_its_place_to_another() {
    let registry = Registry::new();
    let open = async || {
        let request = Request::get("/api/v1/stream").body(Body::empty()).unwrap();
        registry.router.clone().oneshot(request).await.unwrap()
    };
    let mut bodies = Vec::new();
    for _ in 0..256 {
        let answer = open().await;
        assert_eq!(answer.status(), StatusCode::OK);
        bodies.push(answer.into_body());
    }
    let refused = registry.get("/api/v1/stream").await;
    refused.assert_error(StatusCode::SERVICE_UNAVAILABLE, "too many readers");
    assert_eq!(refused.header(header::RETRY_AFTER), "1");
    // Heartbeats alone fill the queue of who does not read; one reads.
    let mut reader = bodies.pop().unwrap();
    let reading = async {
        for _ in 0..20 {
            assert!(reader.frame().await.is_some());
        }
    };
    reading.await;
    assert_eq!(open().await.status(), StatusCode::OK);
    let mut left = 0;
    while bodies[0].frame().await.is_some() {
        left += 1;
    }
    assert!(left <= 8, "{left}");
    assert!(reader.frame().await.is_some(), "and who reads goes on");
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_lives_on_by_its_heartbeat() {
    let registry = Registry::new();
    let request = Request::get("/api/v1/stream").body(Body::empty()).unwrap();
    let mut body = registry.router.clone().oneshot(request).await.unwrap().into_body();
    let mut frame = async || body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(frame().await, "retry: 2000\nid: 0\n\n");
    let begun = tokio::time::Instant::now();
    for beat in 1..=10 {
        assert_eq!(frame().await, ":\n\n");
        assert_eq!(begun.elapsed().as_secs(), beat * 15, "whatever other answers may take");
    }
    let last = record(registry.engine.journal(), vec![(NOW, Occurrence::Left(whose("a", "eu1")))]).await;
    round(&registry.engine, last, &[]).await;
    assert!(frame().await.starts_with(b"id: 1\nevent: left\ndata: {"));
}

#[tokio::test]
async fn a_filter_leaves_out_the_rest() {
    let served = Served::start().await;
    served.registry.join("a").await;
    let engine = &served.registry.engine;
    let mut here = served.open("?location=eu1", None).await;
    let mut left = served.open("?kind=left", None).await;
    let mut some = served.open("?kind=matrix,left&location=eu1", None).await;
    let happened = vec![
        (NOW, Occurrence::Joined(whose("u", "us1"))),
        (NOW, fault(Subject::Pair { source: id("a"), target: id("u"), both_ways: true })),
        (NOW, fault(Subject::Pair { source: id("v"), target: id("u"), both_ways: true })),
        (NOW, Occurrence::Left(whose("u", "us1"))),
        (NOW, Occurrence::Left(whose("a", "eu1"))),
    ];
    let last = record(engine.journal(), happened).await;
    round(engine, last, &[("u", "v")]).await;
    round(engine, last, &[("u", "v"), ("u", "a")]).await;
    assert_eq!(here.names(2).await, ["fault_opened 2", "left 5"]);
    let (kind, data) = here.next().await.unwrap();
    assert_eq!((&*kind, &data["changes_total"], &data["changes"][0]["target"]), ("matrix", &json!(1), &json!("a")));
    assert_eq!(left.names(2).await, ["left 4", "left 5"]);
    assert_eq!(some.names(2).await, ["left 5", "matrix"]);
    served.joined(&["z"]).await;
    let last = record(engine.journal(), vec![(NOW, Occurrence::Left(whose("a", "eu1")))]).await;
    round(engine, last, &[]).await;
    assert_eq!(here.names(2).await, ["joined 6", "left 7"]);
    assert_eq!((left.name().await, some.name().await), ("left 7".to_owned(), "left 7".to_owned()));
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let registry = Registry::new();
    for (query, said) in BAD.into_iter().chain([("last_event_id=x", "last_event_id"), ("limit=1", "limit")]) {
        registry.get(&format!("/api/v1/stream?{query}")).await.assert_error(StatusCode::BAD_REQUEST, said);
    }
}

#[tokio::test]
async fn a_shutdown_ends_all_streams() {
    let served = Served::start().await;
    let engine = served.registry.engine.clone();
    let running = tokio::spawn({
        let (engine, shutdown) = (engine.clone(), served.shutdown.clone());
        async move { engine.run(shutdown).await }
    });
    let mut clients = [served.open("", None).await, served.open("", None).await];
    served.joined(&["a"]).await;
    for client in &mut clients {
        assert_eq!(client.name().await, "joined 1");
    }
    served.shutdown.cancel();
    for client in &mut clients {
        assert_eq!(client.next().await, None);
    }
    timeout(ENOUGH, running).await.unwrap().unwrap();
    timeout(ENOUGH, served.server).await.expect("the server is held up").unwrap();
    served.registry.get("/api/v1/stream").await.assert_error(StatusCode::SERVICE_UNAVAILABLE, "shutting down");
}

#[tokio::test]
async fn a_connection_that_is_lost_leaves_its_place() {
    let served = Served::start().await;
    let mut clients = Vec::new();
    for _ in 0..256 {
        clients.push(served.open("", None).await);
    }
    assert_eq!(client().get(&served.url).send().await.unwrap().status(), 503);
    drop(clients);
    let a_place = async {
        while client().get(&served.url).send().await.unwrap().status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    timeout(ENOUGH, a_place).await.expect("there is a place");
}

/// Asks for a stream as somebody at this address.
async fn open_from(registry: &Registry, ip: &str) -> axum::response::Response {
    let peer = axum::extract::ConnectInfo(std::net::SocketAddr::new(ip.parse().unwrap(), 1));
    let request = Request::get("/api/v1/stream").extension(peer).body(Body::empty()).unwrap();
    registry.router.clone().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn one_address_does_not_keep_all_others_away() {
    for (one, same, other) in
        [("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2:3:4:5", "2001:db8:0:1::1")]
    {
        let registry = Registry::new();
        let mut held = Vec::new();
        for _ in 0..16 {
            held.push(open_from(&registry, one).await);
        }
        assert!(held.iter().all(|answer| answer.status() == StatusCode::OK));
        let refused = open_from(&registry, same).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
        assert_eq!(open_from(&registry, other).await.status(), StatusCode::OK);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_after_an_hour_and_who_comes_back_goes_on() {
    let registry = Registry::new();
    let begun = tokio::time::Instant::now();
    let mut body = open_from(&registry, "192.0.2.1").await.into_body();
    while body.frame().await.is_some() {}
    assert!((3_240..=3_961).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    let last = record(registry.engine.journal(), vec![(NOW, Occurrence::Left(whose("a", "eu1")))]).await;
    let request = Request::get("/api/v1/stream").header("Last-Event-ID", "0").body(Body::empty()).unwrap();
    let mut body = registry.router.clone().oneshot(request).await.unwrap().into_body();
    let mut text = String::new();
    while !text.contains(&format!("id: {last}\nevent: left")) {
        text.push_str(std::str::from_utf8(&body.frame().await.unwrap().unwrap().into_data().unwrap()).unwrap());
    }
}
