//! Finds what a text of the page refers to. It knows no grammar: it looks for what comes before an address, and for
//! texts in quotes that look like one.

/// What comes before an address that is asked for.
const BEFORE: [&str; 18] = [
    "src=",
    "href=",
    "srcset=",
    "action=",
    "poster=",
    "url(",
    "@import",
    "from",
    "import",
    "import(",
    "fetch(",
    "open(",
    "Worker(",
    "EventSource(",
    "WebSocket(",
    "sendBeacon(",
    "importScripts(",
    "URL(",
];

/// Each address in `text` that is asked for, with what comes before it.
pub(super) fn addresses(text: &str) -> Vec<(&'static str, &str)> {
    let mut found = Vec::new();
    for before in BEFORE {
        for (at, _) in text.match_indices(before) {
            let rest = text[at + before.len()..].trim_start();
            let Some(first) = rest.chars().next() else { continue };
            let address = match first {
                '"' | '\'' | '`' => rest[1..].split(first).next(),
                // In CSS and HTML the quotes may be missing; in a script it is a name then.
                _ if ["url(", "src=", "href="].contains(&before) => rest.split([')', '>', ' ', ';', ',']).next(),
                _ => None,
            };
            found.extend(address.map(|address| (before, address)));
        }
    }
    found
}

/// Whether it is an address of another host, or may be: `https://…`, `//…`.
pub(super) fn leads_away(address: &str) -> bool {
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme =
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let harmless = ["data", "blob"].contains(&scheme);
    address.starts_with("//") || address.starts_with('\\') || is_scheme && !harmless
}

#[test]
fn what_is_asked_for_is_found() {
    for (text, address) in [
        ("<script src=\"https://x/y.js\">", "https://x/y.js"),
        ("<img src=//x/y.png>", "//x/y.png"),
        ("<link rel=icon href='assets/icon.svg'>", "assets/icon.svg"),
        ("import { a } from './a.js';", "./a.js"),
        ("import{a}from\"./a.js\"", "./a.js"),
        ("import './a.js'", "./a.js"),
        ("await import(`./a.js`)", "./a.js"),
        ("fetch( 'http://x/')", "http://x/"),
        ("new Worker('assets/w.js')", "assets/w.js"),
        ("background: url(x.png)", "x.png"),
        ("@import \"x.css\";", "x.css"),
    ] {
        assert!(addresses(text).iter().any(|(_, found)| *found == address), "{text}: {:?}", addresses(text));
    }
    assert_eq!(addresses("fetch(path); node.src = image; import(name)"), []);
}

#[test]
fn another_host_is_known() {
    for (address, away) in [
        ("https://x/y", true),
        ("http:x", true),
        ("//x/y", true),
        ("wss://x", true),
        ("\\\\x", true),
        ("assets/x.js", false),
        ("./x.js", false),
        ("../x.js", false),
        ("data:image/png;base64,", false),
        ("blob:", false),
        ("#/matrix?a:b", false),
        ("api/v1/matrix?by=location", false),
        ("", false),
    ] {
        assert_eq!(leads_away(address), away, "{address}");
    }
}
