use super::{Key, value};
use figment::value::{Num, Value};
use std::fmt::Write;

/// Comments begin at the same column, unless a line is longer than this.
const WIDEST: usize = 56;

/// One key of a configuration that was put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, from the file's top key down, with dots between. Of a block that is null, the block's own path.
    pub path: String,
    /// The value as YAML in one line, masked where it is a secret.
    pub value: String,
    /// `default`, `file member.yaml`, `environment variable NETRING_LOCATION` or `flag --port`.
    pub source: String,
}

/// Looks up every key of `keys` in `values`.
pub(super) fn entries<C>(keys: &[Key<C>], values: &Value, source: impl Fn(&str) -> String) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for key in keys {
        let (path, value) = leaf(values, key.path());
        // The first key of a null block stands for the block.
        if entries.last().is_none_or(|last| last.path != path) {
            entries.push(Entry { path: path.to_owned(), value: yaml_value(value), source: source(path) });
        }
    }
    entries
}

/// The value at `path`, or the null that stands above it.
fn leaf<'a, 'p>(values: &'a Value, path: &'p str) -> (&'p str, Option<&'a Value>) {
    let ends = path.match_indices('.').map(|(end, _)| end).chain([path.len()]);
    for end in ends {
        match values.find_ref(&path[..end]) {
            Some(Value::Dict(..)) => {}
            found => return (&path[..end], found),
        }
    }
    (path, None)
}

/// The entries as a YAML file.
pub(super) fn yaml(entries: &[Entry]) -> String {
    let mut lines = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for entry in entries {
        let mut blocks: Vec<&str> = entry.path.split('.').collect();
        let name = blocks.pop().unwrap_or_default();
        let shared = open.iter().zip(&blocks).take_while(|(a, b)| a == b).count();
        for (depth, block) in blocks.iter().enumerate().skip(shared) {
            lines.push((format!("{:width$}{block}:", "", width = 2 * depth), ""));
        }
        lines.push((format!("{:width$}{name}: {}", "", entry.value, width = 2 * blocks.len()), &entry.source));
        open = blocks;
    }
    let column = lines.iter().map(|(line, _)| line.chars().count()).filter(|&width| width <= WIDEST).max().unwrap_or(0);
    let mut text = String::new();
    for (line, source) in lines {
        let written = match source {
            "" => writeln!(text, "{line}"),
            source => writeln!(text, "{line:column$}  # {source}"),
        };
        written.expect("a String takes everything");
    }
    text
}

/// `text` without anything that would end a line or a comment early.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if ends_line(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// `text` with a mask in place of a password. A value that was taken and has one is a URL, and no name with an `@`.
fn shown(text: &str) -> String {
    if text.contains("://") { value::mask_password(text) } else { text.to_owned() }
}

/// A value as somebody wrote it: a text, or a number.
pub(super) fn text(value: Value) -> String {
    match value {
        Value::String(_, text) => text,
        Value::Num(_, number) => yaml_number(number),
        Value::Bool(_, yes) => yes.to_string(),
        _ => String::new(),
    }
}

fn yaml_value(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(_, text)) => yaml_text(&shown(text)),
        Some(Value::Array(_, elements)) => {
            let elements: Vec<String> = elements.iter().map(yaml_value_in_list).collect();
            format!("[{}]", elements.join(", "))
        }
        Some(Value::Bool(_, yes)) => yes.to_string(),
        Some(Value::Num(_, number)) => yaml_number(*number),
        Some(Value::Char(_, c)) => yaml_quoted(&c.to_string()),
        Some(Value::Dict(..) | Value::Empty(..)) | None => "null".to_owned(),
    }
}

fn yaml_value_in_list(value: &Value) -> String {
    match value {
        Value::String(_, text) => yaml_quoted(&shown(text)),
        Value::Dict(_, block) => {
            let fields: Vec<String> = block
                .iter()
                .map(|(name, value)| format!("{}: {}", yaml_text(name), yaml_value_in_list(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => yaml_value(Some(other)),
    }
}

fn yaml_number(number: Num) -> String {
    match (number.to_u128(), number.to_i128(), number.to_f64()) {
        (Some(number), ..) => number.to_string(),
        (None, Some(number), _) => number.to_string(),
        (None, None, Some(number)) => number.to_string(),
        (None, None, None) => "null".to_owned(),
    }
}

/// Plain where nothing in it means anything to YAML, quoted where something might.
fn yaml_text(text: &str) -> String {
    match serde_saphyr::to_string(&text) {
        Ok(plain) if plain.trim_end_matches('\n') == text && !text.contains(ends_line) => text.to_owned(),
        _ => yaml_quoted(text),
    }
}

/// Every JSON string is a double-quoted YAML scalar, once the characters that YAML does not print are escaped too.
fn yaml_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    for c in serde_json::Value::from(text).to_string().chars() {
        if ends_line(c) {
            write!(quoted, "\\u{:04x}", u32::from(c)).expect("a String takes everything");
        } else {
            quoted.push(c);
        }
    }
    quoted
}

/// Whether some reader takes `c` for the end of a line, or not at all.
fn ends_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}
