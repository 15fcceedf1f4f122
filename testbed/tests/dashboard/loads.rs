use netring_testbed::{
    Daemon,
    browser::{Page, Size},
    get,
};
use serde_json::json;

#[tokio::test]
async fn the_page_loads_and_asks_nobody_but_its_registry() {
    let registry = Daemon::registry(&[]);
    let page = Page::open(registry.address(), "/", Size::DESKTOP).await;
    page.until("something on the page", "document.querySelector('#page')?.innerText").await;
    assert!(page.title().await.contains("netring"), "{}", page.title().await);
    let asked = page.asked().await;
    for path in ["/", "/assets/main.js"] {
        assert!(asked.iter().any(|asked| asked.url == format!("http://{}{path}", registry.address())), "{asked:?}");
    }
    page.finish().await;
}

#[tokio::test]
async fn a_phone_shows_all_of_its_width() {
    let registry = Daemon::registry(&[]);
    let page = Page::open(registry.address(), "/", Size::PHONE).await;
    page.until("something on the page", "document.querySelector('#page')?.innerText").await;
    let widths =
        page.script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth", &[]).await;
    assert_eq!(widths, json!(true), "nothing is wider than the screen");
    page.finish().await;
}

#[tokio::test]
async fn a_registry_without_the_page_has_only_its_api() {
    let registry = Daemon::registry(&[("NETRING_DASHBOARD_ENABLED", "false")]);
    for path in ["/", "/assets/main.js"] {
        assert_eq!(get(registry.address(), path).await.unwrap().status, 404, "{path}");
    }
    assert_eq!(get(registry.address(), "/members").await.unwrap().status, 200);
}

/// What the other tests go by: they would pass whatever the page did, were this not so.
#[tokio::test]
#[should_panic(expected = "there are errors on the console")]
async fn an_error_on_the_console_fails_a_test() {
    let registry = Daemon::registry(&[]);
    let page = Page::open(registry.address(), "/", Size::DESKTOP).await;
    page.script("console.error('on purpose')", &[]).await;
    page.finish().await;
}

#[tokio::test]
async fn the_policy_of_the_page_holds() {
    let registry = Daemon::registry(&[]);
    let other = Daemon::registry(&[]);
    let page = Page::open(registry.address(), "/", Size::DESKTOP).await;
    let script = "return fetch(arguments[0]).then(() => 'answered', () => 'refused')";
    let url = |daemon: &Daemon| json!(format!("http://{}/members", daemon.address()));
    assert_eq!(page.script(script, &[url(&registry)]).await, "answered");
    assert_eq!(page.script(script, &[url(&other)]).await, "refused");
    let inline = "const s = document.createElement('script'); s.textContent = 'window.ran = true'; \
                  document.body.append(s); return window.ran === true";
    assert_eq!(page.script(inline, &[]).await, false, "a script that got into the page is not run");
    let said = page.said().await;
    for directive in ["connect-src", "script-src"] {
        let refused = |message: &str| message.contains("Content Security Policy") && message.contains(directive);
        assert!(said.iter().any(|said| refused(&said.message)), "{directive}: {said:#?}");
    }
    page.finish_but(&["Content Security Policy"]).await;
}
