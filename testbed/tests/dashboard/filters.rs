//! What each filter leaves, of a ring whose reports are known.

use crate::ring::connections;
use netring_testbed::{
    Told,
    browser::{Page, Size},
    post,
};
use serde_json::json;

const MEMBERS: [(&str, &str); 4] = [("asia1-a", "asia1"), ("eu1-a", "eu1"), ("eu1-b", "eu1"), ("us1-a", "us1")];

/// 1 ms within Europe, 80 ms between Europe and America, 200 ms to Asia; `us1-a` reaches nobody in Asia.
fn round_trip(source: &str, target: &str) -> Option<f64> {
    match (source, target) {
        ("us1-a", "asia1-a") => None,
        (source, target) if source.starts_with("asia1") || target.starts_with("asia1") => Some(200.0),
        (source, target) if source.starts_with("eu1") && target.starts_with("eu1") => Some(1.0),
        _ => Some(80.0),
    }
}

async fn told() -> Told {
    let told = Told::start(&MEMBERS).await;
    told.report(round_trip).await;
    told
}

#[tokio::test]
async fn locations_latency_and_failures_each_leave_their_pairs() {
    let ring = told().await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    let all = connections(&page, 12).await;
    assert_eq!(all[0], "us1-a>asia1-a down", "the worst is first: {all:?}");

    page.choose("#filter-from", "eu1").await;
    assert!(connections(&page, 6).await.iter().all(|row| row.starts_with("eu1")));
    page.choose("#filter-to", "us1").await;
    assert_eq!(connections(&page, 2).await, ["eu1-a>us1-a up", "eu1-b>us1-a up"]);
    page.click("#clear").await;
    connections(&page, 12).await;

    set(&page, "#filter-above", "100").await;
    // The pair that is down has no latency.
    assert!(connections(&page, 5).await.iter().all(|row| row.contains("asia1")));
    set(&page, "#filter-above", "").await;
    set(&page, "#filter-below", "79.5").await;
    assert_eq!(connections(&page, 2).await, ["eu1-a>eu1-b up", "eu1-b>eu1-a up"]);
    set(&page, "#filter-above", "2").await;
    page.says("The filters leave no pair.").await;
    page.click("#clear").await;

    page.click("#filter-failures").await;
    assert_eq!(connections(&page, 1).await, ["us1-a>asia1-a down"]);
    page.until("the filter in the address", "location.hash.includes('failures=1')").await;
    page.reload().await;
    assert_eq!(connections(&page, 1).await, ["us1-a>asia1-a down"]);
    page.finish().await;
}

/// As a person does who leaves the field.
async fn set(page: &Page, field: &str, value: &str) {
    page.fill(field, "x").await;
    let script = "const e = document.querySelector(arguments[0]); e.value = arguments[1]; \
                  e.dispatchEvent(new Event('change', {bubbles: true}))";
    page.script(script, &[json!(field), json!(value)]).await;
}

#[tokio::test]
async fn filters_leave_their_part_of_the_matrix_too() {
    let ring = told().await;
    let page = Page::open(ring.address(), "/#view=matrix&from=eu1&to=asia1", Size::DESKTOP).await;
    let label = |words: &str| format!("document.querySelector('canvas')?.ariaLabel.includes('{words}')");
    page.until("two rows", &label("2 sources by 1 target: 2 up")).await;
    page.go("/#view=matrix").await;
    page.until("all", &label("4 sources by 4 targets: 11 up, 0 degraded, 1 down, 0 unknown")).await;
    page.finish().await;
}

#[tokio::test]
async fn who_is_gone_is_shown_or_not() {
    let ring = told().await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    page.shows("[data-member=us1-a][data-status=online]").await;
    let answer = post(ring.address(), "/deregister", &json!({"instance_id": "us1-a"})).await.unwrap();
    assert_eq!(answer.status, 200);
    page.shows("[data-member=us1-a][data-status=deregistered]").await;
    page.click("#filter-offline").await;
    page.hides("[data-member=us1-a]").await;
    page.click("#filter-offline").await;
    page.shows("[data-member=us1-a][data-status=deregistered]").await;
    page.finish().await;
}
