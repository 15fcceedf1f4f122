//! Text of strangers in a picture.

use std::fmt;

/// `text` as it stands in XML, between tags and in quoted attributes. What XML has no place for becomes U+FFFD.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(c)?,
                c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => f.write_char('\u{FFFD}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// About how wide `text` is in a font of this size, in pixels: wide characters (of East Asia, and pictures) take twice the room.
/// The picture has no font of its own, so that it is on the safe side.
pub(super) fn width(text: &str, font_size: f64) -> f64 {
    let ems: f64 = text.chars().map(|c| if c < '\u{1100}' { 0.62 } else { 1.05 }).sum();
    ems * font_size
}

/// At most so many characters of `text`; where it is longer, its beginning and its end.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let end = most / 3;
    let begin = most.saturating_sub(end + 1);
    text.chars().take(begin).chain(['…']).chain(text.chars().skip(count - end)).collect()
}
