//! Colours that can be told apart.

use netring_testbed::{
    Told,
    browser::{Page, Size},
};

/// Contrasts by WCAG 2.2, AA: 4.5 for words, 3 for the edges of controls and what has the focus.
const CONTRASTS: &str = r"
    const style = getComputedStyle(document.documentElement);
    const light = (name) => {
        const hex = style.getPropertyValue(`--${name}`).trim();
        const part = (at) => (v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)(parseInt(hex.slice(at, at + 2), 16) / 255);
        return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
    };
    const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
    const wanted = [];
    for (const ground of ['ground', 'raised', 'higher']) {
        for (const ink of ['text', 'dim', 'accent', 'online', 'stale', 'offline', 'deregistered']) wanted.push([ink, ground, 4.5]);
        wanted.push(['edge', ground, 3]);
    }
    for (const cell of ['up', 'up-far', 'unknown']) wanted.push(['text', cell, 4.5]);
    for (const cell of ['degraded', 'down']) wanted.push(['sign', cell, 4.5]);
    wanted.push(['ground', 'accent', 4.5]);
    return wanted.filter(([a, b, least]) => !(contrast(a, b) >= least)).map((one) => one.join(' '));
";

#[tokio::test]
async fn both_themes_have_enough_contrast() {
    let ring = Told::start(&[("eu1-a", "eu1"), ("us1-a", "us1")]).await;
    ring.report(|_, _| Some(10.0)).await;
    let page = Page::open(ring.address(), "/", Size::DESKTOP).await;
    for theme in ["dark", "light"] {
        page.go(&format!("/#theme={theme}")).await;
        page.shows(&format!("[data-theme={theme}]")).await;
        assert_eq!(page.script(CONTRASTS, &[]).await, serde_json::json!([]), "{theme}");
        let edges = "const edge = getComputedStyle(document.documentElement).getPropertyValue('--edge').trim(); \
                     const e = document.createElement('i'); e.style.color = edge; document.body.append(e); \
                     const c = getComputedStyle(e).color; e.remove(); \
                     return [...document.querySelectorAll('main :is(button, select, input:not([type=checkbox])):not(.plain, [aria-pressed=true])')] \
                     .filter(one => getComputedStyle(one).borderTopColor !== c).map(one => one.outerHTML)";
        assert_eq!(page.script(edges, &[]).await, serde_json::json!([]), "{theme}: every control has an edge");
    }
    page.finish().await;
}
