//! A real browser, to look at the page of a registry as a person does: Debian's chromium, driven by its chromedriver.
//!
//! One chromedriver serves all tests of a program; each [`Page`] has a browser of its own, with a profile of its own. Tests
//! may run at once, but there are at most two browsers at a time: more would only slow each other down. A test ends with
//! [`Page::finish`], which fails where the page put an error or a warning on the console, or asked another host for
//! anything.
//!
//! ```no_run
//! # use netring_testbed::{Daemon, browser::{Page, Size}};
//! # async fn test() {
//! let registry = Daemon::registry(&[]);
//! let page = Page::open(registry.address(), "/#view=matrix", Size::DESKTOP).await;
//! page.until("the matrix", "document.querySelector('canvas')").await;
//! page.finish().await;
//! # }
//! ```

mod chromedriver;
mod element;
mod http;
mod judge;
mod keys;
mod page;
mod record;
mod session;

pub use element::Rect;
pub use keys::Key;
pub use page::{Page, Size};
pub use record::{Asked, Said};
