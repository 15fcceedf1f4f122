//! A registry that is gone for a while.

use netring_testbed::{
    Daemon, ReservedPort,
    browser::{Page, Size},
};

use crate::ring::member;

#[tokio::test]
async fn without_its_registry_the_page_says_since_when_and_keeps_what_it_knew() {
    let port = ReservedPort::new().unwrap();
    let start = || {
        let port = port.port().to_string();
        Daemon::start("netring-registry", &["--host", "127.0.0.1", "--port", &port], &[])
    };
    let registry = start();
    let _members = [member(registry.address(), "eu1-a", "eu1"), member(registry.address(), "us1-a", "us1")];
    let page = Page::open(registry.address(), "/", Size::DESKTOP).await;
    page.until("the ring", "document.querySelectorAll('#connections tr[data-state=up]').length === 2").await;
    page.hides(".banner").await;

    drop(registry);
    page.shows(".banner [role=alert]").await;
    let banner = page.text(".banner").await;
    assert!(banner.contains("cannot be reached since ") && banner.contains("What you see is from "), "{banner}");
    page.shows(".old").await;
    assert_eq!(page.count("#connections tr[data-state=up]").await, 2, "what was known last stays");
    page.says("old").await;

    let _registry = start();
    page.hides(".banner").await;
    page.hides(".old").await;
    page.until("the ring again", "document.querySelectorAll('.card[data-status=online]').length === 2").await;
    // What a browser says of connections that fail, and nothing else.
    page.finish_but(&["net::ERR_"]).await;
}
