mod answers;
mod schema;

use super::{document, routes};
use crate::{
    RegistryEngine,
    http::{metrics_router, registry_router},
    store::MemoryStore,
};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tower::ServiceExt;
use utoipa::openapi::{HttpMethod, OpenApi};

/// The paths of a registry, by the names of their constants.
fn paths_of_a_registry() -> BTreeMap<&'static str, &'static str> {
    let source = include_str!("../../wire/mod.rs");
    let mut paths = BTreeMap::new();
    for (docs, line) in source.lines().zip(source.lines().skip(1)) {
        let Some(constant) = line.trim().strip_prefix("pub const ").filter(|line| line.contains(": &str = \"/")) else {
            continue;
        };
        if docs.trim().starts_with("/// Registry") {
            let (name, path) = constant.split_once(": &str = \"").unwrap();
            // What a query asks of a path is no path of its own.
            if !path.contains('?') {
                paths.insert(name, path.trim_end_matches("\";"));
            }
        }
    }
    assert!(paths.len() >= 19, "{paths:?}");
    paths
}

/// What a registry answers as a program.
fn router(registry: RegistryEngine) -> Router {
    registry_router(registry).merge(metrics_router(|| async { String::new() }))
}

fn empty() -> RegistryEngine {
    RegistryEngine::builder(Arc::new(MemoryStore::new())).build()
}

async fn ask(registry: &RegistryEngine, method: Method, path: &str) -> axum::response::Response {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    router(registry.clone()).oneshot(request).await.unwrap()
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.insert(reference);
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_path_of_a_registry_has_a_line_and_no_other() {
    let wanted: BTreeSet<_> = paths_of_a_registry().into_values().collect();
    let found: BTreeSet<_> = routes().iter().map(|route| route.path).collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_route_that_is_mounted_is_in_the_document() {
    let (paths, document) = (paths_of_a_registry(), document());
    let sources = [include_str!("../registry.rs"), include_str!("../metrics.rs")];
    let mut mounted = 0;
    for route in sources.into_iter().flat_map(|source| source.split(".route(").skip(1)) {
        let name = route.trim_start().strip_prefix("path::").and_then(|route| route.split(',').next());
        let name = name.unwrap_or_else(|| panic!("a path that is no constant: {route}"));
        assert!(document.paths.paths.contains_key(paths[name]), "{name}");
        mounted += 1;
    }
    assert_eq!(mounted, document.paths.paths.len());
}

#[tokio::test]
async fn every_route_in_the_document_is_mounted() {
    let registry = empty();
    for route in routes() {
        let (method, other) = match route.method {
            HttpMethod::Get => (Method::GET, Method::POST),
            _ => (Method::POST, Method::GET),
        };
        let (answer, other) = (ask(&registry, method, route.path).await, ask(&registry, other, route.path).await);
        // Of what is not there it is told in words; a path that is not mounted is told of without.
        let mounted = answer.status() != StatusCode::NOT_FOUND || answer.headers().contains_key("content-type");
        assert!(mounted && answer.status() != StatusCode::METHOD_NOT_ALLOWED, "{}: {}", route.path, answer.status());
        assert_eq!(other.status(), StatusCode::METHOD_NOT_ALLOWED, "{}", route.path);
    }
}

/// A router that is asked for what it does not know names all that it does.
#[tokio::test]
async fn every_parameter_that_is_taken_is_in_the_document_and_no_other() {
    let registry = empty();
    for route in routes().into_iter().filter(|route| route.method == HttpMethod::Get) {
        let value = serde_json::to_value(&route.operation).unwrap();
        let parameters = value["parameters"].as_array().into_iter().flatten();
        let of_the_query = parameters.filter(|parameter| parameter["in"] == "query");
        let documented: BTreeSet<_> =
            of_the_query.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect();
        let answer = ask(&registry, Method::GET, &format!("{}?no_such_parameter=1", route.path)).await;
        let mut taken = BTreeSet::new();
        if answer.status() == StatusCode::BAD_REQUEST {
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            let error: Value = serde_json::from_slice(&body).unwrap();
            let (_, known) = error["error"].as_str().unwrap().split_once("expected").unwrap();
            taken.extend(known.split('`').skip(1).step_by(2).map(str::to_owned));
        }
        assert_eq!(documented, taken, "{}", route.path);
    }
}

#[tokio::test]
async fn what_is_served_is_openapi_3_1_and_every_reference_in_it_resolves() {
    let response = ask(&empty(), Method::GET, crate::wire::path::OPENAPI).await;
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let parsed: OpenApi = serde_json::from_slice(&body).unwrap();
    // Not all that the library writes it reads as the same value: a reference with a description, for one.
    assert_eq!(parsed.paths.paths.len(), document().paths.paths.len());
    let value: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(value["openapi"], "3.1.0");
    check(&value);
}

/// What the specification asks for of paths and of references.
fn check(document: &Value) {
    let mut found = BTreeSet::new();
    references(document, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with('/'));
        for operation in methods.as_object().unwrap().values() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{path}");
            assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{path}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("200"), "{path}");
            assert!(responses.values().all(|response| response["description"].is_string()), "{path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["name"].is_string() && parameter["schema"]["type"].is_string(), "{path}");
                assert!(["query", "header"].contains(&parameter["in"].as_str().unwrap()), "{path}");
            }
        }
    }
}

/// What is sent and answered is what the schemas say, as far as the names of the fields go.
#[test]
fn bodies_have_the_fields_of_their_schemas() {
    let document = serde_json::to_value(document()).unwrap();
    let fields = |name: &str| -> BTreeSet<String> {
        let schema = &document["components"]["schemas"][name]["properties"];
        schema.as_object().unwrap_or_else(|| panic!("{name}: {schema}")).keys().cloned().collect()
    };
    let report = crate::testing::sample::report("a", vec![crate::testing::sample::traceroute("b")]);
    let report = serde_json::to_value(report).unwrap();
    let keys = |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&report), fields("MemberReport"));
    assert!(keys(&report["results"][0]).is_subset(&fields("ProbeReport")));
    let trace = &report["results"][0]["measurement"]["traceroute"];
    assert!(keys(trace).is_subset(&fields("TracerouteMeasurement")));
    assert!(keys(&trace["flows"][0]["hops"][0]["answers"][0]).is_subset(&fields("HopAnswer")));
}
