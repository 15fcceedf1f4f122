use super::Page;
use serde_json::json;

/// A key that is no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each has its name on the keyboard")]
pub enum Key {
    Tab,
    Enter,
    Escape,
    Space,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

impl Key {
    /// Its name, its text and its number, as the browser has them.
    fn names(self) -> (&'static str, &'static str, u32) {
        match self {
            Self::Tab => ("Tab", "", 9),
            Self::Enter => ("Enter", "\r", 13),
            Self::Escape => ("Escape", "", 27),
            Self::Space => (" ", " ", 32),
            Self::PageUp => ("PageUp", "", 33),
            Self::PageDown => ("PageDown", "", 34),
            Self::End => ("End", "", 35),
            Self::Home => ("Home", "", 36),
            Self::Left => ("ArrowLeft", "", 37),
            Self::Up => ("ArrowUp", "", 38),
            Self::Right => ("ArrowRight", "", 39),
            Self::Down => ("ArrowDown", "", 40),
        }
    }
}

impl Page {
    /// Presses `key` and lets it go.
    pub async fn press(&self, key: Key) {
        self.press_with(key, 0).await;
    }

    /// Presses `key` while Ctrl is held, and lets it go.
    pub async fn press_control(&self, key: Key) {
        self.press_with(key, 2).await;
    }

    async fn press_with(&self, key: Key, modifiers: u32) {
        let (name, text, code) = key.names();
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        let code_name = if name == " " { "Space" } else { name };
        for kind in [down, "keyUp"] {
            let mut event = json!({
                "type": kind, "key": name, "code": code_name, "windowsVirtualKeyCode": code, "modifiers": modifiers,
            });
            if kind == "keyDown" {
                event["text"] = json!(text);
            }
            self.command("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Types letters, one after the other, into what has the focus.
    pub async fn write(&self, text: &str) {
        for letter in text.chars() {
            let event = |kind: &str| json!({"type": kind, "key": letter.to_string(), "text": letter.to_string()});
            self.command("Input.dispatchKeyEvent", event("keyDown")).await;
            self.command("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": letter.to_string()})).await;
        }
    }
}
