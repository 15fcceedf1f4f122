//! What is said of a mistake in a YAML file.

use super::{Configuration, Key, value};
use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter};
use std::{borrow::Cow, path::Path};

/// Says what is wrong and where, and shows the line. The parser would show the lines around it as well; they may hold a
/// password, and so may the line itself, hence the mask.
pub(super) fn describe(mut error: Error, path: &Path, text: &str, hidden: &Hidden) -> String {
    let names = hidden.names(error.without_snippet());
    if let Error::WithSnippet { regions, .. } = &mut error {
        for region in regions {
            let line = usize::try_from(region.location.line()).unwrap_or(usize::MAX);
            if let Some(shown) = region.text.lines().nth(line.saturating_sub(region.start_line)) {
                let inside = text.lines().take(line).any(|line| hidden.blocks.iter().any(|block| line.contains(block)));
                region.text = if inside { mask_values(shown) } else { mask_line(shown, &names) };
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

/// What of a file is not shown.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    /// Keys whose values are secrets.
    keys: Vec<String>,
    /// Keys whose values have secrets in them. No value is shown from such a key to the end of the file: while there is a
    /// mistake, nobody can tell where the key's own value ends.
    blocks: Vec<&'static str>,
}

impl Hidden {
    /// What a daemon's table of keys says is not to be shown.
    pub(super) fn of<C: Configuration>() -> Self {
        let last = |key: &Key<C>| key.path().rsplit('.').next().unwrap_or_default();
        Self {
            keys: C::KEYS.iter().filter(|key| key.secret_of().is_some()).map(|key| last(key).to_owned()).collect(),
            blocks: C::KEYS.iter().filter(|key| key.revealed().is_some()).map(last).collect(),
        }
    }

    /// The names of the keys whose values are not shown: the secrets, and what may be the misspelt name of one.
    fn names(&self, error: &Error) -> Vec<String> {
        let mut names = self.keys.clone();
        if let Error::SerdeUnknownField { field, expected, .. } = error
            && expected.iter().any(|name| names.iter().any(|secret| secret == name))
        {
            names.push(field.clone());
        }
        names
    }
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

/// Masks all behind the first colon, or the whole line where there is none.
fn mask_values(line: &str) -> String {
    let start = line.find(": ").map_or(0, |colon| colon + 1);
    let mask = |(at, c): (usize, char)| if at >= start && !c.is_whitespace() { '*' } else { c };
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
