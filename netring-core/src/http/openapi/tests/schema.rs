//! As much of JSON Schema as the document has.

use serde_json::{Map, Value};

/// What of `value` is not as `schema` says; empty where all is.
pub(super) fn problems(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    of_field(document, schema, value, "", &mut found);
    found
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolve(document, document.pointer(reference.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// The fields that `schema` describes of an object like `value`; none where it is not for objects with certain fields.
fn fields(document: &Value, schema: &Value, value: &Value) -> Option<Vec<String>> {
    let schema = resolve(document, schema);
    let mut known: Option<Vec<String>> =
        schema["properties"].as_object().map(|fields| fields.keys().cloned().collect());
    for part in schema["allOf"].as_array().into_iter().flatten() {
        known.get_or_insert_default().extend(fields(document, part, value)?);
    }
    if let Some(fitting) = alternatives(schema).find(|schema| fits(document, schema, value)) {
        known.get_or_insert_default().extend(fields(document, fitting, value)?);
    }
    known
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf"].into_iter().flat_map(|word| schema[word].as_array().into_iter().flatten())
}

fn fits(document: &Value, schema: &Value, value: &Value) -> bool {
    let mut found = Vec::new();
    check(document, schema, value, "", &mut found);
    found.is_empty()
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolve(document, schema);
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|word| is(word, value)) {
        found.push(format!("{at} is no {}: {value}", types.join(" or ")));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        found.push(format!("{at} is none of {}: {value}", schema["enum"]));
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(document, part, value, at, found);
    }
    if alternatives(schema).next().is_some() && !alternatives(schema).any(|one| fits(document, one, value)) {
        found.push(format!("{at} is of none of the kinds that there are: {value}"));
    }
    if let Value::Object(object) = value {
        of_object(document, schema, object, at, found);
    }
    if let (Value::Array(items), Some(schema)) = (value, schema.get("items")) {
        for item in items {
            of_field(document, schema, item, &format!("{at}[]"), found);
        }
    }
}

fn of_object(document: &Value, schema: &Value, object: &Map<String, Value>, at: &str, found: &mut Vec<String>) {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    found.extend(required.filter(|name| !object.contains_key(*name)).map(|name| format!("{at}.{name} is missing")));
    for (name, value) in object {
        let described = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        if let Some(schema) = described.filter(|schema| schema.is_object()) {
            of_field(document, schema, value, &format!("{at}.{name}"), found);
        }
    }
}

/// Here it is known that no other schema describes more fields of `value`.
fn of_field(document: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    check(document, schema, value, at, found);
    if let (Some(known), Some(object)) = (fields(document, schema, value), value.as_object()) {
        found
            .extend(object.keys().filter(|key| !known.contains(key)).map(|key| format!("{at}.{key} is not described")));
    }
}

fn is(word: &str, value: &Value) -> bool {
    match word {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("a type that nobody knows: {other}"),
    }
}
