use super::Configuration;
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

fn collect(path: String, value: &figment::value::Value, paths: &mut BTreeSet<String>) {
    match value.as_dict() {
        Some(block) => block.iter().for_each(|(name, value)| collect(format!("{path}.{name}"), value, paths)),
        None => drop(paths.insert(path)),
    }
}
