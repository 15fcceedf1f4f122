//! Names that are meant to do harm.

use netring_testbed::{
    Told,
    browser::{Page, Size},
};
use serde_json::json;

const LOCATION: &str = "<img src=x onerror=\"document.title='run'\">";
const ID: &str = "<script>document.title='run'</script>";

#[tokio::test]
async fn a_name_that_is_a_script_is_shown_and_never_run() {
    let long = "x".repeat(128);
    let ring =
        Told::start(&[(ID, LOCATION), ("javascript:document.title='run'", &long), ("%3Cb%3E", "a&amp;b#c=d")]).await;
    ring.report(|_, _| Some(10.0)).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    for view in ["ring", "matrix", "topology", "events", "expected"] {
        page.go(&format!("/#view={view}")).await;
        page.shows(&format!("nav [data-view={view}][aria-current=page]")).await;
        if view == "ring" || view == "events" {
            page.says(LOCATION).await;
            page.says(ID).await;
        }
        assert_eq!(page.count("#page img:not([src='assets/icon.svg']), #page script").await, 0, "{view}");
    }
    page.go("/#view=ring").await;
    let card = format!("[...document.querySelectorAll('.card')].find(c => c.dataset.member === {})", json!(ID));
    page.until("its card", &format!("({card})?.focus() ?? true")).await;
    page.until("its tooltip", "document.querySelector('#tip:not([hidden])')?.innerText.includes('<script>')").await;
    page.script("document.activeElement.click()", &[]).await;
    page.shows(".side").await;
    assert_eq!(page.count(".side img, .side script, #tip img, #tip script").await, 0);
    let hash = page.address().await;
    page.reload().await;
    page.shows(".side").await;
    assert_eq!(page.address().await, hash, "the address says it all");
    assert!(page.title().await.contains("netring"), "nothing ran");
    page.finish().await;
}
