//! A small phone, and what people set in their systems.

use netring_testbed::{
    Told,
    browser::{Page, Size},
};
use serde_json::json;

#[tokio::test]
async fn every_view_fits_a_phone() {
    let long = format!("a-location-with-a-name-{}", "of-some-length-".repeat(6));
    let ring = Told::start(&[("eu1-a", "eu1"), ("us1-a", "us1"), ("long-a", &long)]).await;
    ring.report(|_, target| (target != "long-a").then_some(10.0)).await;
    let page = Page::open(ring.address(), "/", Size::PHONE).await;
    for address in [
        "view=ring",
        "view=matrix",
        "view=matrix&by=location",
        "view=topology",
        "view=events",
        "view=expected",
        "source=eu1-a&target=long-a",
        "member=long-a",
    ] {
        page.go(&format!("/#{address}")).await;
        page.until("something", "document.querySelector('main')?.innerText.length > 20").await;
        let widths = page
            .script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth", &[])
            .await;
        assert_eq!(widths, json!(true), "{address}: nothing is wider than the screen");
        let outside = "return [...document.querySelectorAll('nav a, button')].filter(e => e.offsetParent && \
            (r => r.width && (r.left < -1 || r.right > innerWidth + 1))(e.getBoundingClientRect()) && !e.closest('.scroll')).map(e => e.outerHTML)";
        assert_eq!(page.script(outside, &[]).await, json!([]), "{address}: every control can be reached");
    }
    page.finish().await;
}

#[tokio::test]
async fn who_wants_no_motion_gets_none() {
    let ring = Told::start(&[("eu1-a", "eu1"), ("us1-a", "us1")]).await;
    ring.report(|_, _| Some(10.0)).await;
    let page = Page::open(ring.address(), "/#member=eu1-a", Size::DESKTOP).await;
    let animation = "getComputedStyle(document.querySelector('.side')).animationName";
    page.shows(".side").await;
    assert_eq!(page.script(&format!("return {animation}"), &[]).await, "slide");
    page.prefer("prefers-reduced-motion", "reduce").await;
    assert_eq!(page.script(&format!("return {animation}"), &[]).await, "none");
    page.finish().await;
}
