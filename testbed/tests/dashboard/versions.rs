//! A registry of another version: what it leaves out, or says in new words, is unknown and takes nothing else away.

use netring_testbed::{
    Told,
    browser::{Page, Size},
};

/// Where a part of the page cannot be drawn it says so here.
const NOT_DRAWN: &str = "[role=alert].empty";

async fn told() -> (Told, Page) {
    let ring = Told::start(&[("eu1-a", "eu1"), ("us1-a", "us1")]).await;
    ring.report(|_, _| Some(10.0)).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    page.shows("#connections").await;
    (ring, page)
}

/// From now on the page reads `change`, an expression of `told`, where the registry answers at `path`.
async fn change(page: &Page, path: &str, change: &str) {
    let script = format!(
        "const ask = window.fetch; window.fetch = async (url, ...more) => {{ \
           const answer = await ask(url, ...more); \
           if (new URL(url).pathname !== '{path}') return answer; \
           const told = await answer.json(); \
           return new Response(JSON.stringify({change})); }}"
    );
    page.script(&script, &[]).await;
}

#[tokio::test]
async fn faults_in_new_words_are_told() {
    let (_ring, page) = told().await;
    let faults = "({...told, open: [{id: 'new', scope: 'galaxy', symptom: 'gone', sentence: 'A galaxy is gone.', since: null}, \
                  {id: 7, scope: ['target'], pairs: null, suspects: 'none'}, null]})";
    change(&page, "/api/v1/faults", faults).await;
    page.says("2 faults open").await;
    page.says("A galaxy is gone.").await;
    page.says("Something is at fault (unknown, unknown).").await;
    for id in ["new", "7"] {
        page.go(&format!("/#fault={id}")).await;
        page.shows(".side .facts").await;
        page.says("an unknown time").await;
    }
    assert_eq!(page.count(NOT_DRAWN).await, 0);
    page.finish().await;
}

#[tokio::test]
async fn an_answer_that_lacks_what_matters_is_not_taken_for_good_news() {
    let (_ring, page) = told().await;
    page.says("No fault is open").await;
    change(&page, "/api/v1/faults", "({at: told.at, faults: []})").await;
    page.says("the faults: the answer is not understood").await;
    assert_eq!(page.count(NOT_DRAWN).await, 0);
    page.finish().await;
}

#[tokio::test]
async fn of_two_hundred_faults_it_says_that_there_may_be_more() {
    let (_ring, page) = told().await;
    let faults = |count: u32| {
        format!(
            "({{...told, open: Array.from({{length: {count}}}, (_, n) => ({{id: `f${{n}}`, sentence: 'It is down.'}}))}})"
        )
    };
    change(&page, "/api/v1/faults", &faults(199)).await;
    page.says("199 faults open").await;
    change(&page, "/api/v1/faults", &faults(200)).await;
    page.says("At least 200 faults open").await;
    page.finish().await;
}

#[tokio::test]
async fn a_state_that_is_new_is_unknown() {
    let (_ring, page) = told().await;
    let pairs = "({...told, pairs: told.pairs.map(({latency_seconds, ...pair}) => ({...pair, state: 'purple'}))})";
    change(&page, "/api/v1/matrix", pairs).await;
    page.go("/#view=matrix&by=location").await;
    let label = "/by 2 targets: 0 up, 0 degraded, 0 down, [1-9]/";
    page.until("what is unknown", &format!("{label}.test(document.querySelector('canvas')?.ariaLabel)")).await;
    page.go("/#source=eu1-a&target=us1-a").await;
    page.shows(".side [data-check=TCP]").await;
    page.until("that it is unknown", "document.querySelectorAll('.side .now thead .state.unknown').length === 2").await;
    assert_eq!(page.count(NOT_DRAWN).await, 0);
    page.finish().await;
}

#[tokio::test]
async fn an_event_of_a_new_kind_is_told() {
    let (_ring, page) = told().await;
    let events =
        "({events: [...told.events, {id: told.last_id + 1, at: 'soon', kind: 'galaxy_merged'}], last_id: null})";
    change(&page, "/api/v1/events", events).await;
    page.go("/#view=events").await;
    page.shows("[data-kind=galaxy_merged]").await;
    page.says("At an unknown time").await;
    page.says("eu1-a (eu1) joined the ring").await;
    assert_eq!(page.count(NOT_DRAWN).await, 0);
    page.finish().await;
}
