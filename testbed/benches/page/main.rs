//! How long the page of a registry takes until it shows a ring, and whether it stays smooth while reports come in.
//!
//! The registry is a real process; its members are names, of which each reports on each other every two seconds. The
//! browser draws without a graphics card. Times are from the request for the page on, by the browser's own clock.

#![expect(clippy::print_stdout, reason = "the numbers are what this program is for")]

use netring_testbed::{
    Told,
    browser::{Page, Size},
};
use std::{env, time::Duration};

const DESKTOP: Size = Size { width: 1440, height: 900 };
/// For how long frames are counted.
const WATCHED: Duration = Duration::from_secs(12);
const BETWEEN_REPORTS: Duration = Duration::from_secs(2);

/// Counts the time between frames from now on.
const WATCH: &str = "window.gaps = []; let last = performance.now(); const frame = now => { gaps.push(now - last); last = now; \
    requestAnimationFrame(frame); }; requestAnimationFrame(frame)";
const FRAMES: &str = "const sorted = gaps.slice(2).sort((a, b) => a - b); const at = q => sorted[Math.floor((sorted.length - 1) * q)]; \
    return [sorted.length, at(0.5), at(0.99), at(1), sorted.filter(gap => gap > 34).length]";

#[tokio::main]
async fn main() {
    // `cargo test --all-targets` runs it to see that it still works; the numbers say nothing then.
    let trial = !env::args().any(|argument| argument == "--bench");
    let sizes: &[usize] = if trial { &[3] } else { &[50, 300, 1_000] };
    println!(
        "members | shown first | after ms | frames in {WATCHED:?} | between two, median ms | p99 | longest | over 34 ms"
    );
    for &size in sizes {
        for (view, mark) in [("#view=ring", "netring: ring"), ("#view=matrix", "netring: matrix")] {
            measure(size, view, mark, trial).await;
        }
    }
}

async fn measure(size: usize, view: &str, mark: &str, trial: bool) {
    let names: Vec<_> =
        (0..size).map(|number| (format!("m-{number:04}"), format!("site-{:02}", number % 12))).collect();
    let members: Vec<_> = names.iter().map(|(id, location)| (id.as_str(), location.as_str())).collect();
    let ring = Told::start(&members).await;
    let mut round = 0.0;
    ring.report(|source, target| round_trip(source, target, round)).await;
    // The browser is warm, as that of somebody who has looked at a page before.
    let page = Page::open(ring.address(), &format!("/{view}"), DESKTOP).await;
    page.go("/assets/icon.svg").await;
    page.go(&format!("/{view}")).await;
    let after = page.until(mark, &format!("performance.getEntriesByName('{mark}')[0]?.startTime")).await;
    page.script(WATCH, &[]).await;
    let watched = if trial { Duration::from_millis(500) } else { WATCHED };
    let reports = async {
        loop {
            tokio::time::sleep(BETWEEN_REPORTS).await;
            round += 1.0;
            ring.report(|source, target| round_trip(source, target, round)).await;
        }
    };
    tokio::select! {
        () = reports => {}
        () = tokio::time::sleep(watched) => {}
    }
    let frames = page.script(FRAMES, &[]).await;
    let number = |at: usize| frames[at].as_f64().unwrap_or(f64::NAN);
    println!(
        "{size} | {view} | {:.0} | {} | {:.1} | {:.1} | {:.0} | {}",
        after.as_f64().unwrap_or(f64::NAN),
        number(0),
        number(1),
        number(2),
        number(3),
        number(4),
    );
    page.close().await;
}

/// Something else for each pair, a little more each round; one in a hundred is down.
fn round_trip(source: &str, target: &str, round: f64) -> Option<f64> {
    let number = |id: &str| id.trim_start_matches("m-").parse::<f64>().unwrap_or_default();
    let pair = number(source) * 7.0 + number(target) * 13.0;
    (pair % 100.0 != 99.0).then_some(1.0 + pair % 200.0 + round)
}
