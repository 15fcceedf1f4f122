//! Members that go, as the page shows it.

use crate::ring::Ring;
use netring_testbed::browser::{Page, Size};
use nix::sys::signal::Signal;

#[tokio::test]
async fn who_says_goodbye_turns_purple_and_who_is_killed_turns_red() {
    let mut ring = Ring::start(&[("eu1-a", "eu1"), ("eu1-b", "eu1"), ("us1-a", "us1")]).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    for id in ring.members.keys() {
        page.shows(&format!("[data-member={id}][data-status=online]")).await;
    }

    ring.members["eu1-b"].signal(Signal::SIGTERM);
    page.shows("[data-member=eu1-b][data-status=deregistered]").await;
    assert!(page.text("[data-member=eu1-b]").await.contains("left at "));
    assert_eq!(colour(&page, "eu1-b").await, page_colour(&page, "deregistered").await);
    let opacity = "getComputedStyle(document.querySelector('[data-member=eu1-b]')).opacity";
    assert!(page.script(&format!("return Number({opacity}) < 1"), &[]).await == true, "it is faded");

    // Dropped, it is killed.
    ring.members.remove("us1-a");
    page.shows("[data-member=us1-a][data-status=stale]").await;
    page.shows("[data-member=us1-a][data-status=offline]").await;
    assert_eq!(colour(&page, "us1-a").await, page_colour(&page, "offline").await);
    // Colour is not all that tells.
    assert!(page.text("[data-member=us1-a]").await.contains("offline"));
    page.finish().await;
}

async fn colour(page: &Page, id: &str) -> String {
    let script = format!("return getComputedStyle(document.querySelector('[data-member={id}]')).borderLeftColor");
    page.script(&script, &[]).await.as_str().unwrap().to_owned()
}

/// A colour of the theme, as the browser writes it.
async fn page_colour(page: &Page, name: &str) -> String {
    let script = format!(
        "const e = document.createElement('i'); e.style.color = 'var(--{name})'; document.body.append(e); \
         const c = getComputedStyle(e).color; e.remove(); return c"
    );
    page.script(&script, &[]).await.as_str().unwrap().to_owned()
}
