//! A page of which a part does not come: it says so.

use netring_testbed::{
    Daemon, Told,
    browser::{Page, Size},
    post,
};
use serde_json::json;

#[tokio::test]
async fn a_page_that_does_not_start_says_so() {
    let registry = Daemon::registry(&[]);
    let page = Page::open(registry.address(), "/", Size::DESKTOP).await;
    page.says("No member has joined as yet.").await;
    assert_eq!(page.count("#late").await, 0, "the page has taken its place");

    block(&page, &["*/assets/parts/app.js"]).await;
    page.reload().await;
    page.says("This page has not started. A part of it could not be loaded.").await;
    block(&page, &[]).await;
    page.click("#late a").await;
    page.says("No member has joined as yet.").await;
    page.finish_but(&["net::ERR_"]).await;
}

#[tokio::test]
async fn without_its_stream_the_page_says_so_and_asks_instead() {
    let ring = Told::start(&[("eu1-a", "eu1")]).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    block(&page, &["*/api/v1/stream*"]).await;
    page.reload().await;
    page.says("The stream of events cannot be had since ").await;
    let body = json!({"instance_id": "us1-a", "location": "us1", "ip": "10.1.0.1", "port": 8757});
    assert_eq!(post(ring.address(), "/register", &body).await.unwrap().status, 200);
    page.shows("[data-member=us1-a]").await;
    block(&page, &[]).await;
    page.hides(".banner").await;
    page.finish_but(&["net::ERR_"]).await;
}

/// Requests for these, and for no others, come to nothing from now on.
async fn block(page: &Page, urls: &[&str]) {
    page.command("Network.enable", json!({})).await;
    page.command("Network.setBlockedURLs", json!({"urls": urls})).await;
}
