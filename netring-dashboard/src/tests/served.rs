use super::{paths, read};
use crate::{files::PAGE, headers::POLICY, media::media_type, router};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use std::io::Read;
use tower::ServiceExt;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn ask(method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

async fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(Method::GET, path, headers).await
}

/// Where a file is served.
fn address(path: &str) -> String {
    if path == PAGE { "/".to_owned() } else { format!("/assets/{path}") }
}

#[tokio::test]
async fn every_file_is_served_as_what_it_is() {
    for path in paths() {
        let answer = get(&address(&path), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), media_type(&path).expect("a type for each file"), "{path}");
        assert!(answer.body == *read(&path).bytes, "{path}");
        assert_eq!(answer.header(header::CONTENT_ENCODING), "", "{path}: nobody asked for that");
    }
}

#[tokio::test]
async fn a_client_that_takes_gzip_gets_the_same_in_less() {
    for path in paths() {
        let plain = read(&path).bytes;
        let answer = get(&address(&path), &[("accept-encoding", "gzip, deflate, br")]).await;
        assert_eq!((answer.status, answer.header(header::VARY)), (StatusCode::OK, "Accept-Encoding"), "{path}");
        if answer.header(header::CONTENT_ENCODING).is_empty() {
            assert!(answer.body == *plain, "{path}");
        } else {
            let mut unpacked = Vec::new();
            GzDecoder::new(&*answer.body).read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == *plain, "{path}");
            assert!(answer.body.len() < plain.len(), "{path}");
        }
    }
    let page = get("/", &[("accept-encoding", "gzip")]).await;
    assert_eq!(page.header(header::CONTENT_ENCODING), "gzip");
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    for encoding in ["identity", "gzip"] {
        let accept = ("accept-encoding", encoding);
        let first = get("/", &[accept]).await;
        let etag = first.header(header::ETAG);
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        for known in [etag.to_owned(), format!("\"x\", {etag}"), format!("W/{etag}"), "*".to_owned()] {
            let again = get("/", &[accept, ("if-none-match", &known)]).await;
            assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
            for name in [header::ETAG, header::CACHE_CONTROL, header::VARY, header::CONTENT_SECURITY_POLICY] {
                assert_eq!(again.header(&name), first.header(&name), "{known}");
            }
        }
        let other = get("/", &[accept, ("if-none-match", "\"x\"")]).await;
        assert_eq!((other.status, other.body), (StatusCode::OK, first.body));
    }
}

#[tokio::test]
async fn the_two_forms_of_a_file_have_two_tags() {
    let (plain, short) = (get("/", &[]).await, get("/", &[("accept-encoding", "gzip")]).await);
    assert_ne!(plain.header(header::ETAG), short.header(header::ETAG));
    let crossed = get("/", &[("accept-encoding", "gzip"), ("if-none-match", plain.header(header::ETAG))]).await;
    assert_eq!(crossed.status, StatusCode::OK);
}

#[tokio::test]
async fn two_files_have_two_tags() {
    let mut tags: Vec<_> = paths().iter().map(|path| read(path).tag).collect();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), paths().len());
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let (get, head) = (get("/", &[]).await, ask(Method::HEAD, "/", &[]).await);
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header(header::CONTENT_LENGTH), get.body.len().to_string());
    assert_eq!(head.header(header::ETAG), get.header(header::ETAG));
    assert_eq!(head.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
}

#[tokio::test]
async fn what_is_not_there_is_told_in_json() {
    for path in [
        "/assets/nowhere.js",
        "/assets/index.html",
        "/assets/lib",
        "/assets/lib/",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/..%2fCargo.toml",
        "/assets/..%5cCargo.toml",
        "/assets/lib/..%2fmain.js",
        "/assets/.%2fmain.js",
        "/assets/%2fetc%2fpasswd",
        "/assets//etc/passwd",
        "/assets/main.js%00",
    ] {
        let answer = get(path, &[]).await;
        assert_eq!(
            (answer.status, &*answer.body),
            (StatusCode::NOT_FOUND, &b"{\"error\":\"there is nothing at this path\"}"[..]),
            "{path}"
        );
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/json", "{path}");
    }
    assert_eq!(get("/assets/main.js", &[]).await.status, StatusCode::OK, "and what is there is");
}

#[tokio::test]
async fn nothing_can_be_sent_to_the_page() {
    for path in ["/", "/assets/main.js"] {
        let answer = ask(Method::POST, path, &[]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.body, "{\"error\":\"this path does not take this method\"}", "{path}");
    }
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do() {
    for (path, headers) in
        [("/", &[][..]), ("/", &[("if-none-match", "*")]), ("/assets/main.js", &[]), ("/assets/x", &[])]
    {
        let answer = get(path, headers).await;
        assert_eq!(answer.header(header::CONTENT_SECURITY_POLICY), POLICY, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        if answer.status != StatusCode::NOT_FOUND {
            assert_eq!(answer.header(header::CACHE_CONTROL), "no-cache", "{path}");
        }
    }
    assert!(!POLICY.contains("unsafe") && !POLICY.contains("http"), "{POLICY}");
    assert!(POLICY.starts_with("default-src 'none'; script-src 'self';"), "{POLICY}");
}

#[tokio::test]
async fn it_stands_under_a_path_too() {
    let service = axum::Router::new().nest("/ring/", router());
    for (path, status) in
        [("/ring/", StatusCode::OK), ("/ring/assets/main.js", StatusCode::OK), ("/", StatusCode::NOT_FOUND)]
    {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        assert_eq!(service.clone().oneshot(request).await.unwrap().status(), status, "{path}");
    }
}
