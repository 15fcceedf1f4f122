//! Whatever comes in, a registry never answers with 5xx, and every answer is JSON.

use crate::{
    bad_input::POST_PATHS,
    ring::{Registry, registration},
};
use netring_core::{
    Outcome,
    testing::sample::{report, result},
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any JSON, of numbers and text that are likely to be trouble.
fn any_json() -> impl Strategy<Value = Value> {
    let numbers = prop_oneof![
        any::<f64>().prop_filter_map("JSON has finite numbers", |x| x.is_finite().then(|| json!(x))),
        any::<i64>().prop_map(|x| json!(x)),
        prop::sample::select(vec![json!(0), json!(-1), json!(1e300), json!(u64::MAX), json!(8757), json!(5e-324)]),
    ];
    let words = vec!["", "a", "10.1.2.3", "::", "/health", "tcp", "success", "NaN", "\u{0}", "\u{202e}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|x| json!(x)),
        numbers,
        any::<String>().prop_map(|x| json!(x)),
        prop::sample::select(words).prop_map(|x| json!(x)),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5).prop_map(|map| json!(map)),
        ]
    })
}

/// Good bodies, one of which is spoilt in one place.
fn good_bodies() -> Vec<Value> {
    let labels = json!({"target_instance": "a", "endpoint": "/x"});
    vec![
        registration("a"),
        json!({"instance_id": "a"}),
        serde_json::to_value(report("a", vec![result("a", Outcome::Success)])).unwrap(),
        json!({"instance_id": "a", "metrics": {
            "connectivity_tcp": {"k": {"labels": labels, "value": 1.0}},
            "check_durations": {"tcp:eu1:a": {"labels": {}, "sum": 1.0, "count": 1, "avg_latency_ms": 1.0}},
            "detailed_traceroute_data": {"k": {"hops": [{"hop": 1, "ip": "*", "latency_ms": null}]}},
        }}),
    ]
}

fn spoilt_json() -> impl Strategy<Value = Value> {
    let pointers: Vec<(usize, String)> = good_bodies()
        .iter()
        .enumerate()
        .flat_map(|(i, body)| {
            let mut found = Vec::new();
            collect_pointers(body, String::new(), &mut found);
            found.into_iter().map(move |pointer| (i, pointer))
        })
        .collect();
    (prop::sample::select(pointers), any_json()).prop_map(|((i, pointer), value)| {
        let mut body = good_bodies().swap_remove(i);
        *body.pointer_mut(&pointer).unwrap() = value;
        body
    })
}

fn collect_pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            collect_pointers(value, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, v)| collect_pointers(v, format!("{at}/{i}"), found))
        }
        _ => {}
    }
    found.push(at);
}

/// Posts `body` to every path, and asks for what the registry makes of it.
fn is_survived(body: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let registry = Registry::new();
        registry.join("a").await;
        for path in POST_PATHS {
            let answer = registry.post_bytes(path, body.to_vec()).await;
            assert!(answer.status.is_success() || answer.status.is_client_error(), "{path}: {answer:?}");
            answer.json();
        }
        for path in ["/members", "/api/v1/matrix", "/health"] {
            let answer = registry.get(path).await;
            assert!(answer.status.is_success(), "{path}: {answer:?}");
            answer.json();
        }
    });
}

proptest! {
    #[test]
    fn random_bytes(body: Vec<u8>) {
        is_survived(&body);
    }

    #[test]
    fn random_json(body in any_json()) {
        is_survived(body.to_string().as_bytes());
    }

    #[test]
    fn good_bodies_that_are_spoilt_in_one_place(body in spoilt_json()) {
        is_survived(body.to_string().as_bytes());
    }
}
