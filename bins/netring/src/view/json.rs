//! JSON that is safe to print.

use std::fmt::Write;

/// The same JSON, with what a terminal would obey written as an escape. Such characters stand in strings alone, or it would
/// be no JSON.
pub(crate) fn printable_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() && !c.is_ascii_whitespace() {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_the_same_json() {
        let json = "{\n\t\"a\": \"x\u{9b}2J\u{7f}é\"}";
        let printed = printable_json(json);
        assert_eq!(printed, "{\n\t\"a\": \"x\\u009b2J\\u007fé\"}");
        let parse = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(parse(&printed), parse(json));
    }
}
