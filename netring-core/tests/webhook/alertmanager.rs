use crate::{
    receiver::Receiver,
    ring::{Ring, closed, opened, webhook},
};
use netring_core::webhook::WebhookFormat;
use serde_json::{Value, json};

/// What `postableAlerts` of Alertmanager's API v2 asks for: a list of objects with `labels` and `annotations` of text,
/// `startsAt` and `endsAt` as times, and nothing that it does not know.
fn assert_postable_alerts(body: &Value) {
    for alert in body.as_array().unwrap() {
        for (field, value) in alert.as_object().unwrap() {
            match field.as_str() {
                "labels" | "annotations" => {
                    assert!(value.as_object().unwrap().values().all(Value::is_string), "{field}: {value}");
                }
                "startsAt" | "endsAt" => assert!(is_date_time(value.as_str().unwrap()), "{field}: {value}"),
                "generatorURL" => assert!(value.is_string()),
                _ => panic!("{field} is no field of an alert"),
            }
        }
        assert!(!alert["labels"].as_object().unwrap().is_empty());
        assert!(alert["startsAt"].as_str() <= alert["endsAt"].as_str(), "{alert}");
    }
}

/// RFC 3339 in UTC, with milliseconds.
fn is_date_time(text: &str) -> bool {
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    form == "0000-00-00T00:00:00.000Z"
}

#[tokio::test]
async fn an_alert_opens_and_resolves_under_the_same_labels() {
    let receiver = Receiver::start().await;
    let ring = Ring::leading(vec![webhook(&receiver, "", WebhookFormat::Alertmanager)]).await;
    ring.record(vec![opened("a")]).await;
    receiver.wait_for(1).await;
    ring.record(vec![closed("a")]).await;
    let came = receiver.wait_for(2).await;
    for came in &came {
        assert_eq!(came.uri, "/api/v2/alerts");
        assert_eq!(came.header("content-type"), Some("application/json"));
        assert_postable_alerts(&came.body);
        assert_eq!(came.body.as_array().unwrap().len(), 1);
        assert_eq!(
            came.body[0]["labels"],
            json!({
                "alertname": "NetringFault", "scope": "target", "subject": "a", "symptom": "unreachable",
                "severity": "critical", "instance_id": "a", "location": "eu1",
            })
        );
        assert_eq!(came.body[0]["startsAt"], "2023-11-14T22:13:20.000Z");
    }
    assert_eq!(came[1].body[0]["endsAt"], "2023-11-14T22:14:20.000Z");
    assert_eq!(came[0].body[0]["annotations"]["summary"], "a is down: nobody reaches it.");
    assert_eq!(came.iter().filter_map(|came| came.event()).collect::<Vec<_>>(), [1, 2]);
    ring.end().await;
}

#[tokio::test]
async fn a_path_of_its_own_is_taken_as_it_is() {
    let receiver = Receiver::start().await;
    let ring = Ring::leading(vec![webhook(&receiver, "/am/api/v2/alerts", WebhookFormat::Alertmanager)]).await;
    ring.record(vec![opened("a")]).await;
    assert_eq!(receiver.wait_for(1).await[0].uri, "/am/api/v2/alerts");
    ring.end().await;
}
