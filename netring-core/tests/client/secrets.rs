//! A password in a registry's URL is for the registry alone.

use crate::server::{Server, every_call};
use axum::{
    Router,
    http::{HeaderMap, StatusCode},
};
use netring_core::{RegistryClient, testing::net};
use std::error::Error;

const SECRET: &str = "s3cr3t";

/// An error, and all that is beneath it, in every form in which it may come to a log.
fn written(error: &(dyn Error + 'static)) -> String {
    let mut written = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        written.push_str(&format!("{error} {error:?} {error:#?}"));
        cause = error.source();
    }
    written
}

#[tokio::test]
async fn user_and_password_are_sent_to_the_registry() {
    let router = Router::new().fallback(async |headers: HeaderMap| {
        // "user:s3cr3t" in Base64.
        let good = headers.get("Authorization").is_some_and(|value| value == "Basic dXNlcjpzM2NyM3Q=");
        let status = if good { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        (status, r#"{"instance_id": "a", "status": "registered", "members": []}"#)
    });
    let server = Server::start(router).await;
    let client = RegistryClient::new(&format!("http://user:{SECRET}@{}", server.address)).unwrap();
    for (operation, result) in every_call(&client).await {
        assert!(result.is_ok(), "{operation}: {result:?}");
    }
}

#[tokio::test]
async fn no_error_tells_the_password() {
    let refusing = net::refusing().unwrap();
    let refused = Server::answering(|_| StatusCode::UNAUTHORIZED).await;
    let broken = Server::answering(|_| StatusCode::INTERNAL_SERVER_ERROR).await;
    let nonsense = Server::answering(|_| "nonsense").await;
    let ports = [refusing.target.port, refused.address.port(), broken.address.port(), nonsense.address.port()];
    for port in ports {
        let client = RegistryClient::new(&format!("http://user:{SECRET}@127.0.0.1:{port}/ring")).unwrap();
        for (operation, result) in every_call(&client).await {
            let Err(error) = result else { continue };
            let written = written(&error);
            assert!(written.contains(&format!("http://127.0.0.1:{port}/ring/")), "{operation}: {written}");
            assert!(!written.contains(SECRET) && !written.contains("user"), "{operation}: {written}");
        }
    }
}

#[test]
fn no_error_of_a_bad_url_tells_the_password() {
    for url in [
        "ftp://user:s3cr3t@registry.example",
        "http://user:s3cr3t@registry.example:65536",
        "http://user:s3cr3t@registry.example/?a",
        "http://user:s3cr3t@",
        "http://s3cr3t@registry.example/#a",
        "http://user:s3cr3t@x@registry.example:port",
        "user:s3cr3t@registry.example",
        "http:user:s3cr3t@registry.example:port",
    ] {
        let written = written(&RegistryClient::new(url).expect_err(url));
        assert!(!written.contains(SECRET), "{written}");
    }
}

#[test]
fn what_a_client_looks_like_does_not_tell_the_password() {
    let client = RegistryClient::new("http://user:s3cr3t@registry.example").unwrap();
    let written = format!("{client:?} {client:#?}");
    assert!(written.contains("registry.example") && !written.contains(SECRET), "{written}");
}
