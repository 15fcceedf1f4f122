use super::{ConfigError, Configuration, present::Present, value};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, Visitor},
};
use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter, options::NonFiniteFloatPolicy};
use std::{borrow::Cow, fmt, fs::File, io, io::Read, marker::PhantomData, path::Path};

/// Most bytes of a file that are taken. It bounds what a wrong path (a device, a log) can cost.
const MAX_BYTES: u64 = 1 << 20;

/// Reads the file at `path`: the configuration with defaults where the file says nothing, and the paths of the keys
/// that it does set.
pub(super) fn read<C: Configuration>(path: &Path) -> Result<(C, Vec<String>), ConfigError> {
    let text = read_text(path)?;
    let parsed = serde_saphyr::from_str::<Option<Top<C>>>(&text).and_then(|top| {
        let mut present = Vec::new();
        if top.is_some() {
            // Values are passed over here, also those that would be no number.
            let options = serde_saphyr::options! { non_finite_float_policy: NonFiniteFloatPolicy::PassThrough };
            serde_saphyr::with_deserializer_from_str_with_options(&text, options, |deserializer| {
                Present::<C>::into(&mut present).deserialize(deserializer)
            })?;
        }
        Ok((top.and_then(|top| top.0).unwrap_or_default(), present))
    });
    parsed.map_err(|error| ConfigError::Yaml { message: describe::<C>(error, path) })
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => ConfigError::NotThere { path: path.to_owned() },
        _ => ConfigError::Unreadable { path: path.to_owned(), cause },
    };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ConfigError::TooLarge { path: path.to_owned(), most: MAX_BYTES });
    }
    String::from_utf8(bytes).map_err(|error| {
        unreadable(io::Error::new(io::ErrorKind::InvalidData, format!("it is not UTF-8: {}", error.utf8_error())))
    })
}

/// The whole file: a mapping with the one key [`Configuration::ROOT`].
struct Top<C>(Option<C>);

impl<C: Configuration> Top<C> {
    const FIELDS: &'static [&'static str] = &[C::ROOT];
}

impl<'de, C: Configuration> Deserialize<'de> for Top<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<C>(PhantomData<C>);

        impl<'de, C: Configuration> Visitor<'de> for Fields<C> {
            type Value = Top<C>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "the key `{}`", C::ROOT)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top<C>, A::Error> {
                let mut config = None;
                while let Some(name) = map.next_key::<String>()? {
                    if name != C::ROOT {
                        return Err(A::Error::unknown_field(&name, Top::<C>::FIELDS));
                    }
                    config = map.next_value()?;
                }
                Ok(Top(config))
            }
        }

        deserializer.deserialize_struct("Top", Self::FIELDS, Fields(PhantomData))
    }
}

/// Says what is wrong and where, and shows the line. The parser would show the lines around it as well; they may hold a
/// password, and so may the line itself, hence the mask.
fn describe<C: Configuration>(mut error: Error, path: &Path) -> String {
    let hidden = hidden_keys::<C>(error.without_snippet());
    if let Error::WithSnippet { regions, .. } = &mut error {
        for region in regions {
            let line = usize::try_from(region.location.line()).unwrap_or(usize::MAX);
            if let Some(shown) = region.text.lines().nth(line.saturating_sub(region.start_line)) {
                region.text = mask_line(shown, &hidden);
                region.start_line = line;
                region.end_line = line;
            }
        }
    }
    let name = path.display().to_string();
    let rendered = error.render_with_options(serde_saphyr::render_options! {
        formatter: &Plain,
        source_name: Some(&name),
    });
    // The place stands in the line below anyway, with the name of the file.
    match rendered.strip_prefix("error: line ").and_then(|rest| rest.split_once(": ")) {
        Some((place, rest)) if place.len() < 40 => rest.to_owned(),
        _ => rendered,
    }
}

/// The names of the keys whose values are not shown: the secrets, and what may be the misspelt name of one.
fn hidden_keys<C: Configuration>(error: &Error) -> Vec<String> {
    let secrets = C::KEYS.iter().filter(|key| key.secret_of().is_some());
    let mut names: Vec<String> = secrets.filter_map(|key| Some(key.path().rsplit('.').next()?.to_owned())).collect();
    if let Error::SerdeUnknownField { field, expected, .. } = error
        && expected.iter().any(|name| names.iter().any(|secret| secret == name))
    {
        names.push(field.clone());
    }
    names
}

/// Masks character by character, so that the caret stays under its place.
fn mask_line(line: &str, hidden: &[String]) -> String {
    let values = hidden.iter().filter_map(|name| {
        let after = line.find(name)? + name.len();
        Some(after + line[after..].find(':')? + 1..line.len())
    });
    let masked: Vec<_> = values.chain(value::passwords(line)).collect();
    let mask = |(at, c): (usize, char)| {
        if masked.iter().any(|range| range.contains(&at)) && !c.is_whitespace() { '*' } else { c }
    };
    line.char_indices().map(mask).collect()
}

/// The parser's messages in the words of somebody who writes the file rather than a deserializer.
struct Plain;

impl MessageFormatter for Plain {
    fn format_message<'a>(&self, error: &'a Error) -> Cow<'a, str> {
        match error {
            Error::Unexpected { expected: "mapping start", .. } => "expected a block of keys, such as `port: 8756`",
            Error::Unexpected { expected: "sequence start", .. } => "expected a list, such as [a, b]",
            Error::Unexpected { expected: "string scalar", .. } => "expected a single value",
            Error::NullIntoString { .. } => "expected a value; leave the key out for its default",
            Error::MultipleDocuments { .. } => "expected the end of the file, only one document is taken",
            Error::SerdeUnknownField { field, expected, .. } => {
                return format!("there is no key `{field}` here, only {}", expected.join(", ")).into();
            }
            _ => return UserMessageFormatter.format_message(error),
        }
        .into()
    }
}
