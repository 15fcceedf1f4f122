//! What is in a manifest.

use serde_json::Value;
use std::collections::BTreeMap;

/// One object of Kubernetes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Object(pub(crate) Value);

impl Object {
    /// Those in `text`, YAML with a document for each.
    pub(crate) fn all(text: &str) -> Vec<Self> {
        let documents: Vec<Value> =
            serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        documents.into_iter().map(Self).collect()
    }

    pub(crate) fn kind(&self) -> &str {
        text(&self.0, "/kind")
    }

    pub(crate) fn name(&self) -> &str {
        text(&self.0, "/metadata/name")
    }

    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        words(&self.0, "/metadata/labels")
    }

    /// The template of its pods, where it has pods.
    pub(crate) fn template(&self) -> Option<&Value> {
        self.0.pointer("/spec/template")
    }
}

/// The text at `pointer`, which has to be there.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer} in {value:#}"))
}

/// The list at `pointer`; where there is none, one that is empty.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The names and texts at `pointer`; where there are none, none.
pub(crate) fn words(value: &Value, pointer: &str) -> BTreeMap<String, String> {
    let map = value.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
    map.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// Whether the selector takes what has `labels`.
pub(crate) fn selects(selector: &BTreeMap<String, String>, labels: &BTreeMap<String, String>) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}
