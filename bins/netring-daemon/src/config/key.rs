use super::{FromText, Secret, TextError};
use figment::value::Value;
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

type Parse = fn(&str) -> Result<Value, TextError>;

/// One line of a daemon's table of keys: where the key stands in the file, and by which variables and which flag it is
/// set as well.
pub struct Key<C: 'static> {
    path: &'static str,
    parse: Parse,
    variables: &'static [&'static str],
    more_variables: Option<(&'static [&'static str], Parse)>,
    flag: Option<&'static str>,
    secret: Option<SecretOf<C>>,
    revealed: Option<Revealed<C>>,
}

/// Finds the secret of one key in a configuration. A [`Secret`] serialises as a mask, so this is the only way to it.
pub(super) type SecretOf<C> = fn(&C) -> Option<&Secret>;
/// Gives a value with the secrets in it, which serialises with masks in their place.
pub(super) type Revealed<C> = fn(&C) -> serde_json::Value;

impl<C> Key<C> {
    /// A key at `path`, from the file's top key down (`member.server.port`), whose texts are read as a `T`.
    #[must_use]
    pub const fn new<T: FromText + Serialize>(path: &'static str) -> Self {
        Self { path, parse: parse::<T>, variables: &[], more_variables: None, flag: None, secret: None, revealed: None }
    }

    /// A key whose value is never shown; `get` finds it in a configuration.
    #[must_use]
    pub const fn secret(path: &'static str, get: fn(&C) -> Option<&Secret>) -> Self {
        Self {
            path,
            parse: |text| Ok(Value::from(text)),
            variables: &[],
            more_variables: None,
            flag: None,
            secret: Some(get),
            revealed: None,
        }
    }

    /// A key whose value has secrets in it, and serialises with masks in their place; `reveal` gives it as it is. Its texts are
    /// read as a `T`, and shown nowhere.
    #[must_use]
    pub const fn with_secrets<T: FromText>(path: &'static str, reveal: fn(&C) -> serde_json::Value) -> Self {
        Self {
            path,
            parse: |text| T::from_text(text).map(|_| Value::from(text)),
            variables: &[],
            more_variables: None,
            flag: None,
            secret: None,
            revealed: Some(reveal),
        }
    }

    /// Is set by the environment variables `names`. The first that is set and not empty wins.
    #[must_use]
    pub const fn variables(self, names: &'static [&'static str]) -> Self {
        Self { variables: names, ..self }
    }

    /// Is set by the environment variables `names` too, where none of [`Key::variables`] is set, and they take what a
    /// `T` takes.
    #[must_use]
    pub const fn more_variables<T: FromText + Serialize>(self, names: &'static [&'static str]) -> Self {
        Self { more_variables: Some((names, parse::<T>)), ..self }
    }

    /// Is set by the command-line flag `name`, with its dashes: `--port`.
    #[must_use]
    pub const fn flag(self, name: &'static str) -> Self {
        Self { flag: Some(name), ..self }
    }

    /// Where the key stands in the file, from the top key down, with dots between.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The names of all variables that set the key, the strongest first.
    pub fn variable_names(&self) -> impl Iterator<Item = &'static str> {
        let more = self.more_variables.map_or(&[][..], |(names, _)| names);
        self.variables.iter().chain(more).copied()
    }

    /// The name of the flag that sets the key.
    #[must_use]
    pub const fn flag_name(&self) -> Option<&'static str> {
        self.flag
    }

    pub(super) const fn secret_of(&self) -> Option<SecretOf<C>> {
        self.secret
    }

    pub(super) const fn revealed(&self) -> Option<Revealed<C>> {
        self.revealed
    }

    /// Whether a text for the key is to be shown as a mask.
    pub(super) const fn is_secret(&self) -> bool {
        self.secret.is_some() || self.revealed.is_some()
    }

    pub(super) fn parse(&self, text: &str) -> Result<Value, TextError> {
        (self.parse)(text)
    }

    /// The variable that counts in `environment`: its name, its text and what the text means.
    pub(super) fn in_environment<'e>(
        &self,
        environment: &'e BTreeMap<String, String>,
    ) -> Option<(&'static str, &'e str, Result<Value, TextError>)> {
        let (more, parse_more) = self.more_variables.unwrap_or((&[], self.parse));
        let all =
            self.variables.iter().map(|name| (name, self.parse)).chain(more.iter().map(|name| (name, parse_more)));
        all.filter_map(|(&name, parse)| Some((name, environment.get(name)?, parse)))
            .find(|(_, text, _)| !text.is_empty())
            .map(|(name, text, parse)| (name, text.as_str(), parse(text)))
    }
}

fn parse<T: FromText + Serialize>(text: &str) -> Result<Value, TextError> {
    Value::serialize(T::from_text(text)?).map_err(|error| TextError::new(error.to_string()))
}

impl<C> fmt::Debug for Key<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("path", &self.path)
            .field("variables", &self.variable_names().collect::<Vec<_>>())
            .field("flag", &self.flag)
            .field("secret", &self.is_secret())
            .finish_non_exhaustive()
    }
}
