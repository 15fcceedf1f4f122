//! A link that is cut, and what the page makes of it.

use netring_testbed::{
    browser::{Page, Size},
    lab::{self, Loss, Sites},
};

#[test]
fn a_link_that_is_cut_turns_its_cells_and_raises_its_fault() {
    lab::test(async || {
        let ring = Sites::start(&["asia1", "eu1", "us1"]);
        ring.healthy().await;
        let (host, address) = &ring.registry;
        let page = Page::open(host.door(*address).await, "/#view=matrix", Size::DESKTOP).await;
        let matrix = |words: &str| format!("document.querySelector('canvas')?.ariaLabel.includes('{words}')");
        page.until("a healthy matrix", &matrix("6 sources by 6 targets: 30 up, 0 degraded, 0 down, 0 unknown")).await;
        page.says("No fault is open").await;

        ring.between[&(0, 1)].set_loss(&Loss::All);
        page.until("eight cells down", &matrix("22 up, 0 degraded, 8 down, 0 unknown")).await;
        page.shows("[data-scope=location_pair]").await;
        let sentence = page.text("[data-scope=location_pair]").await;
        assert!(sentence.contains("asia1") && sentence.contains("eu1"), "{sentence}");
        assert_eq!(page.count(".faults li").await, 1, "and no other");

        // Its evidence is one click away, and each pair of it another one.
        page.click("[data-scope=location_pair] button").await;
        page.until("its pairs", "document.querySelectorAll('.side [data-pair]').length === 8").await;
        page.click(".side [data-pair]").await;
        page.until("the pair", "/source=.*target=/.test(location.hash) && document.querySelector('.side h2')").await;
        page.says("TCP").await;
        // Behind the pair stands the fault that led to it.
        page.click(".side .close").await;
        page.shows(".side [data-pair]").await;
        page.click(".side .close").await;
        page.hides(".side").await;

        ring.between[&(0, 1)].set_loss(&Loss::None);
        page.until("all is well again", &matrix("30 up, 0 degraded, 0 down, 0 unknown")).await;
        page.says("No fault is open").await;
        page.go("/#view=events").await;
        page.shows("[data-kind=fault_closed]").await;
        page.finish().await;
    });
}
