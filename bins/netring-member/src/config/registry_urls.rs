use netring_daemon::config::{FromText, HttpUrl, TextError};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use std::fmt;

/// The URLs of the registries of one ring, at least one. One is written as one text, several as a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegistryUrls(Vec<HttpUrl>);

impl RegistryUrls {
    /// The URLs that `texts` are, each once. `whole` is all that was written.
    fn new(texts: &[String], whole: &str) -> Result<Self, TextError> {
        let mut urls = Vec::new();
        for (at, text) in (1..).zip(texts) {
            let url = HttpUrl::from_text(text).map_err(|problem| refused(at, texts.len(), whole, &problem))?;
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        if urls.is_empty() {
            return Err(TextError::new("expected at least one URL, such as http://localhost:8756"));
        }
        Ok(Self(urls))
    }

    /// The URLs, in the order in which they were written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &HttpUrl> {
        self.0.iter()
    }
}

/// Says which URL it is that has the `problem`, without its text: that may be a part of a password with a comma in it.
fn refused(at: usize, count: usize, whole: &str, problem: &TextError) -> TextError {
    if count == 1 {
        return TextError::new(problem.to_string());
    }
    let ending = match (at % 10, at % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    let problem = if whole.contains('@') {
        "expected a URL such as http://localhost:8756; a comma inside a URL is written %2C".to_owned()
    } else {
        problem.to_string()
    };
    TextError::new(format!("the {at}{ending} of {count}: {problem}"))
}

/// An element of a list before it is looked at.
struct Element(String);

impl FromText for Element {
    fn from_text(text: &str) -> Result<Self, TextError> {
        Ok(Self(text.to_owned()))
    }
}

impl FromText for RegistryUrls {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let list = text.contains(',') || text.trim().is_empty() || text.trim_start().starts_with('[');
        let texts = if list { Vec::from_text(text)? } else { vec![Element(text.to_owned())] };
        Self::new(&texts.into_iter().map(|Element(text)| text).collect::<Vec<_>>(), text)
    }
}

impl Default for RegistryUrls {
    fn default() -> Self {
        Self::from_text("http://localhost:8756").expect("it is a URL")
    }
}

impl Serialize for RegistryUrls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [only] => only.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RegistryUrls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;

        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = RegistryUrls;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a URL or a list of URLs")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<RegistryUrls, E> {
                RegistryUrls::from_text(text).map_err(E::custom)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RegistryUrls, A::Error> {
                let texts = Vec::<String>::deserialize(SeqAccessDeserializer::new(list))?;
                RegistryUrls::new(&texts, &texts.concat()).map_err(A::Error::custom)
            }
            fn visit_unit<E: Error>(self) -> Result<RegistryUrls, E> {
                Err(E::custom("expected a value; leave the key out for its default"))
            }
            fn visit_none<E: Error>(self) -> Result<RegistryUrls, E> {
                self.visit_unit()
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}
