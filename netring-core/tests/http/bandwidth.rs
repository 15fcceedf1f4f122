//! `/bandwidth_test`: bytes to measure throughput with, both ways.

use crate::{
    member::idle,
    ring::{Answer, ask},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
    response::Response,
};
use futures_util::StreamExt;
use http_body_util::BodyExt;
use netring_core::http::member_router;
use serde_json::json;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use tower::ServiceExt;

/// A chunked body that never ends.
fn endless() -> Body {
    Body::from_stream(futures_util::stream::repeat_with(|| {
        Ok::<_, std::io::Error>(Bytes::from_static(&[b'.'; 1 << 16]))
    }))
}

const MIB: usize = 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

fn router() -> Router {
    member_router(idle()).build()
}

async fn get(router: &Router, query: &str) -> Answer {
    ask(router, "GET", &format!("/bandwidth_test{query}"), Body::empty()).await
}

/// Asks, and does not read.
async fn begin(router: &Router, query: &str) -> Response {
    let request = Request::get(format!("/bandwidth_test{query}")).body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn as_many_mebibytes_come_as_are_asked_for_and_allowed() {
    let router = router();
    for (query, mib) in [
        ("", 1),
        ("?other=3", 1),
        ("?size=0", 0),
        ("?size=3", 3),
        ("?size=3&other=1", 3),
        ("?size=64", 64),
        ("?size=65", 64),
        ("?size=99999999999999999999999", 64),
    ] {
        let answer = get(&router, query).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, mib * MIB), "{query}");
        assert_eq!(answer.header(header::CONTENT_LENGTH), (mib * MIB).to_string(), "{query}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/octet-stream", "{query}");
    }
}

#[tokio::test]
async fn a_size_that_is_no_number_is_a_bad_request() {
    for query in ["?size=", "?size=abc", "?size=-1", "?size=1.5", "?size=1e1", "?size=+1", "?size=0x1", "?size=%00"] {
        let router = router();
        for _ in 0..3 {
            // More often than there are places: none is taken by a request that is refused.
            get(&router, query).await.assert_error(StatusCode::BAD_REQUEST, "size");
        }
        assert_eq!(get(&router, "?size=0").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_a_host_allows_is_the_bound() {
    let router = member_router(idle()).max_bandwidth_tests(1).max_bandwidth_test_mib(2).build();
    assert_eq!(get(&router, "?size=3").await.body.len(), 2 * MIB);
    let _reading = begin(&router, "").await;
    assert_eq!(get(&router, "").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_third_test_at_once_is_told_to_come_again() {
    let router = router();
    let reading = [begin(&router, "").await, begin(&router, "").await];
    let answer = get(&router, "").await;
    answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "as many bandwidth tests");
    assert_eq!(answer.header(header::RETRY_AFTER), "1");
    assert_eq!(ask(&router, "GET", "/health", Body::empty()).await.status, StatusCode::OK, "the rest goes on");
    drop(reading);
    until_free(&router).await;
}

#[tokio::test]
async fn one_address_gets_one_place_where_it_is_known() {
    let router = router();
    let from = |method: &str, peer: &str| {
        let peer = ConnectInfo(peer.parse::<SocketAddr>().unwrap());
        let request = Request::builder().method(method).uri("/bandwidth_test").extension(peer).body(Body::empty());
        router.clone().oneshot(request.unwrap())
    };
    let reading = from("GET", "192.0.2.1:1000").await.unwrap();
    assert_eq!(reading.status(), StatusCode::OK);
    for method in ["GET", "POST"] {
        let again = from(method, "192.0.2.1:1001").await.unwrap();
        assert_eq!(again.status(), StatusCode::SERVICE_UNAVAILABLE, "{method}");
        assert_eq!(again.headers()[header::RETRY_AFTER], "1");
        assert_eq!(from(method, "192.0.2.2:1001").await.unwrap().status(), StatusCode::OK, "the other place: {method}");
    }
    drop(reading);
    assert_eq!(from("POST", "192.0.2.1:1002").await.unwrap().status(), StatusCode::OK, "it has come back");
}

#[tokio::test]
async fn a_test_that_is_read_to_its_end_frees_its_place() {
    let router = member_router(idle()).max_bandwidth_tests(1).build();
    for _ in 0..5 {
        until_free(&router).await;
    }
}

/// Waits until a test is let in again.
async fn until_free(router: &Router) {
    let free = async {
        while get(router, "").await.status != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, free).await.expect("the place is freed");
}

#[tokio::test]
async fn the_bytes_do_not_compress() {
    let body = get(&router(), "").await.body;
    let mut seen = [0_u32; 256];
    body.iter().for_each(|&byte| seen[usize::from(byte)] += 1);
    let mean = u32::try_from(body.len() / 256).unwrap();
    assert!(seen.iter().all(|n| (mean / 2..mean * 2).contains(n)), "each byte comes about as often: {seen:?}");
}

#[tokio::test]
async fn a_reader_that_goes_away_frees_its_place() {
    let router = member_router(idle()).max_bandwidth_tests(1).max_bandwidth_test_mib(1 << 20).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = tokio::task::JoinSet::new();
    let served = router.clone();
    server.spawn(async move { axum::serve(listener, served).await.unwrap() });

    // More than any buffer takes, so that the server is in the middle of it until the reader goes.
    let mut reader = TcpStream::connect(address).await.unwrap();
    reader.write_all(b"GET /bandwidth_test?size=1048576 HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut head = [0; 15];
    reader.read_exact(&mut head).await.unwrap();
    assert_eq!(head, *b"HTTP/1.1 200 OK");
    assert_eq!(get(&router, "").await.status, StatusCode::SERVICE_UNAVAILABLE, "its place is taken");
    drop(reader);
    until_free(&router).await;
}

#[tokio::test]
async fn an_upload_is_taken_and_counted() {
    let router = router();
    for bytes in [0, 1, 3 * MIB + 1, 64 * MIB] {
        let answer = ask(&router, "POST", "/bandwidth_test", Body::from(vec![b'.'; bytes])).await;
        assert_eq!((answer.status, &answer.json()["bytes"]), (StatusCode::OK, &json!(bytes)));
        assert!(answer.json()["duration_seconds"].as_f64() >= Some(0.0), "{:?}", answer.json());
    }
}

#[tokio::test]
async fn an_upload_that_is_too_large_is_told_so_before_its_end() {
    let router = member_router(idle()).max_bandwidth_test_mib(2).build();
    let answer = ask(&router, "POST", "/bandwidth_test", endless()).await;
    answer.assert_error(StatusCode::PAYLOAD_TOO_LARGE, "at most 2097152 bytes");

    // By its length alone: a body is never asked for.
    let unread = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let request = Request::post("/bandwidth_test").header(header::CONTENT_LENGTH, 2 * MIB + 1).body(unread).unwrap();
    assert_eq!(router.clone().oneshot(request).await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    let answer = ask(&router, "POST", "/bandwidth_test", Body::from(vec![0; 2 * MIB])).await;
    assert_eq!(answer.status, StatusCode::OK, "exactly so much is taken");
}

#[tokio::test]
async fn uploads_and_downloads_share_the_places() {
    let router = member_router(idle()).max_bandwidth_tests(1).build();
    let reading = begin(&router, "").await;
    let answer = ask(&router, "POST", "/bandwidth_test", Body::empty()).await;
    answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "as many bandwidth tests");
    assert_eq!(answer.header(header::RETRY_AFTER), "1");
    drop(reading);

    let unending = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let mut sending = Box::pin(ask(&router, "POST", "/bandwidth_test", unending));
    assert!(futures_util::poll!(&mut sending).is_pending());
    assert_eq!(get(&router, "").await.status, StatusCode::SERVICE_UNAVAILABLE);
    drop(sending);
    assert_eq!(get(&router, "").await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_sender_of_nothing_is_let_go_and_a_slow_one_is_not() {
    let router = member_router(idle()).max_bandwidth_tests(1).build();
    let silent = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let begun = Instant::now();
    let answer = ask(&router, "POST", "/bandwidth_test", silent).await;
    answer.assert_error(StatusCode::REQUEST_TIMEOUT, "bytes were moved");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());

    // 1 MiB in some 50 s: longer than any other answer may take.
    let slow = futures_util::stream::iter(0..16).then(|_| async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok::<_, std::io::Error>(Bytes::from_static(&[b'.'; 1 << 16]))
    });
    let answer = ask(&router, "POST", "/bandwidth_test", Body::from_stream(slow)).await;
    assert_eq!((answer.status, &answer.json()["bytes"]), (StatusCode::OK, &json!(MIB)));
}

#[tokio::test(start_paused = true)]
async fn a_reader_of_nothing_loses_its_place() {
    let router = member_router(idle()).max_bandwidth_tests(1).build();
    let unread = begin(&router, "").await;
    assert_eq!(get(&router, "").await.status, StatusCode::SERVICE_UNAVAILABLE);
    tokio::time::sleep(Duration::from_secs(16)).await;
    assert_eq!(get(&router, "").await.status, StatusCode::OK);
    assert!(unread.into_body().collect().await.is_err(), "what is left of it does not come");
}
