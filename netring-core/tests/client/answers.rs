//! Registries that answer with nonsense, too much, or nothing.

use crate::server::{Server, assert_unreachable, every_call, json};
use axum::{
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use netring_core::{Discovery, DiscoveryError, RegistryClient, testing::net};
use serde_json::json;
use std::{convert::Infallible, time::Duration};
use tokio::io::AsyncReadExt;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_answer_that_is_not_understood_is_told_so() {
    for body in ["", "hello", "<html>", "{", "[]", "null", r#"{"members": null}"#, r#"{"members": {}}"#, "{} {}"] {
        let server = Server::answering(move |_| body).await;
        for (operation, result) in every_call(&server.client()).await {
            // Of these answers the status says all there is.
            if matches!(operation, "register" | "list the members") {
                assert_unreachable(operation, result, "its answer is not understood: ");
            } else {
                assert!(result.is_ok(), "{body} {operation}: {result:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_registration_that_is_answered_for_somebody_else_is_none() {
    let body = json!({"instance_id": "b", "status": "registered"});
    let server = Server::answering(move |_| json(StatusCode::OK, &body)).await;
    let [(operation, result), ..] = every_call(&server.client()).await;
    assert_unreachable(operation, result, "it answered for another member, b");
}

#[tokio::test]
async fn a_registry_in_trouble_may_be_better_at_the_next_try() {
    for status in [500, 502, 503, 504, 429, 408, 302] {
        let status = StatusCode::from_u16(status).unwrap();
        let server = Server::answering(move |_| json(status, &json!({"error": "so \"it\" is"}))).await;
        for (operation, result) in every_call(&server.client()).await {
            assert_unreachable(operation, result, &format!("{status}: so \"it\" is"));
        }
    }
}

#[tokio::test]
async fn a_registry_that_refuses_will_refuse_again() {
    for status in [400, 401, 403, 405, 413, 422] {
        let status = StatusCode::from_u16(status).unwrap();
        let server = Server::answering(move |_| (status, "no JSON")).await;
        for (operation, result) in every_call(&server.client()).await {
            let error = result.expect_err(operation);
            assert!(matches!(error, DiscoveryError::Rejected { .. }), "{operation}: {error:?}");
            assert_eq!(error.to_string(), format!("{}/ refused to {operation}: {status}", server.url()));
        }
    }
}

#[tokio::test]
async fn what_a_registry_says_is_cut_and_cannot_write_over_a_log() {
    let said = format!("a\u{1b}[2J\nb{}", "x".repeat(10_000));
    let server = Server::answering(move |_| json(StatusCode::BAD_REQUEST, &json!({"error": said}))).await;
    let error = server.client().peers().await.unwrap_err().to_string();
    assert!(error.contains("a [2J b") && error.len() < 400, "{error:?}");
}

#[tokio::test]
async fn what_is_not_understood_is_cut_and_cannot_write_over_a_log() {
    let said = json!({"members": format!("a\u{9b}2J{}", "x".repeat(1_000_000))});
    let server = Server::answering(move |_| json(StatusCode::OK, &said)).await;
    let error = server.client().peers().await.unwrap_err().to_string();
    assert!(
        error.len() < 400 && error.contains("its answer is not understood") && !error.contains('\u{9b}'),
        "{error:?}"
    );
}

fn endless(status: StatusCode) -> Response {
    let zeros = axum::body::Bytes::from_static(&[b' '; 256 * 1024]);
    let chunks = futures_util::stream::repeat_with(move || Ok::<_, Infallible>(zeros.clone()));
    (status, Body::from_stream(chunks)).into_response()
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let server = Server::answering(|_| endless(StatusCode::OK)).await;
    let given_up = tokio::time::timeout(PATIENCE, server.client().peers()).await.expect("it comes back");
    assert_unreachable("list the members", given_up.map(drop), "its answer is longer than");
    let server = Server::answering(|_| endless(StatusCode::BAD_REQUEST)).await;
    let given_up = tokio::time::timeout(PATIENCE, server.client().peers()).await.expect("it comes back");
    assert!(matches!(given_up, Err(DiscoveryError::Rejected { .. })), "{given_up:?}");
}

#[tokio::test]
async fn a_registry_that_hangs_is_given_up_after_the_clients_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut hanging = tokio::task::JoinSet::new();
    hanging.spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            connections.spawn(async move { while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {} });
        }
    });
    let client = RegistryClient::with_client(&url, impatient()).unwrap();
    for (operation, result) in every_call(&client).await {
        assert_unreachable(operation, result, "no answer in time");
    }
}

#[tokio::test]
async fn a_host_that_is_silent_is_given_up_after_the_clients_timeout() {
    let silent = net::silent().unwrap();
    let url = format!("http://{}:{}", silent.target.host, silent.target.port);
    let client = RegistryClient::with_client(&url, impatient()).unwrap();
    assert_unreachable("list the members", client.peers().await.map(drop), "no answer in time");
}

fn impatient() -> reqwest::Client {
    // Another test may have been first: there is one provider for the process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(100)).build().unwrap()
}

#[tokio::test]
async fn a_registry_that_is_away_and_comes_back_is_found_again() {
    let refusing = net::refusing().unwrap();
    let url = format!("http://{}:{}", refusing.target.host, refusing.target.port);
    let client = RegistryClient::new(&url).unwrap();
    for (operation, result) in every_call(&client).await {
        assert_unreachable(operation, result, "refused");
    }
}
