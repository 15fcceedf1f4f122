use super::{Configuration, Loaded};
use std::collections::BTreeSet;

/// Compares the table of keys with the fields of `config`, for a test of the daemon to call: a field without a key would
/// be missing from what [`super::Loaded::explain`] shows. `config` should have a value in every optional block.
///
/// # Errors
/// The paths that only one of them has.
pub fn check_table<C: Configuration>(config: &C) -> Result<(), String> {
    let value = figment::value::Value::serialize(config).map_err(|error| error.to_string())?;
    let mut fields = BTreeSet::new();
    collect(C::ROOT.to_owned(), &value, &mut fields);
    let keys: BTreeSet<String> = C::KEYS.iter().map(|key| key.path().to_owned()).collect();
    let differing: Vec<_> = fields.symmetric_difference(&keys).map(String::as_str).collect();
    if differing.is_empty() { Ok(()) } else { Err(differing.join(", ")) }
}

/// Compares the table of keys with the tables of a document, for a test of the daemon to call: a row begins with the path of
/// its key and has its variables, its flag and its default, each in backticks. `defaults` should have a default in every
/// optional block.
///
/// # Errors
/// What is missing in the document, and keys in it that there are not.
pub fn check_document<C: Configuration>(document: &str, defaults: &Loaded<C>) -> Result<(), String> {
    let mut wrong = Vec::new();
    for key in C::KEYS {
        let start = format!("| `{}` |", key.path());
        let row = document.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
        let default = defaults.entries().iter().find(|entry| entry.path == key.path());
        let default = default.map_or("its default", |entry| &entry.value).trim_matches('"').to_owned();
        let names = key.variable_names().chain(key.flag_name()).map(str::to_owned);
        for wanted in names.chain([default]).filter(|wanted| !row.contains(&format!("`{wanted}`"))) {
            wrong.push(format!("no row for {} with {wanted}", key.path()));
        }
    }
    let known = |path: &str| {
        C::KEYS
            .iter()
            .any(|key| key.path().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    let start = format!("`{}.", C::ROOT);
    for (at, _) in document.match_indices(&start) {
        let path = document[at + 1..].split('`').next().unwrap_or_default();
        if !known(path) {
            wrong.push(format!("there is no key {path}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

fn collect(path: String, value: &figment::value::Value, paths: &mut BTreeSet<String>) {
    match value.as_dict() {
        Some(block) => block.iter().for_each(|(name, value)| collect(format!("{path}.{name}"), value, paths)),
        None => drop(paths.insert(path)),
    }
}
