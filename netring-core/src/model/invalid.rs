use std::borrow::Cow;

/// A value from outside that cannot be taken, with the reason in words a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {problem}")]
pub struct InvalidValue {
    what: &'static str,
    problem: Cow<'static, str>,
}

impl InvalidValue {
    pub(crate) fn new(what: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { what, problem: problem.into() }
    }
}

/// Checks text that ends up in labels, logs and pages: not empty, bounded, and nothing that changes how the
/// text around it reads (control characters, line separators, bidirectional overrides).
pub(crate) fn check_text(what: &'static str, text: &str, max_bytes: usize) -> Result<(), InvalidValue> {
    if text.trim().is_empty() {
        return Err(InvalidValue::new(what, "must not be empty"));
    }
    if text.len() > max_bytes {
        return Err(InvalidValue::new(
            what,
            format!("must have at most {max_bytes} bytes, this one has {}", text.len()),
        ));
    }
    match text.chars().find(|&c| changes_text_around(c)) {
        Some(c) => Err(InvalidValue::new(
            what,
            format!("must have no control characters, this one has U+{:04X}", u32::from(c)),
        )),
        None => Ok(()),
    }
}

pub(crate) fn changes_text_around(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}
