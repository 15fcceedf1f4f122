use super::{chromedriver, http::Client};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{Capabilities, WebDriver};
use tokio::sync::{Semaphore, SemaphorePermit};

/// So many browsers at once: the machine has other things to do as well.
static PLACES: Semaphore = Semaphore::const_new(2);

/// What chromium needs to run without a screen and as root, and to leave the rest of the world alone.
const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    // It looks at nothing but our own page; and as root there is none to be had.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-proxy-server",
    // Whatever asks another host gets an error, which the end of the test finds on the console.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--window-size=1280,900",
];

/// A browser. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Session {
    // In this order: the browser ends before its profile is deleted, and its place is given to the next.
    pub(super) driver: WebDriver,
    _profile: TempDir,
    _place: SemaphorePermit<'static>,
}

impl Session {
    pub(super) async fn start() -> Self {
        let place = PLACES.acquire().await.expect("it is never closed");
        let profile = tempfile::Builder::new().prefix("netring-browser-").tempdir().expect("a folder for the profile");
        let user_data = format!("--user-data-dir={}", profile.path().display());
        let arguments: Vec<_> = ARGUMENTS.iter().copied().chain([user_data.as_str()]).collect();
        let mut capabilities = Capabilities::new();
        let mut set = |name: &str, value: Value| capabilities.set(name, value).expect("it is JSON");
        set("browserName", json!("chrome"));
        set(
            "goog:chromeOptions",
            json!({"args": arguments, "perfLoggingPrefs": {"enableNetwork": true, "enablePage": false}}),
        );
        set("goog:loggingPrefs", json!({"browser": "ALL", "performance": "ALL"}));
        let builder = WebDriver::builder(chromedriver::url(), capabilities).client(Client);
        let driver = builder.connect().await.unwrap_or_else(|error| panic!("chromium does not start: {error}"));
        Self { driver, _profile: profile, _place: place }
    }

    /// Asks chromium itself (<https://chromedevtools.github.io/devtools-protocol/>).
    pub(super) async fn command(&self, name: &str, parameters: Value) -> Value {
        let answer = self.driver.cdp().send_raw(name, parameters).await;
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}
