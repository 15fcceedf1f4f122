//! What expressions are made of.

use std::collections::BTreeSet;

/// Words of PromQL that the files use. Any other word in an expression is a metric or a label.
const PROMQL: [&str; 30] = [
    "absent",
    "and",
    "avg",
    "by",
    "count",
    "group",
    "group_left",
    "histogram_quantile",
    "ignoring",
    "increase",
    "label_join",
    "label_replace",
    "last_over_time",
    "max",
    "max_over_time",
    "min",
    "offset",
    "on",
    "or",
    "rate",
    "sum",
    "time",
    "unless",
    "vector",
    "without",
    "bool",
    "count_over_time",
    "avg_over_time",
    "ALERTS",
    "__name__",
];

/// The metrics and the labels in an expression, and of each metric the labels that it is chosen by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) metrics: BTreeSet<String>,
    pub(crate) labels: BTreeSet<String>,
    pub(crate) chosen: BTreeSet<(String, String)>,
}

impl Names {
    pub(crate) fn of(expr: &str) -> Self {
        let mut names = Self::default();
        let mut metric = None;
        let mut rest = expr;
        let mut in_braces = false;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '"' => {
                    let end = rest[1..].find('"').unwrap() + 2;
                    // A choice of metrics by their names.
                    let words = rest[1..end - 1].split('|').filter(|word| word.starts_with("netring_"));
                    names.metrics.extend(words.map(str::to_owned));
                    end
                }
                _ if is_word(first) => {
                    let end = rest.find(|next| !is_word(next)).unwrap_or(rest.len());
                    let word = &rest[..end];
                    if in_braces {
                        if !PROMQL.contains(&word) {
                            names.labels.insert(word.to_owned());
                            names.chosen.extend(metric.clone().map(|metric| (metric, word.to_owned())));
                        }
                    } else if word == "up"
                        || word.starts_with("netring_")
                        || word.starts_with("process_")
                        || word.contains(':')
                    {
                        names.metrics.insert(word.to_owned());
                        metric = Some(word.to_owned());
                    } else if !PROMQL.contains(&word) && !word.starts_with(|first: char| first.is_ascii_digit()) {
                        names.labels.insert(word.to_owned());
                    }
                    end
                }
                _ => {
                    in_braces = if in_braces { first != '}' } else { first == '{' };
                    // What is chosen by is right behind its metric.
                    if first != '{' && !in_braces {
                        metric = None;
                    }
                    first.len_utf8()
                }
            };
            rest = &rest[length..];
        }
        // How far a range goes back looks like a name of three parts.
        names.metrics.retain(|name| !name.starts_with(|first: char| first.is_ascii_digit()));
        names
    }
}

fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || char == ':'
}

#[test]
fn expressions_are_taken_apart() {
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    let names = Names::of(
        "sum by (le, job) (rate(netring_a_bucket{kind=~\"x.*\", of!=\"y\"}[5m])) * on (instance) group_left (place) \
         a:netring_b:max > 0.05 or last_over_time((up{job=\"c\"} == 0)[1h:30s]) or group({__name__=~\"netring_d|netring_e\"})",
    );
    assert_eq!(names.metrics, set(&["netring_a_bucket", "a:netring_b:max", "up", "netring_d", "netring_e"]));
    assert_eq!(names.labels, set(&["le", "job", "kind", "of", "instance", "place"]));
    let chosen = |metric: &str, label: &str| (metric.to_owned(), label.to_owned());
    let expected = [chosen("netring_a_bucket", "kind"), chosen("netring_a_bucket", "of"), chosen("up", "job")];
    assert_eq!(names.chosen, BTreeSet::from(expected));
}
