//! Where the output goes: a terminal that is drawn over in place, or a log that only grows.

use crate::view::text::{FAINT, paint};
use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant, SystemTime},
};
use terminal_size::{Height, Width, terminal_size_of};

/// A log gets a new frame at most this often.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

const HIDE_CURSOR: &str = "\x1b[?25l";
const SHOW_CURSOR: &str = "\x1b[?25h";
/// Lines that are too long are cut by the terminal: one that wraps would count as two.
const WRAP_OFF: &str = "\x1b[?7l";
const WRAP_ON: &str = "\x1b[?7h";
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

/// Standard output.
#[derive(Debug)]
pub(crate) struct Screen {
    colour: bool,
    live: bool,
    /// How many lines of the last frame stand above the cursor.
    drawn: usize,
    logged: Option<(u64, Instant)>,
}

impl Screen {
    pub(crate) fn stdout() -> Self {
        let stdout = io::stdout();
        let colour = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
        let live = stdout.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self { colour, live, drawn: 0, logged: None }
    }

    /// How wide the terminal is; a log is as wide as it has to be.
    pub(crate) fn width(&self) -> Option<usize> {
        self.live.then(|| terminal_size_of(io::stdout())).flatten().map(|(Width(width), _)| usize::from(width))
    }

    /// Whether what is shown can be drawn over.
    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// Prints `text`, to stay, in the place of what was drawn.
    pub(crate) fn replace(&mut self, text: &str) -> io::Result<()> {
        let over = if self.drawn > 0 { format!("\r\x1b[{}A{CLEAR_BELOW}", self.drawn) } else { String::new() };
        self.drawn = 0;
        write(&format!("{over}{}", self.coloured(text)))
    }

    /// Prints `text`, to stay.
    pub(crate) fn print(&mut self, text: &str) -> io::Result<()> {
        self.drawn = 0;
        write(&self.coloured(text))
    }

    /// Prints `text` as the last thing, below what was shown and the `^C` that a terminal may have put there.
    pub(crate) fn end(&mut self, text: &str) -> io::Result<()> {
        self.print(&format!("{}{text}", if self.live { "\n" } else { "" }))
    }

    /// Shows `text` in the place of what was shown before. A log gets it only where `fingerprint` is new.
    pub(crate) fn draw(&mut self, text: &str, fingerprint: u64) -> io::Result<()> {
        if self.live {
            let height = terminal_size_of(io::stdout()).map_or(usize::MAX, |(_, Height(height))| usize::from(height));
            let frame = frame(&self.coloured(text), self.drawn, height);
            self.drawn = frame.lines;
            return write(&frame.bytes);
        }
        let now = Instant::now();
        if self.logged.is_some_and(|(last, at)| last == fingerprint || now - at < LOG_INTERVAL) {
            return Ok(());
        }
        self.logged = Some((fingerprint, now));
        let time = humantime::format_rfc3339_seconds(SystemTime::now());
        write(&format!("{}\n", self.coloured(&format!("{}\n{text}", paint(FAINT, &format!("-- {time} --"))))))
    }

    fn coloured(&self, text: &str) -> String {
        if self.colour { text.to_owned() } else { anstream::adapter::strip_str(text).to_string() }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.live {
            // There is nobody to tell any more.
            let _ = write(SHOW_CURSOR);
        }
    }
}

struct Frame {
    bytes: String,
    lines: usize,
}

/// `text` over the `drawn` lines above the cursor. Lines for which the terminal has no room are left out: what has
/// scrolled away cannot be drawn over.
fn frame(text: &str, drawn: usize, height: usize) -> Frame {
    let mut lines: Vec<&str> = text.lines().collect();
    let room = height.saturating_sub(1).max(1);
    let cut = format!("  … {} more lines: make the terminal higher", (lines.len() + 1).saturating_sub(room));
    if lines.len() > room {
        lines.truncate(room - 1);
        lines.push(&cut);
    }
    let mut bytes = format!("{HIDE_CURSOR}{WRAP_OFF}\r");
    if drawn > 0 {
        bytes += &format!("\x1b[{}A", drawn.min(room));
    }
    for line in &lines {
        bytes += line;
        bytes += CLEAR_LINE;
        bytes += "\r\n";
    }
    bytes += CLEAR_BELOW;
    bytes += WRAP_ON;
    Frame { bytes, lines: lines.len() }
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_goes_over_the_last_one() {
        let first = frame("a\nb\n", 0, 24);
        assert_eq!((first.lines, first.bytes.contains('A')), (2, false));
        let second = frame("c\n", first.lines, 24);
        assert!(second.bytes.starts_with("\x1b[?25l\x1b[?7l\r\x1b[2Ac\x1b[K\r\n\x1b[J"), "{:?}", second.bytes);
    }

    #[test]
    fn a_frame_is_never_higher_than_the_terminal() {
        let text: String = (0..50).map(|i| format!("line {i}\n")).collect();
        let frame = frame(&text, 0, 10);
        assert_eq!(frame.lines, 9);
        assert!(frame.bytes.contains("line 7\x1b[K") && frame.bytes.contains("… 42 more lines"), "{:?}", frame.bytes);
    }
}
