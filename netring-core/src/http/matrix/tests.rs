use super::{
    question::{MatrixQuery, Question, Shape},
    *,
};
use crate::{
    analysis::{GridValue, MatrixFilter, State},
    model::{InstanceId, Location, ProbeKind},
};
use axum::extract::Query;
use proptest::prelude::*;
use std::time::Duration;

fn parsed(query: &str) -> Option<Question> {
    let uri = format!("/api/v1/matrix?{query}").parse().ok()?;
    Query::<MatrixQuery>::try_from_uri(&uri).ok()?.0.question().ok()
}

fn parsed_of_grid(query: &str) -> Option<Question> {
    let uri = format!("/api/v1/matrix/grid?{query}").parse().ok()?;
    Some(Query::<GridQuery>::try_from_uri(&uri).ok()?.0.question())
}

/// Every byte but letters and digits percent-encoded.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(byte).collect()
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{1,20}".prop_filter("blank", |text| Location::new(text).is_ok())
}

proptest! {
    #[test]
    fn whatever_is_asked_for_is_understood(
        [source, target] in [prop::option::of(text()), prop::option::of(text())],
        [source_location, target_location] in [prop::option::of(text()), prop::option::of(text())],
        kinds in prop::collection::hash_set("[a-z][a-z0-9_]{0,31}", 0..16),
        states in prop::sample::subsequence(vec![State::Up, State::Down, State::Degraded, State::Unknown], 0..=4),
        latency in prop::option::of((0_u32..1_000_000, 0_u32..1_000_000)),
        by_location in prop::bool::ANY,
    ) {
        let kinds: Vec<_> = kinds.into_iter().collect();
        let mut query = vec![format!("by={}", if by_location { "location" } else { "member" })];
        let texts = [
            ("source", &source), ("target", &target),
            ("source_location", &source_location), ("target_location", &target_location),
        ];
        for (name, text) in texts {
            query.extend(text.as_ref().map(|text| format!("{name}={}", encoded(text))));
        }
        if !kinds.is_empty() {
            query.push(format!("kind={}", kinds.join(",")));
        }
        if !states.is_empty() {
            query.push(format!("state={}", states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join("%2C")));
        }
        let latency = latency.map(|(a, b)| (a.min(b), a.max(b)));
        if let Some((min, max)) = latency {
            query.push(format!("max_latency_ms={max}&min_latency_ms={min}"));
        }
        let wanted = Question {
            shape: if by_location { Shape::Locations } else { Shape::Pairs },
            filter: MatrixFilter {
                source: source.map(|id| InstanceId::new(id).unwrap()),
                target: target.map(|id| InstanceId::new(id).unwrap()),
                source_location: source_location.map(|location| Location::new(location).unwrap()),
                target_location: target_location.map(|location| Location::new(location).unwrap()),
                kinds: kinds.into_iter().map(|kind| ProbeKind::new(kind).unwrap()).collect(),
                states,
                min_latency: latency.map(|(min, _)| Duration::from_millis(min.into())),
                max_latency: latency.map(|(_, max)| Duration::from_millis(max.into())),
            },
        };
        prop_assert_eq!(parsed(&query.join("&")), Some(wanted));
    }

    #[test]
    fn whatever_comes_is_no_trouble(query in "[ -~]{0,80}", name in "(min|max)_latency_ms|kind|state|source|by", value in "[ -~]{0,20}") {
        parsed(&query);
        if let Some(question) = parsed(&format!("{name}={value}")) {
            prop_assert!(question.filter.kinds.len() <= 16 && question.filter.states.len() <= 4);
        }
    }
}

#[test]
fn the_same_question_has_one_answer_and_few_are_kept() {
    let shared = SharedMatrix::default();
    let of = |query: &str| shared.slot(parsed(query).unwrap());
    let plain = of("");
    assert!(Arc::ptr_eq(&plain, &of("by=member")));
    assert!(!Arc::ptr_eq(&plain, &of("by=location")));
    for i in 0..MAX_SLOTS * 2 {
        of(&format!("source=m{i}"));
        assert!(Arc::ptr_eq(&plain, &of("")), "what is asked for again and again stays");
    }
    assert_eq!(shared.slots.lock().unwrap().len(), MAX_SLOTS);
    let forgotten = Arc::downgrade(&of("source=m0"));
    for i in 1..=MAX_SLOTS {
        of(&format!("source=m{i}"));
    }
    assert!(forgotten.upgrade().is_none());
}

#[test]
fn a_grid_has_an_answer_of_its_own_by_whatever_values_in_whatever_order() {
    let shared = SharedMatrix::default();
    let of = |query: &str| shared.slot(parsed_of_grid(query).unwrap());
    let plain = of("");
    assert_eq!(plain.question().shape, Shape::Grid(vec![GridValue::Latency]));
    assert!(Arc::ptr_eq(&plain, &of("values=latency,latency")));
    assert!(Arc::ptr_eq(&of("values=age,loss"), &of("values=loss%2Cage")));
    assert!(!Arc::ptr_eq(&of("values=age"), &of("values=loss")));
    assert!(!Arc::ptr_eq(&plain, &shared.slot(parsed("").unwrap())));
    for query in ["values=", "values=latency,,loss", "values=speed", "state=up", "by=location", "min_latency_ms=1"] {
        assert_eq!(parsed_of_grid(query), None, "{query}");
    }
    let all = GridValue::ALL.map(|value| serde_json::to_value(value).unwrap().as_str().unwrap().to_owned());
    assert_eq!(of(&format!("values={}", all.join(","))).question().shape, Shape::Grid(GridValue::ALL.to_vec()));
}
