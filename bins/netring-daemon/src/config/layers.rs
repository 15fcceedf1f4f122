use super::{ConfigError, Configuration, Entry, Key, TextError, explain, file, value};
use figment::{
    Figment, Metadata, Profile, Provider,
    util::nest,
    value::{Dict, Map, Value},
};
use std::{borrow::Cow, collections::BTreeMap, fmt, path::Path};

/// A command-line flag that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Its name with the dashes, as [`Key::flag`] has it.
    pub name: &'static str,
    /// The text that was given with it.
    pub value: String,
}

/// A configuration, and where each of its values came from.
#[derive(Clone)]
pub struct Loaded<C> {
    /// The configuration itself.
    pub config: C,
    entries: Vec<Entry>,
}

impl<C> Loaded<C> {
    /// Every key with its value and its source, in the order of the table of keys.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The whole configuration as YAML that [`load`] would take, each line with a comment that says where the value came
    /// from. Secrets are masked.
    #[must_use]
    pub fn explain(&self) -> String {
        explain::yaml(&self.entries)
    }
}

/// Shows what [`Loaded::explain`] shows, so that a secret cannot slip out through `{:?}`.
impl<C> fmt::Debug for Loaded<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("entries", &self.entries).finish_non_exhaustive()
    }
}

/// Puts the layers together: defaults, then `file`, then `environment`, then `flags`.
///
/// # Errors
/// Where a layer has something that is not taken. Nothing is left out in silence, save variables that no key names.
pub fn load<C: Configuration>(
    file: Option<&Path>,
    environment: &BTreeMap<String, String>,
    flags: &[Flag],
) -> Result<Loaded<C>, ConfigError> {
    let mut merged = Figment::new().merge(Layer::new("default", "", value_of(&C::default())?));
    if let Some(path) = file {
        let source = explain::one_line(&format!("file {}", path.display()));
        let (config, present) = file::read::<C>(path)?;
        let values = value_of(&config)?;
        for path in present {
            let value = match values.find_ref(&path) {
                // A block with nothing in it is there, and sets nothing.
                Some(Value::Dict(..)) => Value::from(Dict::new()),
                Some(value) => value.clone(),
                None => continue,
            };
            merged = merged.merge(Layer::new(source.clone(), &path, value));
        }
    }
    for key in C::KEYS {
        if let Some((name, text, value)) = key.in_environment(environment) {
            let value = value.map_err(|problem| refused(key, &format!("{name}="), text, problem))?;
            merged = merged.merge(Layer::new(format!("environment variable {name}"), key.path(), value));
        }
    }
    for Flag { name, value: text } in flags {
        let key = C::KEYS
            .iter()
            .find(|key| key.flag_name() == Some(name))
            .ok_or_else(|| ConfigError::Merge { message: format!("no key is set by the flag {name}") })?;
        let value = key.parse(text).map_err(|problem| refused(key, &format!("{name} "), text, problem))?;
        merged = merged.merge(Layer::new(format!("flag {name}"), key.path(), value));
    }
    finish(&merged, environment)
}

fn finish<C: Configuration>(
    merged: &Figment,
    environment: &BTreeMap<String, String>,
) -> Result<Loaded<C>, ConfigError> {
    let source = |path: &str| merged.find_metadata(path).map_or("default", |metadata| &metadata.name).to_owned();
    let mut config: C = merged.extract_inner(C::ROOT).map_err(into_error)?;
    config.resolve(environment).map_err(|(path, problem)| {
        let text = merged.find_value(path).ok().map(explain::text).unwrap_or_default();
        let secret = C::KEYS.iter().any(|key| key.path() == path && key.is_secret());
        let shown = if secret { value::MASK.to_owned() } else { value::mask_password(&text) };
        let place = format!("{path} is {shown:?} ({})", source(path));
        ConfigError::Value { place, problem }
    })?;
    // The masks stay in this time: these values are for reading.
    let values = nest(C::ROOT, Value::serialize(&config).map_err(into_error)?);
    let entries = explain::entries(C::KEYS, &values, source);
    Ok(Loaded { config, entries })
}

/// One value, or one block of values, from one source.
struct Layer<'a> {
    source: Cow<'static, str>,
    path: &'a str,
    value: Value,
}

impl<'a> Layer<'a> {
    fn new(source: impl Into<Cow<'static, str>>, path: &'a str, value: Value) -> Self {
        Self { source: source.into(), path, value }
    }
}

impl Provider for Layer<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let dict = nest(self.path, self.value.clone()).into_dict().unwrap_or_default();
        Ok(Map::from([(Profile::Default, dict)]))
    }
}

/// `config` as a tree of values in which the secrets are the secrets themselves, no masks.
fn value_of<C: Configuration>(config: &C) -> Result<Value, ConfigError> {
    let mut values = nest(C::ROOT, Value::serialize(config).map_err(into_error)?);
    for key in C::KEYS {
        if let Some(secret) = key.secret_of().and_then(|secret_of| secret_of(config)) {
            *at(&mut values, key.path())? = Value::from(secret.expose());
        }
        if let Some(reveal) = key.revealed() {
            *at(&mut values, key.path())? = Value::serialize(reveal(config)).map_err(into_error)?;
        }
    }
    Ok(values)
}

fn at<'v>(values: &'v mut Value, path: &str) -> Result<&'v mut Value, ConfigError> {
    path.split('.')
        .try_fold(values, |value, name| match value {
            Value::Dict(_, block) => block.get_mut(name).ok_or(name),
            _ => Err(name),
        })
        .map_err(|name| ConfigError::Merge { message: format!("there is no {name} in the configuration for {path}") })
}

/// The error for a `text` that `key` does not take; `before` says which variable or flag it was given by.
pub(super) fn refused<C>(key: &Key<C>, before: &str, text: &str, problem: TextError) -> ConfigError {
    let shown = if key.is_secret() { value::MASK.to_owned() } else { value::mask_password(text) };
    ConfigError::Value { place: format!("{before}{shown:?}"), problem }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn into_error(error: figment::Error) -> ConfigError {
    ConfigError::Merge { message: error.kind.to_string() }
}
