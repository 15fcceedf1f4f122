use super::{Configuration, Key};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::{fmt, marker::PhantomData};

/// Collects the paths of the keys that a file sets, which a typed configuration cannot tell: there, a key that was left
/// out looks like one that was set to its default. A block that is null or empty counts as a key of its own.
pub(super) struct Present<'p, C: 'static> {
    path: String,
    found: &'p mut Vec<String>,
    of: PhantomData<C>,
}

impl<'p, C> Present<'p, C> {
    pub(super) fn into(found: &'p mut Vec<String>) -> Self {
        Self::at(String::new(), found)
    }

    fn at(path: String, found: &'p mut Vec<String>) -> Self {
        Self { path, found, of: PhantomData }
    }
}

impl<'de, C: Configuration> DeserializeSeed<'de> for Present<'_, C> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if C::KEYS.iter().any(|key: &Key<C>| key.path() == self.path) {
            self.found.push(self.path);
            deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ())
        } else {
            deserializer.deserialize_option(self)
        }
    }
}

impl<'de, C: Configuration> Visitor<'de> for Present<'_, C> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a block of keys")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.found.push(self.path);
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut empty = true;
        while let Some(name) = map.next_key::<String>()? {
            empty = false;
            let path = if self.path.is_empty() { name } else { format!("{}.{name}", self.path) };
            map.next_value_seed(Present::<C>::at(path, self.found))?;
        }
        if empty {
            self.found.push(self.path);
        }
        Ok(())
    }
}
