//! The dashboard as a file, and what it asks for. Grafana itself is in no package that a test could install.

use crate::shipped;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = "grafana/dashboards/netring.json";
/// Units by their names in Grafana.
const UNITS: [&str; 9] = ["short", "percentunit", "s", "ms", "ops", "pps", "Mbits", "bps", "bytes"];
/// Kinds of panels that come with Grafana.
const KINDS: [&str; 5] = ["row", "stat", "table", "timeseries", "heatmap"];

/// One query of the dashboard, as Prometheus gets it where all of everything is chosen.
pub(crate) struct Query {
    /// The panel, variable or annotation that asks for it.
    pub(crate) asker: String,
    pub(crate) expr: String,
    /// The labels that its result has to have.
    pub(crate) labels: BTreeSet<String>,
}

fn dashboard() -> Value {
    serde_json::from_str(&shipped::text(FILE)).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// What stands in double braces.
fn in_braces(text: &str) -> BTreeSet<String> {
    text.split("{{").skip(1).map(|part| part.split_once("}}").unwrap().0.to_owned()).collect()
}

/// Every query of the dashboard.
pub(crate) fn queries() -> Vec<Query> {
    let dashboard = dashboard();
    let mut all = Vec::new();
    for panel in list(&dashboard, "panels") {
        // What a matrix is made of, and what a table calls otherwise.
        let mut needed = BTreeSet::new();
        for transformation in list(panel, "transformations") {
            let options = &transformation["options"];
            needed
                .extend(["rowField", "columnField"].iter().filter_map(|key| options[key].as_str()).map(str::to_owned));
            let renamed = options["renameByName"].as_object().into_iter().flat_map(|names| names.keys());
            needed.extend(renamed.filter(|name| !name.starts_with("Value")).cloned());
        }
        for target in list(panel, "targets") {
            let labels = in_braces(target["legendFormat"].as_str().unwrap_or_default());
            let labels = labels.union(&needed).cloned().collect();
            all.push(Query { asker: word(panel, "title").to_owned(), expr: filled_in(word(target, "expr")), labels });
        }
    }
    for variable in list(&dashboard["templating"], "list").iter().filter(|variable| variable["type"] == "query") {
        // The values that a label has are asked for in Grafana's own words.
        let query = word(&variable["query"], "query");
        assert_eq!(query, word(variable, "definition"));
        let inside = query.strip_prefix("label_values(").and_then(|query| query.strip_suffix(')'));
        let (selector, label) = inside.and_then(|inside| inside.rsplit_once(", ")).unwrap();
        let expr = format!("count by ({label}) ({})", filled_in(selector));
        all.push(Query { asker: word(variable, "name").to_owned(), expr, labels: [label.to_owned()].into() });
    }
    for annotation in list(&dashboard["annotations"], "list").iter().filter(|annotation| annotation["expr"].is_string())
    {
        let labels = in_braces(word(annotation, "titleFormat"));
        let asker = format!("annotation {}", word(annotation, "name"));
        all.push(Query { asker, expr: filled_in(word(annotation, "expr")), labels });
    }
    all
}

fn filled_in(expr: &str) -> String {
    let filled = ["$source_location", "$target_location", "$member"]
        .iter()
        .fold(expr.to_owned(), |expr, variable| expr.replace(&format!("=~\"{variable}\""), "=~\".*\""));
    let filled = filled.replace("$__rate_interval", "1m");
    assert!(!filled.contains('$'), "a variable that nobody knows: {expr}");
    filled
}

#[test]
fn panels_have_a_place_a_unit_and_a_description() {
    let dashboard = dashboard();
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 39, "of Grafana 10.4 and 11");
    assert!(dashboard["id"].is_null(), "Grafana gives it");
    assert_eq!((word(&dashboard, "title"), word(&dashboard, "uid")), ("netring", "netring"));
    let panels = list(&dashboard, "panels");
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "no id is there twice");
    let titles: BTreeSet<_> = panels.iter().map(|panel| word(panel, "title")).collect();
    assert_eq!(titles.len(), panels.len(), "no title is there twice");

    let mut taken = BTreeMap::new();
    for panel in panels {
        let title = word(panel, "title");
        assert!(KINDS.contains(&word(panel, "type")), "{title}");
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap());
        assert!(w > 0 && h > 0 && x + w <= 24, "{title} is within the 24 columns");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            let other = taken.insert(cell, title);
            assert!(other.is_none(), "{title} lies over {}", other.unwrap());
        }
        if panel["type"] == "row" {
            continue;
        }
        let description = word(panel, "description");
        assert!(description.len() > 20 && description.ends_with('.'), "{title}: {description:?}");
        let unit = word(&panel["fieldConfig"]["defaults"], "unit");
        assert!(UNITS.contains(&unit), "{title}: {unit:?}");
        let targets = list(panel, "targets");
        let references: BTreeSet<_> = targets.iter().map(|target| word(target, "refId")).collect();
        assert!(!targets.is_empty() && references.len() == targets.len(), "{title}");
        for used in targets.iter().chain([panel]) {
            assert_eq!(word(&used["datasource"], "uid"), "${datasource}", "{title}");
        }
    }
}

#[test]
fn variables_are_there_and_used() {
    let dashboard = dashboard();
    let variables = list(&dashboard["templating"], "list");
    let names: Vec<_> = variables.iter().map(|variable| word(variable, "name")).collect();
    assert_eq!(names, ["datasource", "source_location", "target_location", "member"]);
    assert_eq!((&variables[0]["type"], &variables[0]["query"]), (&"datasource".into(), &"prometheus".into()));
    let panels = dashboard["panels"].to_string();
    for variable in &variables[1..] {
        let name = word(variable, "name");
        assert!(panels.contains(&format!("=~\\\"${name}\\\"")), "{name} is used, as one of many values");
        assert_eq!((&variable["multi"], word(variable, "allValue")), (&true.into(), ".*"), "{name}");
        assert_eq!(word(&variable["datasource"], "uid"), "${datasource}", "{name}");
    }
    // Fails where a query has a variable that is not there.
    assert!(queries().len() > 50);
}

/// What a person looks for has a panel, and the queries that netring has had from its first releases on are in it.
#[test]
fn nothing_that_was_promised_is_missing() {
    let queries = queries();
    for (metric, times) in [
        ("netring_connectivity_tcp", 2),
        ("netring_check_duration_seconds", 4),
        ("netring_bandwidth_mbps", 3),
        ("netring_traceroute_hops_total", 1),
        ("netring_traceroute_max_hop_latency_ms", 1),
        ("netring_members_total", 1),
        ("netring_registry_members", 3),
        ("netring_fault", 3),
        ("netring_burst_packets", 2),
        ("netring_interarrival_jitter_seconds", 1),
        ("netring_path_changes_total", 1),
        ("netring_registry_leading", 2),
    ] {
        let found = queries.iter().filter(|query| query.expr.contains(metric)).count();
        assert!(found >= times, "{metric} is asked for {found} times");
    }
    let matrix = |panel: &&Value| list(panel, "transformations").iter().any(|step| step["id"] == "groupingToMatrix");
    assert!(list(&dashboard(), "panels").iter().filter(matrix).count() >= 2);
}

#[test]
fn provisioning_fits_the_dashboard() {
    let sources = shipped::yaml("grafana/provisioning/datasources/prometheus.yml");
    let source = &sources["datasources"][0];
    assert_eq!((&sources["apiVersion"], word(source, "type")), (&1.into(), "prometheus"));
    let scraped = shipped::yaml("prometheus/prometheus.yml")["global"]["scrape_interval"].clone();
    assert_eq!(source["jsonData"]["timeInterval"], scraped, "rates are made of as many values as there are");
    let providers = shipped::yaml("grafana/provisioning/dashboards/netring.yml");
    let provider = &providers["providers"][0];
    assert_eq!((&providers["apiVersion"], word(provider, "type")), (&1.into(), "file"));
    assert!(word(&provider["options"], "path").starts_with("/var/lib/grafana/"));
}
