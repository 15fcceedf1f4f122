//! Tooltips: what they say, and that they are beside what they are about, and inside the screen, wherever that is.

use crate::ring::Ring;
use netring_testbed::{
    Told,
    browser::{Key, Page, Rect, Size},
};
use serde_json::{Value, json};

/// As many cards as reach every edge of a small screen.
const SMALL: Size = Size { width: 700, height: 420 };

#[tokio::test]
async fn a_members_tooltip_stays_beside_its_card_and_inside_the_screen() {
    let names: Vec<_> = (0..24).map(|number| (format!("m-{number:02}"), format!("site-{}", number / 8))).collect();
    let members: Vec<_> = names.iter().map(|(id, location)| (id.as_str(), location.as_str())).collect();
    let ring = Told::start(&members).await;
    ring.report(|_, _| Some(10.0)).await;
    let page = Page::open(ring.address(), "/", SMALL).await;
    page.until("all cards", "document.querySelectorAll('.card').length === 24").await;
    let screen = Rect { x: 0.0, y: 0.0, width: f64::from(SMALL.width), height: f64::from(SMALL.height) };
    let (mut left, mut right, mut above, mut below) = (false, false, false, false);
    for (id, _) in &members {
        for edge in ["start", "end"] {
            let card = format!("[data-member={id}]");
            let script =
                "document.querySelector(arguments[0]).scrollIntoView({block: arguments[1], behavior: 'instant'})";
            page.hover_at(1.0, 1.0).await;
            page.script(script, &[json!(card), json!(edge)]).await;
            frames(&page).await;
            let place = page.rect(&card).await;
            let (x, y) = place.centre();
            page.hover_at(x, y).await;
            let said = format!(
                "(t => t && t.innerText.includes('{id}') && t.innerText.includes('Success rate'))\
                 (document.querySelector('#tip:not([hidden])'))"
            );
            // A card may be below what stays on top of the page: then there is nothing to point at.
            if !pointed_at(&page, &card, x, y).await {
                continue;
            }
            page.until("its tooltip", &said).await;
            frames(&page).await;
            let tip = page.rect("#tip").await;
            assert!(tip.is_inside(&screen), "{id} at {place:?}: {tip:?}");
            assert!(!tip.overlaps(&place), "{id} at {place:?}: {tip:?} covers it");
            left |= tip.x + tip.width <= place.x;
            right |= tip.x >= place.x + place.width;
            above |= tip.y < place.y;
            below |= tip.y >= place.y - 1.0;
        }
    }
    assert!(left && right && above && below, "every edge was met: {left} {right} {above} {below}");
    page.finish().await;
}

/// Until everything is drawn, and what follows from that too.
async fn frames(page: &Page) {
    page.script("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))", &[]).await;
}

async fn pointed_at(page: &Page, selector: &str, x: f64, y: f64) -> bool {
    let script = "return !!document.elementFromPoint(arguments[1], arguments[2])?.closest(arguments[0])";
    page.script(script, &[json!(selector), json!(x), json!(y)]).await == true
}

#[tokio::test]
async fn a_members_tooltip_says_how_it_does_and_when_it_looks_again() {
    let ring = Ring::start(&[("eu1-a", "eu1"), ("us1-a", "us1")]).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    page.hover("[data-member=eu1-a]").await;
    for (what, as_in) in [
        ("Average latency", r"[\d.]+ m?s"),
        ("Success rate", r"100 % of \d+ checks"),
        ("Bandwidth", r"↓ [\d.]+ .bit/s, ↑ [\d.]+ .bit/s"),
        ("Hops", r"\d+"),
        ("Next connectivity check", r"(now|in \d+ s)"),
        ("Next bandwidth check", r"(now|in \d+ s)"),
        ("Next traceroute check", r"(now|in \d+ s)"),
    ] {
        let row = format!(
            "[...document.querySelectorAll('#tip tr')].find(r => r.innerText.includes('{what}'))?.innerText ?? ''"
        );
        page.until(what, &format!("/{}/.test({row})", as_in.replace('/', r"\/"))).await;
    }
    page.finish().await;
}

#[tokio::test]
async fn who_goes_by_keyboard_sees_tooltips_of_cards_that_come_into_view() {
    let names: Vec<_> = (0..40).map(|number| format!("m-{number:02}")).collect();
    let members: Vec<_> = names.iter().map(|id| (id.as_str(), "site")).collect();
    let ring = Told::start(&members).await;
    let page = Page::open(ring.address(), "/", SMALL).await;
    page.until("all cards", "document.querySelectorAll('.card').length === 40").await;
    page.script("document.querySelector('[data-member=m-38]').focus()", &[]).await;
    page.press(Key::Tab).await;
    let tip = "document.querySelector('#tip:not([hidden])')";
    page.until("its tooltip", &format!("{tip}?.innerText.includes('m-39')")).await;
    let card = page.rect("[data-member=m-39]").await;
    frames(&page).await;
    assert!(!page.rect("#tip").await.overlaps(&card), "the card can be seen");
    page.press(Key::Escape).await;
    page.hides("#tip:not([hidden])").await;
    page.finish().await;
}

#[tokio::test]
async fn every_control_has_a_name_and_a_tooltip() {
    let ring = Told::start(&[("eu1-a", "eu1"), ("us1-a", "us1")]).await;
    ring.report(|_, _| Some(10.0)).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    for view in ["ring", "matrix", "topology", "events", "expected"] {
        page.go(&format!("/#view={view}")).await;
        page.shows(&format!("nav [data-view={view}][aria-current=page]")).await;
        assert_eq!(without_tooltip(&page).await, json!([]), "{view}");
    }
    for (address, inside) in [("member=eu1-a", ".side a"), ("source=eu1-a&target=us1-a", ".side #pair-history")] {
        page.go(&format!("/#{address}")).await;
        page.shows(inside).await;
        assert_eq!(without_tooltip(&page).await, json!([]), "{address}");
    }
    page.hover("[data-view=matrix]").await;
    page.until("a tooltip", "document.querySelector('#tip:not([hidden])')?.innerText.length > 10").await;
    page.finish().await;
}

/// Controls, and all else that the keyboard comes to, without a name or a tooltip.
async fn without_tooltip(page: &Page) -> Value {
    let all = "a[href], button, select, input, summary, canvas, [tabindex=\"0\"]";
    let without = "return [...document.querySelectorAll(arguments[0])].filter(e => e.offsetParent && !(\
        (e.ariaLabel || e.labels?.length || e.innerText.trim()) && e.getAttribute('aria-describedby') === 'tip')).map(e => e.outerHTML)";
    page.script(without, &[json!(all)]).await
}
