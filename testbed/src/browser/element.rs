use super::Page;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where something is on the screen, in CSS pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Rect {
    /// Of its left edge.
    pub x: f64,
    /// Of its upper edge.
    pub y: f64,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
}

impl Rect {
    /// Its middle.
    #[must_use]
    pub fn centre(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Whether all of it is inside `other`.
    #[must_use]
    pub fn is_inside(&self, other: &Self) -> bool {
        self.x >= other.x
            && self.y >= other.y
            && self.x + self.width <= other.x + other.width
            && self.y + self.height <= other.y + other.height
    }

    /// Whether it covers a part of `other`.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

/// Elements are found by CSS selectors, and all of these wait until there is one, so that a test does not have to.
impl Page {
    /// How many elements `selector` finds, now.
    pub async fn count(&self, selector: &str) -> u64 {
        let found = self.script("return document.querySelectorAll(arguments[0]).length", &[json!(selector)]).await;
        found.as_u64().unwrap_or_default()
    }

    /// The text of the first element that `selector` finds, as it is shown.
    pub async fn text(&self, selector: &str) -> String {
        let script = "const e = document.querySelector(arguments[0]); return e && [e.innerText]";
        let found = self.until_script(selector, script, &[json!(selector)]).await;
        found[0].as_str().unwrap_or_default().to_owned()
    }

    /// The texts of all elements that `selector` finds, now.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)";
        let found = self.script(script, &[json!(selector)]).await;
        found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// An attribute of the first element that `selector` finds.
    pub async fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let script = "const e = document.querySelector(arguments[0]); return e && [e.getAttribute(arguments[1])]";
        let found = self.until_script(selector, script, &[json!(selector), json!(name)]).await;
        found[0].as_str().map(str::to_owned)
    }

    /// Where the first element that `selector` finds is, once it has any size.
    ///
    /// # Panics
    /// Where there is none in time.
    pub async fn rect(&self, selector: &str) -> Rect {
        let script = "const e = document.querySelector(arguments[0]); const r = e && e.getBoundingClientRect(); \
                      return r && r.width && {x: r.x, y: r.y, width: r.width, height: r.height}";
        let found = self.until_script(selector, script, &[json!(selector)]).await;
        serde_json::from_value(found).expect("four numbers")
    }

    /// Waits until `selector` finds something.
    pub async fn shows(&self, selector: &str) {
        self.until_script(selector, "return !!document.querySelector(arguments[0])", &[json!(selector)]).await;
    }

    /// Waits until `selector` finds nothing more.
    pub async fn hides(&self, selector: &str) {
        let script = "return !document.querySelector(arguments[0])";
        self.until_script(&format!("no {selector}"), script, &[json!(selector)]).await;
    }

    /// Waits until the page shows `text` somewhere.
    pub async fn says(&self, text: &str) {
        self.until_script(text, "return document.body.innerText.includes(arguments[0])", &[json!(text)]).await;
    }

    /// Moves the mouse over the middle of the first element that `selector` finds, and scrolls there first.
    pub async fn hover(&self, selector: &str) {
        let (x, y) = self.reach(selector).await;
        self.hover_at(x, y).await;
    }

    /// Clicks at the middle of the first element that `selector` finds, and scrolls there first.
    pub async fn click(&self, selector: &str) {
        let (x, y) = self.reach(selector).await;
        self.click_at(x, y).await;
    }

    /// Puts `text` in the place of what the first element that `selector` finds has in it.
    pub async fn fill(&self, selector: &str, text: &str) {
        self.shows(selector).await;
        let script = "const e = document.querySelector(arguments[0]); e.focus(); e.select && e.select()";
        self.script(script, &[json!(selector)]).await;
        self.command("Input.insertText", json!({"text": text})).await;
    }

    /// Takes the option `value` of the `<select>` that `selector` finds.
    pub async fn choose(&self, selector: &str, value: &str) {
        let script = "const e = document.querySelector(arguments[0]); \
                      if (!e || ![...e.options].some(o => o.value === arguments[1])) return false; \
                      e.value = arguments[1]; \
                      e.dispatchEvent(new Event('input', {bubbles: true})); \
                      e.dispatchEvent(new Event('change', {bubbles: true})); return true";
        self.until_script(&format!("{selector}: {value}"), script, &[json!(selector), json!(value)]).await;
    }

    async fn reach(&self, selector: &str) -> (f64, f64) {
        self.shows(selector).await;
        let script = "document.querySelector(arguments[0])?.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'})";
        self.script(script, &[json!(selector)]).await;
        self.rect(selector).await.centre()
    }
}
