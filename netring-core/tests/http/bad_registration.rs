//! Registrations that make no sense: each names the field, and nobody is taken in.

use crate::{
    bad_input::{bad, occupied, refused},
    ring::{Registry, registration},
};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// A registration of the known member `a` and one of a newcomer, each with `field` set to `value`.
async fn bad_field(registry: &Registry, field: &str, value: &Value, said: &str) {
    for id in ["a", "new"] {
        let mut body = registration(id);
        body[field] = value.clone();
        bad(registry, "/register", &body, said).await;
    }
}

#[tokio::test]
async fn a_missing_field_is_named() {
    let registry = occupied().await;
    for field in ["location", "ip", "port"] {
        let mut body = registration("new");
        body.as_object_mut().unwrap().remove(field);
        bad(&registry, "/register", &body, &format!("missing field `{field}`")).await;
    }
    bad(&registry, "/register", &json!({}), "missing field").await;
}

#[tokio::test]
async fn an_ill_typed_field_is_named() {
    let registry = occupied().await;
    for (field, values) in [
        ("instance_id", vec![json!(1), json!(["a"]), json!({"a": "b"}), json!(false)]),
        ("location", vec![json!(null), json!(1), json!(["a"]), json!({}), json!(true)]),
        ("ip", vec![json!(null), json!(1), json!([10, 1, 2, 3]), json!({"V4": [10, 1, 2, 3]}), json!(true)]),
        ("port", vec![json!(null), json!("8757"), json!([8757]), json!({}), json!(true), json!(1.5), json!(8757.0)]),
        ("heartbeat_interval_seconds", vec![json!("45"), json!([45]), json!({"secs": 45}), json!(true)]),
    ] {
        for value in values {
            bad_field(&registry, field, &value, &format!("{field}: ")).await;
        }
    }
}

#[tokio::test]
async fn text_that_is_empty_too_long_or_has_control_characters_is_refused() {
    let registry = occupied().await;
    let (long, long_in_bytes) = ("x".repeat(129), "é".repeat(65));
    for field in ["instance_id", "location"] {
        for (text, said) in [
            ("", "must not be empty"),
            ("   ", "must not be empty"),
            ("\u{a0}\u{2003}", "must not be empty"),
            (long.as_str(), "at most 128 bytes, this one has 129"),
            (long_in_bytes.as_str(), "at most 128 bytes, this one has 130"),
            ("a\nb", "no control characters, this one has U+000A"),
            ("\u{0}", "no control characters, this one has U+0000"),
            ("a\u{1b}[31m", "no control characters, this one has U+001B"),
            ("a\u{7f}", "no control characters, this one has U+007F"),
            ("a\u{85}", "no control characters, this one has U+0085"),
            ("a\u{2028}", "no control characters, this one has U+2028"),
            ("a\u{202e}b", "no control characters, this one has U+202E"),
            ("a\u{2066}b", "no control characters, this one has U+2066"),
        ] {
            bad_field(&registry, field, &json!(text), &format!("{field} must ")).await;
            bad_field(&registry, field, &json!(text), said).await;
        }
    }
}

#[tokio::test]
async fn an_ip_that_is_no_hosts_address_is_refused() {
    let registry = occupied().await;
    for ip in ["", " ", "abc", "1.2.3", "1.2.3.4.5", "256.1.1.1", "010.1.1.1", "fe80::1%eth0", "[::1]", "10.0.0.1:80"] {
        bad_field(&registry, "ip", &json!(ip), "ip: ").await;
    }
    for (ip, kind) in [
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("::ffff:0.0.0.0", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("ff02::1", "multicast"),
        ("::ffff:224.0.0.1", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("::ffff:255.255.255.255", "broadcast"),
    ] {
        bad_field(&registry, "ip", &json!(ip), "ip must be the address of one host").await;
        bad_field(&registry, "ip", &json!(ip), kind).await;
    }
}

#[tokio::test]
async fn a_port_out_of_range_is_refused() {
    let registry = occupied().await;
    for port in [json!(0), json!(-0.0), json!(-1), json!(65_536), json!(u64::MAX), json!(i64::MIN), json!(1e300)] {
        bad_field(&registry, "port", &port, "port").await;
    }
}

#[tokio::test]
async fn a_heartbeat_interval_that_makes_no_sense_is_refused() {
    let registry = occupied().await;
    let name = "heartbeat_interval_seconds";
    for seconds in [0.0, -0.0, -1.0, -1e300, 1e-300, 86_400.001, 1e9, 1e300, f64::MAX] {
        bad_field(&registry, name, &json!(seconds), name).await;
    }
    let no_json = "the body is no JSON";
    for (word, said) in [
        ("NaN", no_json),
        ("Infinity", no_json),
        ("-Infinity", no_json),
        ("+1", no_json),
        (".5", no_json),
        ("0x10", no_json),
        ("1e400", "heartbeat_interval_seconds: number out of range"),
    ] {
        let body = registration("new").to_string().replacen('{', &format!("{{\"{name}\": {word}, "), 1);
        refused(&registry, "/register", &body, StatusCode::BAD_REQUEST, said).await;
    }
}

#[tokio::test]
async fn a_field_that_is_there_twice_is_refused() {
    let registry = occupied().await;
    for field in ["instance_id", "location", "ip", "port"] {
        let body = registration("new").to_string().replacen('{', &format!("{{\"{field}\": \"x\", "), 1);
        refused(&registry, "/register", &body, StatusCode::BAD_REQUEST, field).await;
    }
}
