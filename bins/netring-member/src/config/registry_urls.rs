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
    fn new(urls: Vec<HttpUrl>) -> Result<Self, TextError> {
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

/// One of several URLs, whose mistakes have to say which it is.
struct Named(HttpUrl);

impl FromText for Named {
    fn from_text(text: &str) -> Result<Self, TextError> {
        HttpUrl::from_text(text)
            .map(Self)
            .map_err(|problem| TextError::new(format!("{:?}: {problem}", HttpUrl::mask_password(text))))
    }
}

impl FromText for RegistryUrls {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let several = text.contains(',') || text.trim_start().starts_with('[');
        if !several && !text.trim().is_empty() {
            return HttpUrl::from_text(text).map(|url| Self(vec![url]));
        }
        let urls: Vec<Named> = Vec::from_text(text)?;
        Self::new(urls.into_iter().map(|Named(url)| url).collect())
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
                let urls = texts.iter().map(|text| Named::from_text(text).map(|Named(url)| url));
                urls.collect::<Result<_, _>>().and_then(RegistryUrls::new).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}
