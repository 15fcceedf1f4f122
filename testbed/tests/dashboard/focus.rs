//! Where the focus goes, and what keys do.

use crate::ring::connections;
use netring_testbed::{
    Told,
    browser::{Key, Page, Size},
};
use serde_json::json;

const MEMBERS: [(&str, &str); 3] = [("eu1-a", "eu1"), ("eu1-b", "eu1"), ("us1-a", "us1")];

async fn told() -> Told {
    let ring = Told::start(&MEMBERS).await;
    ring.report(|_, _| Some(10.0)).await;
    ring
}

async fn focus(page: &Page, selector: &str) {
    page.shows(selector).await;
    page.script("document.querySelector(arguments[0]).focus()", &[json!(selector)]).await;
}

async fn has_focus(page: &Page, selector: &str) {
    page.until(&format!("the focus at {selector}"), &format!("document.activeElement.matches(\"{selector}\")")).await;
}

#[tokio::test]
async fn a_panel_takes_the_focus_and_gives_it_back() {
    let ring = told().await;
    for (size, covers) in [(Size::DESKTOP, 0), (Size::PHONE, 1)] {
        let page = Page::open(ring.address(), "/", size).await;
        focus(&page, "[data-member=eu1-a]").await;
        page.press(Key::Enter).await;
        has_focus(&page, ".side").await;
        assert_eq!(page.count("main[inert]").await, covers, "what is covered cannot be reached, and nothing else");
        assert_eq!(page.count(".side[role=dialog][aria-modal=true]").await, covers);
        let main = page.rect("main").await;
        let side = page.rect(".side").await;
        assert_eq!(u64::from(main.overlaps(&side)), covers, "{main:?} {side:?}");
        if covers == 1 {
            for _ in 0..20 {
                page.press(Key::Tab).await;
                let inside =
                    "return document.activeElement === document.body || !!document.activeElement.closest('.side')";
                assert_eq!(page.script(inside, &[]).await, json!(true));
            }
        }
        page.press(Key::Escape).await;
        page.hides(".side").await;
        has_focus(&page, "[data-member=eu1-a]").await;
        assert_eq!(page.count("[inert]").await, 0);
        page.finish().await;
    }
}

#[tokio::test]
async fn the_focus_goes_to_the_view_where_what_opened_a_panel_is_gone() {
    let ring = told().await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    focus(&page, "[data-member=eu1-a]").await;
    page.press(Key::Enter).await;
    has_focus(&page, ".side").await;
    page.go("/#view=matrix&member=eu1-a").await;
    page.shows("canvas").await;
    page.press(Key::Escape).await;
    page.hides(".side").await;
    has_focus(&page, "main").await;
    page.finish().await;
}

#[tokio::test]
async fn who_swaps_a_pair_can_swap_it_back() {
    let ring = told().await;
    let page = Page::open(ring.address(), "/#source=eu1-a&target=us1-a", Size::DESKTOP).await;
    focus(&page, "#pair-swap").await;
    for title in ["us1-a ⇄ eu1-a", "eu1-a ⇄ us1-a"] {
        page.press(Key::Enter).await;
        page.until(title, &format!("document.querySelector('#side-title').innerText === '{title}'")).await;
        has_focus(&page, "#pair-swap").await;
    }
    page.finish().await;
}

/// All take 10 ms, but one pair takes so many.
fn one_takes(milliseconds: f64) -> impl Fn(&str, &str) -> Option<f64> {
    move |source, target| Some(if (source, target) == ("eu1-a", "us1-a") { milliseconds } else { 10.0 })
}

#[tokio::test]
async fn no_update_takes_the_focus_or_what_is_typed() {
    let ring = told().await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    let place = "[...document.querySelectorAll('#connections tr[data-source]')]\
        .findIndex(row => row.matches('[data-source=eu1-a][data-target=us1-a]'))";
    ring.report(one_takes(80.0)).await;
    page.until("the slowest first", &format!("{place} === 0")).await;
    focus(&page, "[data-source=eu1-a][data-target=us1-a] a").await;
    ring.report(one_takes(1.0)).await;
    page.until("the slowest of before last", &format!("{place} === 5")).await;
    has_focus(&page, "[data-source=eu1-a][data-target=us1-a] a").await;

    focus(&page, "#filter-above").await;
    page.write("7").await;
    ring.report(one_takes(90.0)).await;
    page.until("the slowest first again", &format!("{place} === 0")).await;
    assert_eq!(page.script("return document.activeElement.value", &[]).await, json!("7"));
    page.press(Key::Enter).await;
    connections(&page, 6).await;
    page.until("the filter", "location.hash === '#above=7'").await;
    page.finish().await;
}

#[tokio::test]
async fn keys_go_far_in_the_matrix() {
    let names: Vec<_> = (0..12).map(|number| format!("m-{number:02}")).collect();
    let members: Vec<_> = names.iter().map(|id| (id.as_str(), "site")).collect();
    let ring = Told::start(&members).await;
    ring.report(|_, _| Some(10.0)).await;
    let page = Page::open(ring.address(), "/#view=matrix", Size::DESKTOP).await;
    page.until("the matrix", "document.querySelector('canvas')?.ariaLabel.includes('12 sources')").await;
    focus(&page, "canvas").await;
    let told = async |cell: &str| {
        let words = "document.querySelector('.matrix [aria-live]').innerText";
        page.until(cell, &format!("{words}.startsWith('{cell}:')")).await;
    };
    page.press(Key::End).await;
    told("m-00 → m-11").await;
    page.press_control(Key::End).await;
    told("m-11 → m-11").await;
    page.press(Key::Home).await;
    told("m-11 → m-00").await;
    page.press(Key::PageUp).await;
    told("m-00 → m-00").await;
    page.press(Key::PageDown).await;
    told("m-11 → m-00").await;
    page.press_control(Key::Home).await;
    told("m-00 → m-00").await;
    page.finish().await;
}
