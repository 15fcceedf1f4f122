use super::{Asked, Said, session::Session};
use crate::PATIENCE;
use serde_json::{Value, json};
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often is looked whether it is so by now.
const POLL: Duration = Duration::from_millis(50);

/// How large a page is shown, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl Size {
    /// A screen on a desk.
    pub const DESKTOP: Self = Self { width: 1280, height: 800 };
    /// A small phone, upright.
    pub const PHONE: Self = Self { width: 360, height: 740 };
}

/// A page in a browser of its own. The browser ends when this is dropped, also by a panic.
#[derive(Debug)]
pub struct Page {
    pub(super) session: Session,
    pub(super) origin: String,
    pub(super) said: Mutex<Vec<Said>>,
    pub(super) asked: Mutex<Vec<Asked>>,
    pub(super) finished: bool,
}

impl Page {
    /// Starts a browser and opens `path` of `server` in it: `/`, `/#view=matrix`. It waits for its turn where there are
    /// two browsers already.
    ///
    /// # Panics
    /// Where there is no browser, or no page.
    pub async fn open(server: SocketAddr, path: &str, size: Size) -> Self {
        let origin = format!("http://{server}");
        let session = Session::start().await;
        let mut page = Self { session, origin, said: Mutex::default(), asked: Mutex::default(), finished: false };
        page.leave_the_start_page().await;
        page.resize(size).await;
        page.go(path).await;
        page
    }

    /// A new browser shows a page of its own, which asks the browser for what it is made of. That is none of the page's
    /// doing.
    async fn leave_the_start_page(&mut self) {
        self.session.driver.goto("about:blank").await.expect("the browser is there");
        self.said().await;
        self.asked().await;
        (self.said, self.asked) = (Mutex::default(), Mutex::default());
    }

    /// Goes to `path` of the same server. Where only what is behind its `#` differs, the page is not loaded anew.
    ///
    /// # Panics
    /// Where it cannot be had.
    pub async fn go(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        self.session.driver.goto(&url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Loads the page anew.
    ///
    /// # Panics
    /// Where it cannot be had.
    pub async fn reload(&self) {
        self.session.driver.refresh().await.expect("the page is there");
    }

    /// Shows it in another size, without anything around it.
    pub async fn resize(&self, size: Size) {
        let Size { width, height } = size;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// What the reader prefers, by its name in CSS: `prefers-reduced-motion`, `reduce`.
    pub async fn prefer(&self, feature: &str, value: &str) {
        let media = json!({"features": [{"name": feature, "value": value}]});
        self.command("Emulation.setEmulatedMedia", media).await;
    }

    /// The address it is at, without the origin.
    ///
    /// # Panics
    /// Where the browser has gone.
    pub async fn address(&self) -> String {
        let url = self.session.driver.current_url().await.expect("the browser is there").to_string();
        url.strip_prefix(&self.origin).map_or(url.clone(), str::to_owned)
    }

    /// Its title.
    ///
    /// # Panics
    /// Where the browser has gone.
    pub async fn title(&self) -> String {
        self.session.driver.title().await.expect("the browser is there")
    }

    /// Runs `script`, the body of a function whose arguments are `arguments[0]` and so on, and gives what it returns. A
    /// promise is waited for.
    ///
    /// # Panics
    /// Where it throws.
    pub async fn script(&self, script: &str, arguments: &[Value]) -> Value {
        let answer = self.session.driver.execute(script, arguments.to_vec()).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// Waits until the expression `condition` is true, as JavaScript has it, and gives what it is then.
    ///
    /// # Panics
    /// Where it is not within [`PATIENCE`]: says `what` was awaited, and what the page shows instead.
    pub async fn until(&self, what: &str, condition: &str) -> Value {
        let script = format!("const found = ({condition}); return found instanceof Node ? true : found");
        self.until_script(what, &script, &[]).await
    }

    pub(super) async fn until_script(&self, what: &str, script: &str, arguments: &[Value]) -> Value {
        let begun = Instant::now();
        loop {
            let found = self.script(script, arguments).await;
            if !matches!(found, Value::Null | Value::Bool(false)) && found != json!(0) && found != json!("") {
                return found;
            }
            if begun.elapsed() > PATIENCE {
                let shown = self.script("return document.body.innerText", &[]).await;
                let said = self.said().await;
                panic!("{what}: not within {PATIENCE:?}. The page shows:\n{shown}\nand said: {said:#?}");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Moves the mouse to a place on the screen.
    pub async fn hover_at(&self, x: f64, y: f64) {
        self.mouse("mouseMoved", "none", x, y).await;
    }

    /// Moves the mouse to a place on the screen and clicks there.
    pub async fn click_at(&self, x: f64, y: f64) {
        self.hover_at(x, y).await;
        self.mouse("mousePressed", "left", x, y).await;
        self.mouse("mouseReleased", "left", x, y).await;
    }

    /// Drags from one place on the screen to another.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        self.hover_at(from.0, from.1).await;
        self.mouse("mousePressed", "left", from.0, from.1).await;
        self.mouse("mouseMoved", "left", to.0, to.1).await;
        self.mouse("mouseReleased", "left", to.0, to.1).await;
    }

    /// Turns the wheel at a place on the screen; down is positive.
    pub async fn wheel(&self, x: f64, y: f64, by: f64) {
        let event = json!({"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": by});
        self.command("Input.dispatchMouseEvent", event).await;
    }

    async fn mouse(&self, kind: &str, button: &str, x: f64, y: f64) {
        let clicks = u8::from(kind == "mousePressed" || kind == "mouseReleased");
        let event = json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": clicks});
        self.command("Input.dispatchMouseEvent", event).await;
    }

    /// Asks the browser itself for something that has no function here
    /// (<https://chromedevtools.github.io/devtools-protocol/>).
    ///
    /// # Panics
    /// Where it cannot do it.
    pub async fn command(&self, name: &str, parameters: Value) -> Value {
        self.session.command(name, parameters).await
    }

    /// Writes what is on the screen to `file`, as PNG.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub async fn screenshot(&self, file: &Path) {
        let png = self.session.driver.screenshot_as_png().await.expect("the browser draws");
        fs::write(file, png).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// Everything on the console since the page was opened.
    ///
    /// # Panics
    /// Where the browser has gone.
    pub async fn said(&self) -> Vec<Said> {
        let new = self.session.driver.get_log("browser").await.expect("the browser is there");
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend(new.into_iter().map(Said::from_entry));
        said.clone()
    }

    /// Every request since the page was opened.
    ///
    /// # Panics
    /// Where the browser has gone.
    pub async fn asked(&self) -> Vec<Asked> {
        let new = self.session.driver.get_log("performance").await.expect("the browser is there");
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.extend(new.iter().filter_map(Asked::from_entry));
        asked.clone()
    }
}
