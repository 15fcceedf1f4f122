//! Text that is safe to print, as wide as it may be, in columns.

use anstyle::{AnsiColor, Color, Style};
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = colour(AnsiColor::Green);
pub(crate) const WARN: Style = colour(AnsiColor::Yellow);
pub(crate) const BAD: Style = colour(AnsiColor::Red).bold();
pub(crate) const UNSURE: Style = colour(AnsiColor::Cyan);

/// `text` in `style`.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// `text` without anything that a terminal would obey, or that changes how the text around it reads. Ids and locations
/// cannot have such characters; what a registry says in words can.
pub(crate) fn printable(text: &str) -> String {
    let obeyed = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    text.replace(obeyed, "\u{FFFD}")
}

/// `text` in at most `width` columns. What is too long loses its middle: ids often differ only at their ends.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let tail_width = width.saturating_sub(1) / 2;
    let head_width = width.saturating_sub(1) - tail_width;
    let fitting = |chars: &mut dyn Iterator<Item = char>, width: usize| -> Vec<char> {
        let mut used = 0;
        chars
            .take_while(|c| {
                used += c.width().unwrap_or(0);
                used <= width
            })
            .collect()
    };
    let head: String = fitting(&mut text.chars(), head_width).iter().collect();
    let tail: String = fitting(&mut text.chars().rev(), tail_width).iter().rev().collect();
    format!("{head}…{tail}")
}

/// One field of a line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) style: Style,
    /// Numbers stand at the right of their column.
    right: bool,
}

impl Cell {
    pub(crate) fn new(style: Style, text: impl Into<String>) -> Self {
        Self { text: text.into(), style, right: false }
    }

    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(PLAIN, text)
    }

    /// The same, at the right of its column.
    pub(crate) fn right(self) -> Self {
        Self { right: true, ..self }
    }
}

/// Lines whose fields stand in columns, two spaces from the left and three apart.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    lines: Vec<Vec<Cell>>,
    /// Columns from `first` on are at least `least` wide.
    first: usize,
    least: usize,
}

const INDENT: usize = 2;
const GAP: usize = 3;

impl Columns {
    /// Columns of which those from `first` on are at least `width` wide.
    pub(crate) fn at_least(width: usize, first: usize) -> Self {
        Self { first, least: width, ..Self::default() }
    }

    pub(crate) fn heading(&mut self, words: &[&str]) {
        self.line(words.iter().map(|word| Cell::new(FAINT, *word)).collect());
    }

    pub(crate) fn line(&mut self, cells: Vec<Cell>) {
        self.lines.push(cells);
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.lines.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| self.lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.text.width()).max();
        let least = |column| if column < self.first { 0 } else { self.least };
        (0..columns).map(|column| width(column).unwrap_or(0).max(least(column))).collect()
    }

    /// How many columns of the terminal it takes.
    pub(crate) fn width(&self) -> usize {
        let widths = self.widths();
        INDENT + widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
    }

    /// The lines, each with a line break at its end and no space before it.
    pub(crate) fn write(&self, out: &mut String) {
        let widths = self.widths();
        for line in &self.lines {
            let mut owed = INDENT;
            for (cell, width) in line.iter().zip(&widths) {
                let rest = width - cell.text.width();
                if cell.text.is_empty() {
                    owed += rest + GAP;
                    continue;
                }
                let (before, after) = if cell.right { (owed + rest, 0) } else { (owed, rest) };
                // Writing to a `String` cannot fail.
                let _ = write!(out, "{:before$}{}", "", paint(cell.style, &cell.text));
                owed = after + GAP;
            }
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_keep_both_ends() {
        for (text, width, expected) in [
            ("eu1-a", 10, "eu1-a"),
            ("node-exporter-01", 9, "node…r-01"),
            ("node-exporter-01", 8, "node…-01"),
            ("東京データセンター", 9, "東京…ター"),
            ("東京データセンター", 8, "東京…ー"),
            ("abc", 1, "…"),
        ] {
            let short = shorten(text, width);
            assert_eq!(short, expected, "{text} in {width}");
            assert!(short.width() <= width);
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed() {
        assert_eq!(printable("a\u{1b}[2Jb\u{9b}c\td\u{202e}e\nf"), "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d\u{FFFD}e\nf");
        assert_eq!(printable("Zürich 東京"), "Zürich 東京");
    }

    #[test]
    fn numbers_end_below_each_other() {
        let mut columns = Columns::default();
        columns.line(vec![Cell::plain("a"), Cell::plain("12").right(), Cell::plain("x")]);
        columns.line(vec![Cell::plain("b"), Cell::plain("1024").right(), Cell::plain("y").right()]);
        columns.line(vec![Cell::plain("c"), Cell::plain("").right(), Cell::plain("z")]);
        let mut out = String::new();
        columns.write(&mut out);
        assert_eq!(anstream::adapter::strip_str(&out).to_string(), "  a     12   x\n  b   1024   y\n  c          z\n");
    }

    #[test]
    fn columns_are_as_wide_as_what_is_seen() {
        let mut columns = Columns::default();
        columns.line(["東京", "", "x"].map(Cell::plain).to_vec());
        columns.line(vec![Cell::new(BAD, "a"), Cell::plain("bb"), Cell::plain("c")]);
        columns.line(vec![Cell::plain("short")]);
        let mut out = String::new();
        columns.write(&mut out);
        let plain = anstream::adapter::strip_str(&out).to_string();
        assert_eq!(plain, "  東京         x\n  a       bb   c\n  short\n");
        assert_eq!(columns.width(), 2 + 5 + 3 + 2 + 3 + 1);
        assert!(out.contains("\u{1b}[31m"), "{out:?}");
    }
}
