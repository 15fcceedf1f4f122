//! Every view and every metric of a ring of real members.

use crate::ring::{Ring, connections};
use netring_testbed::browser::{Key, Page, Size};

const MEMBERS: [(&str, &str); 3] = [("eu1-a", "eu1"), ("eu1-b", "eu1"), ("us1-a", "us1")];

#[tokio::test]
async fn every_metric_shows_what_was_measured() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    for (metric, columns) in [
        ("all", &["latency"][..]),
        ("tcp", &["round trip", "p95 of the last hour"]),
        ("http", &["round trip", "p95 of the last hour"]),
        ("loss", &["loss", "jitter", "round trip"]),
        ("bandwidth", &["download", "upload"]),
        ("traceroute", &["hops", "round trip"]),
    ] {
        page.click(&format!("[data-metric={metric}]")).await;
        page.shows(&format!("[data-metric={metric}][aria-pressed=true]")).await;
        let known = format!(
            "[...document.querySelectorAll('#connections thead th')].slice(3).map(c => c.innerText).join() === '{}' \
             && document.querySelectorAll('#connections tbody tr').length === 6 \
             && [...document.querySelectorAll('#connections tbody td.number')].every(c => /\\d/.test(c.innerText))",
            columns.join(","),
        );
        page.until(&format!("the values of {metric}"), &known).await;
        let rows = connections(&page, 6).await;
        assert!(rows.iter().all(|row| row.ends_with(" up")), "{metric}: {rows:?}");
    }
    page.finish().await;
}

#[tokio::test]
async fn the_matrix_opens_a_pair_by_mouse_and_by_keyboard() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/#view=matrix", Size::DESKTOP).await;
    page.until("the matrix", "document.querySelector('canvas')?.ariaLabel.includes('3 sources by 3 targets: 6 up')")
        .await;
    let (x, y) = cell(&page, 0, 2).await;
    page.hover_at(x, y).await;
    page.until("its tooltip", "document.querySelector('#tip:not([hidden])')?.innerText.includes('eu1-a → us1-a')")
        .await;
    page.click_at(x, y).await;
    page.shows(".side").await;
    assert!(page.address().await.contains("source=eu1-a&target=us1-a"), "{}", page.address().await);
    page.says("eu1-a").await;
    page.press(Key::Escape).await;
    page.hides(".side").await;

    // It goes on from where the mouse was.
    page.script("document.querySelector('canvas').focus()", &[]).await;
    for key in [Key::Right, Key::Down, Key::Right, Key::Down, Key::Left] {
        page.press(key).await;
    }
    page.until(
        "what is read aloud",
        "document.querySelector('.matrix [aria-live]').innerText.includes('us1-a → eu1-b: up')",
    )
    .await;
    page.press(Key::Enter).await;
    page.shows(".side").await;
    assert!(page.address().await.contains("source=us1-a&target=eu1-b"), "{}", page.address().await);
    page.finish().await;
}

/// Where the middle of a cell is on the screen.
async fn cell(page: &Page, row: u32, column: u32) -> (f64, f64) {
    let canvas = page.rect("canvas").await;
    let number = async |name: &str| page.attribute("canvas", name).await.unwrap().parse::<f64>().unwrap();
    let (size, left, top) = (number("data-size").await, number("data-left").await, number("data-top").await);
    let middle = |cells: u32| (f64::from(cells) + 0.5) * size;
    (canvas.x + left + middle(column), canvas.y + top + middle(row))
}

#[tokio::test]
async fn a_location_leads_to_its_members() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/#view=matrix", Size::DESKTOP).await;
    page.click("[data-by=location]").await;
    page.until("the matrix", "document.querySelector('canvas')?.ariaLabel.includes('2 sources by 2 targets')").await;
    let (x, y) = cell(&page, 0, 1).await;
    page.click_at(x, y).await;
    page.until("its members", "document.querySelector('canvas')?.ariaLabel.includes('2 sources by 1 target')").await;
    assert!(page.address().await.contains("from=eu1&to=us1"), "{}", page.address().await);
    page.finish().await;
}

#[tokio::test]
async fn a_pair_shows_its_checks_its_past_and_both_paths() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/#source=eu1-a&target=us1-a", Size::DESKTOP).await;
    for text in
        ["eu1-a → us1-a", "us1-a → eu1-a", "TCP", "HTTP", "UDP", "Latency", "Loss", "Download", "Upload", "Paths"]
    {
        page.says(text).await;
    }
    page.until("the charts", "document.querySelectorAll('.side svg').length >= 4").await;
    page.finish().await;
}

#[tokio::test]
async fn the_topology_has_the_locations_and_can_be_searched() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/#view=topology", Size::DESKTOP).await;
    for location in ["eu1", "us1"] {
        page.until(
            location,
            &format!("[...document.querySelectorAll('svg text')].some(t => t.textContent === '{location}')"),
        )
        .await;
    }
    page.fill("input[type=search]", "us1-a").await;
    page.says("1 match").await;
    page.until("the search in the address", "location.hash.includes('search=us1-a')").await;
    page.finish().await;
}

#[tokio::test]
async fn events_and_expected_members_are_told() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/#view=events", Size::DESKTOP).await;
    for (id, location) in MEMBERS {
        page.says(&format!("{id} ({location}) joined the ring")).await;
    }
    page.go("/#view=expected").await;
    page.says("enable_missing_detection").await;
    page.finish().await;
}

#[tokio::test]
async fn what_is_looked_at_stands_in_the_address() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    page.click("nav [data-view=matrix]").await;
    page.click("[data-metric=tcp]").await;
    page.until("the choice", "location.hash === '#view=matrix&metric=tcp'").await;
    page.reload().await;
    page.shows("[data-metric=tcp][aria-pressed=true]").await;
    page.shows("nav [data-view=matrix][aria-current=page]").await;
    page.script("history.back()", &[]).await;
    page.shows("[data-metric=all][aria-pressed=true]").await;
    page.click("#theme").await;
    page.shows("[data-theme=light]").await;
    page.go("/#").await;
    page.reload().await;
    page.shows("[data-theme=light]").await;
    page.finish().await;
}

#[tokio::test]
async fn a_view_that_is_sent_shows_the_same() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/#view=events&kind=members&range=24h", Size::DESKTOP).await;
    for chosen in ["[data-kind=members]", "[data-range='24h']"] {
        page.shows(&format!("{chosen}[aria-pressed=true]")).await;
    }
    page.click("[data-range='7d']").await;
    page.until("the range", "location.hash === '#view=events&kind=members&range=7d'").await;

    page.go("/#source=eu1-a&target=us1-a&tier=day").await;
    page.shows("[data-tier=day][aria-pressed=true]").await;
    page.click("[data-tier=hour]").await;
    page.until("the last hour", "location.hash === '#source=eu1-a&target=us1-a'").await;

    page.go("/#view=topology&open=l+us1").await;
    page.until("its details", "document.querySelector('.details')?.innerText.includes('Location us1')").await;
    page.click(".details .close").await;
    page.until("nothing open", "location.hash === '#view=topology'").await;

    page.go("/#view=matrix&zoom=0.5").await;
    page.until("a small matrix", "document.querySelector('canvas')?.dataset.size === '30'").await;
    page.click("[aria-label='Zoom in']").await;
    page.until("the zoom", "location.hash === '#view=matrix&zoom=0.75'").await;

    // What nobody knows is as usual, and never run.
    page.go("/#view=%3Cscript%3E&range=x&tier=x&by=x&zoom=-1&open=%3Cscript%3E").await;
    page.shows("nav [data-view=ring][aria-current=page]").await;
    page.click("nav [data-view=events]").await;
    page.shows("[data-range='6h'][aria-pressed=true]").await;
    page.finish().await;
}

#[tokio::test]
async fn the_back_button_goes_from_view_to_view_and_takes_no_setting_back() {
    let ring = Ring::start(&MEMBERS).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    page.click("nav [data-view=matrix]").await;
    page.choose("#filter-from", "eu1").await;
    page.until("the filter", "location.hash === '#view=matrix&from=eu1'").await;
    page.click("nav [data-view=topology]").await;
    page.shows("#search").await;
    page.script("document.querySelector('#search').focus()", &[]).await;
    page.write("us1").await;
    page.until("the search", "location.hash === '#view=topology&from=eu1&search=us1'").await;
    page.click("#theme").await;
    page.shows("[data-theme=light]").await;

    page.script("history.back()", &[]).await;
    page.shows("nav [data-view=matrix][aria-current=page]").await;
    page.shows("[data-theme=light]").await;
    page.until("its filter", "location.hash === '#view=matrix&from=eu1&theme=light'").await;
    page.script("history.back()", &[]).await;
    page.shows("nav [data-view=ring][aria-current=page]").await;

    page.click("[data-member=eu1-a]").await;
    page.shows(".side").await;
    page.script("history.back()", &[]).await;
    page.hides(".side").await;
    page.finish().await;
}
