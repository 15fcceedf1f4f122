//! Whether Prometheus has an answer to what is asked.

use crate::{
    dashboard::Query,
    names::Names,
    servers::Servers,
    shipped::{RULES, rules},
};
use netring_testbed::eventually;
use serde_json::Value;
use std::collections::BTreeSet;

/// Metrics that a member has only once something went wrong inside of it, and their labels: nothing here makes it do so.
const ONLY_AFTER_A_MISHAP: [&str; 3] =
    ["netring_task_panics_total", "netring_checks_not_made_total", "netring_checks_busy_total"];
const LABELS_OF_THOSE: [&str; 1] = ["task"];

/// Waits until every one of `queries` has an answer, with every label that it has to have.
pub(crate) async fn have_answers(servers: &Servers, queries: &[Query]) {
    for query in queries {
        let what = format!("an answer to {:?}: {}", query.asker, query.expr);
        let series =
            eventually(&what, || async { servers.query(&query.expr).await.filter(|series| !series.is_empty()) }).await;
        for label in &query.labels {
            let has = |series: &Value| series["metric"][label].is_string();
            assert!(
                series.iter().any(has),
                "{:?}: no {label} in the answer to {}: {series:?}",
                query.asker,
                query.expr
            );
        }
    }
}

/// Every name in the rules is one that the daemons have, and every label too.
pub(crate) async fn rules_ask_for_what_there_is(servers: &Servers) {
    let all = |path: &'static str| async move {
        let answer = servers.prometheus(path).await.unwrap();
        let words = answer["data"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned());
        words.collect::<BTreeSet<_>>()
    };
    let (metrics, labels) = (all("/api/v1/label/__name__/values").await, all("/api/v1/labels").await);
    for rule in RULES.iter().flat_map(|file| rules(file)) {
        let names = Names::of(rule["expr"].as_str().unwrap());
        assert!(!names.metrics.is_empty(), "{rule}");
        for metric in names.metrics.iter().filter(|metric| !ONLY_AFTER_A_MISHAP.contains(&metric.as_str())) {
            assert!(metrics.contains(metric), "nobody has a metric {metric}: {rule}");
        }
        for label in names.labels.iter().filter(|label| !LABELS_OF_THOSE.contains(&label.as_str())) {
            // One that the expression makes and takes away again stands in quotes.
            let made = rule["expr"].as_str().unwrap().contains(&format!("\"{label}\""));
            assert!(made || labels.contains(label), "nobody has a label {label}: {rule}");
        }
        for (metric, label) in &names.chosen {
            let series = servers.query(&format!("last_over_time({metric}{{{label}!=\"\"}}[10m])")).await;
            let there = series.is_some_and(|series| !series.is_empty());
            assert!(there || ONLY_AFTER_A_MISHAP.contains(&metric.as_str()), "{metric} has no {label}: {rule}");
        }
    }
}

/// Those few that nothing here can make are metrics all the same.
#[test]
fn what_comes_only_after_a_mishap_is_documented() {
    let document = include_str!("../../../docs/metrics.md");
    for name in ONLY_AFTER_A_MISHAP {
        assert!(document.contains(&format!("| `{name}` | counter |")), "{name}");
    }
}

/// No rule fails as it is evaluated, and each has been.
pub(crate) async fn rules_work(servers: &Servers) {
    let groups = eventually("an evaluation of every rule", || async {
        let answer = servers.prometheus("/api/v1/rules").await?;
        let groups = answer["data"]["groups"].as_array()?.clone();
        let rules = groups.iter().flat_map(|group| group["rules"].as_array().unwrap());
        (!groups.is_empty() && rules.clone().all(|rule| rule["health"] != "unknown")).then_some(groups)
    })
    .await;
    for rule in groups.iter().flat_map(|group| group["rules"].as_array().unwrap()) {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
}
