//! Bodies that are none, at every path that takes one. Each is answered with 400 and words, and changes nothing.

use crate::ring::{Registry, registration, send};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

pub(crate) const POST_PATHS: [&str; 5] =
    ["/register", "/heartbeat", "/deregister", "/report_metrics", "/api/v1/report"];

/// A registry with a member, to be left as it is.
pub(crate) async fn occupied() -> Registry {
    let registry = Registry::new();
    registry.join("a").await;
    registry
}

/// Asserts that `body` is answered with `status` and an error that says `said`, and that nothing has changed.
pub(crate) async fn refused(registry: &Registry, path: &str, body: &str, status: StatusCode, said: &str) {
    let before = registry.state().await;
    let answer = registry.post_bytes(path, body.to_owned()).await;
    let shown: String = body.chars().take(200).collect();
    assert_eq!(answer.status, status, "{path} {shown}: {}", answer.json());
    answer.assert_error(status, said);
    let error = answer.json()["error"].as_str().unwrap().len();
    assert!(error < 1_000, "{path} {shown}: an error of {error} bytes");
    assert_eq!(registry.state().await, before, "{path} {shown}");
}

/// The same for a bad request that is JSON.
pub(crate) async fn bad(registry: &Registry, path: &str, body: &Value, said: &str) {
    refused(registry, path, &body.to_string(), StatusCode::BAD_REQUEST, said).await;
}

#[tokio::test]
async fn what_is_no_json_is_told_so() {
    let registry = occupied().await;
    let (truncated, with_garbage) = (r#"{"instance_id": "a", "#, format!("{} x", registration("a")));
    let twice = format!("{0}{0}", json!({"instance_id": "a"}));
    let deep = "[".repeat(100_000);
    for path in POST_PATHS {
        for body in ["", " ", "hello", truncated, "{'instance_id': 'a'}", "\u{feff}{}", "{\"instance_id\": \"a"] {
            refused(&registry, path, body, StatusCode::BAD_REQUEST, "the body is no JSON").await;
        }
        for body in ["null", "true", "1", "-1.5e3", "\"a\"", deep.as_str()] {
            refused(&registry, path, body, StatusCode::BAD_REQUEST, "").await;
        }
    }
    for (path, body) in [("/register", &with_garbage), ("/heartbeat", &twice), ("/deregister", &twice)] {
        refused(&registry, path, body, StatusCode::BAD_REQUEST, "the body is no JSON").await;
    }
}

#[tokio::test]
async fn a_list_is_no_object() {
    let registry = occupied().await;
    for path in POST_PATHS {
        for body in [json!([]), json!(["a"]), json!(["a", "eu1", "10.1.2.3", 8757, 45.0]), json!([{}])] {
            bad(&registry, path, &body, "must be a JSON object").await;
            let spaced = format!(" \t\r\n{body}");
            refused(&registry, path, &spaced, StatusCode::BAD_REQUEST, "must be a JSON object").await;
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_told_so() {
    let registry = occupied().await;
    let before = registry.state().await;
    for path in POST_PATHS {
        for bytes in [&b"\xff\xfe"[..], b"{\"instance_id\": \"\xff\"}", b"\0", b"{\"instance_id\": \"\\ud800\"}"] {
            let answer = registry.post_bytes(path, bytes.to_vec()).await;
            answer.assert_error(StatusCode::BAD_REQUEST, "");
        }
    }
    assert_eq!(registry.state().await, before);
}

#[tokio::test]
async fn deep_nesting_is_refused_or_ignored_and_ends_nothing() {
    let registry = occupied().await;
    let deep = "[".repeat(100_000);
    for path in POST_PATHS {
        for body in [format!("{{\"x\": {deep}"), format!("{{\"instance_id\": {deep}"), "{\"metrics\":".repeat(50_000)] {
            refused(&registry, path, &body, StatusCode::BAD_REQUEST, "").await;
        }
    }
}

#[tokio::test]
async fn a_body_over_two_mebibytes_is_too_large() {
    let registry = occupied().await;
    let padded = |length: usize| {
        let mut body = json!({"instance_id": "a"}).to_string();
        body.push_str(&" ".repeat(length - body.len()));
        body
    };
    for path in POST_PATHS {
        refused(&registry, path, &padded(2 * 1024 * 1024 + 1), StatusCode::PAYLOAD_TOO_LARGE, "").await;
    }
    let answer = registry.post_bytes("/heartbeat", padded(2 * 1024 * 1024)).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json());
}

#[tokio::test]
async fn what_is_called_compressed_has_to_be_and_is_bounded_too() {
    let registry = occupied().await;
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, bytes).unwrap();
        encoder.finish().unwrap()
    };
    let good = gzip(json!({"instance_id": "a"}).to_string().as_bytes());
    let bomb = gzip(&vec![b' '; 100 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024, "it passes the bound of what is sent");
    for (body, encoding, status) in [
        (good.clone(), "gzip", StatusCode::OK),
        (bomb, "gzip", StatusCode::PAYLOAD_TOO_LARGE),
        (b"{\"instance_id\": \"a\"}".to_vec(), "gzip", StatusCode::BAD_REQUEST),
        (good[..10].to_vec(), "gzip", StatusCode::BAD_REQUEST),
        (good, "br", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let request = Request::post("/heartbeat").header("content-encoding", encoding).body(body.into()).unwrap();
        let answer = send(&registry.router, request).await;
        assert_eq!(answer.status, status, "{encoding}: {:?}", answer.json());
        assert_eq!(answer.json()["error"].is_string(), status != StatusCode::OK);
    }
}

#[tokio::test]
async fn a_heartbeat_and_a_goodbye_name_somebody() {
    let registry = occupied().await;
    for path in ["/heartbeat", "/deregister"] {
        for body in [json!({}), json!({"id": "a"}), json!({"Instance_id": "a"})] {
            bad(&registry, path, &body, "missing field `instance_id`").await;
        }
        for id in [json!(null), json!(1), json!(["a"]), json!({"a": 1}), json!(true)] {
            bad(&registry, path, &json!({"instance_id": id}), "instance_id: invalid type").await;
        }
        for id in ["", " ", "\t", "a\nb", "\u{0}", "\u{202e}a", &"x".repeat(129), &"é".repeat(65)] {
            bad(&registry, path, &json!({"instance_id": id}), "instance_id must").await;
        }
        let twice = r#"{"instance_id": "a", "instance_id": "b"}"#;
        refused(&registry, path, twice, StatusCode::BAD_REQUEST, "duplicate field `instance_id`").await;
    }
}
