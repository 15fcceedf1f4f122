use super::{
    paths,
    scan::{addresses, leads_away},
    texts,
};
use crate::files::PAGE;

#[test]
fn nothing_names_another_host() {
    let mut seen = 0;
    for (path, text) in texts() {
        for (before, address) in addresses(&text) {
            seen += 1;
            assert!(!leads_away(address), "{path}: {before}{address}");
        }
    }
    assert!(seen > 5, "only {seen} addresses are found: the scan does not see what it should");
}

#[test]
fn everything_that_is_referred_to_is_there() {
    let (paths, mut missing, mut seen) = (paths(), Vec::new(), 0);
    for (path, text) in texts() {
        for (before, address) in addresses(&text) {
            // Modules and style sheets are relative to where they are themselves, all else to the page.
            let module = path != PAGE && ["from", "import", "import(", "url(", "@import"].contains(&before);
            let wanted =
                if module && address.starts_with('.') || path.ends_with(".css") && !address.contains([':', '#']) {
                    beside(&path, address)
                } else if let Some(asset) = address.strip_prefix("assets/") {
                    asset.to_owned()
                } else {
                    continue;
                };
            seen += 1;
            if !paths.contains(&wanted) {
                missing.push(format!("{path}: {before}{address}"));
            }
        }
    }
    assert_eq!(missing, [] as [&str; 0]);
    assert!(seen > 5, "only {seen} references are found: the scan does not see what it should");
}

/// What `address` means in the file at `path`.
fn beside(path: &str, address: &str) -> String {
    let mut segments: Vec<_> = path.split('/').collect();
    segments.pop();
    for segment in address.split(['?', '#']).next().unwrap_or_default().split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    segments.join("/")
}

/// What the page's own policy forbids would show in a browser only.
#[test]
fn the_page_has_nothing_inline() {
    let page = texts().into_iter().find(|(path, _)| path == PAGE).expect("the page").1;
    for forbidden in ["<style", " style=", "<base", "<iframe", "<form", "javascript:", " on"] {
        assert!(!page.contains(forbidden), "{forbidden:?}");
    }
    for (at, _) in page.match_indices("<script") {
        let tag = page[at..].split('>').next().unwrap_or_default();
        assert!(tag.contains(" src="), "{tag}>");
    }
}

#[test]
fn an_address_is_relative_to_its_file() {
    for (path, address, meant) in [
        ("main.js", "./lib/a.js", "lib/a.js"),
        ("views/matrix.js", "../lib/a.js", "lib/a.js"),
        ("views/matrix.js", "./pair.js", "views/pair.js"),
        ("look/page.css", "font.woff2?x#y", "look/font.woff2"),
    ] {
        assert_eq!(beside(path, address), meant);
    }
}
