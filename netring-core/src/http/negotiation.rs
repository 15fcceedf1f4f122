//! What a client accepts and what it has already (RFC 9110).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The values of a header that may come in several lines, which count as one list.
fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(name).iter().map(HeaderValue::as_bytes)
}

/// Whether gzip may be sent, and is not liked less than no compression (section 12.5.3). What makes no sense is left out.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let (mut gzip, mut identity, mut any) = (None, None, None);
    for line in lines(headers, &header::ACCEPT_ENCODING) {
        for element in line.split(|&byte| byte == b',') {
            let mut parts = element.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
            let coding = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = match (parts.next(), parts.next()) {
                (None, _) => Some(1_000),
                (Some(parameter), None) => weight(parameter),
                _ => None,
            };
            let Some(weight) = weight else { continue };
            let slot = match coding.as_slice() {
                b"gzip" | b"x-gzip" => &mut gzip,
                b"identity" => &mut identity,
                b"*" => &mut any,
                _ => continue,
            };
            slot.get_or_insert(weight);
        }
    }
    let gzip = gzip.or(any).unwrap_or(0);
    gzip > 0 && gzip >= identity.unwrap_or(0)
}

/// `q=0.5`, in thousandths: a weight has at most three digits behind the point, and is at most 1.
fn weight(parameter: &[u8]) -> Option<u16> {
    let [b'q' | b'Q', b'=', whole @ (b'0' | b'1'), fraction @ ..] = parameter else { return None };
    let digits = match fraction {
        [] => fraction,
        [b'.', digits @ ..] if digits.len() <= 3 && digits.iter().all(u8::is_ascii_digit) => digits,
        _ => return None,
    };
    let mut thousandths = u16::from(whole - b'0');
    for place in 0..3 {
        thousandths = thousandths * 10 + digits.get(place).map_or(0, |digit| u16::from(digit - b'0'));
    }
    (thousandths <= 1_000).then_some(thousandths)
}

/// Whether `If-None-Match` names `etag`, or anything (section 13.1.2). What makes no sense ends its line.
pub(super) fn has_already(headers: &HeaderMap, etag: &str) -> bool {
    lines(headers, &header::IF_NONE_MATCH).any(|line| line.trim_ascii() == b"*" || tags(line, opaque(etag.as_bytes())))
}

/// By the weak comparison: a tag is the same whether it is called weak or not (section 8.8.3.2).
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// Whether the list `rest` has the tag `wanted`. A tag may have commas between its quotes.
fn tags(mut rest: &[u8], wanted: &[u8]) -> bool {
    loop {
        while let [b' ' | b'\t' | b',', after @ ..] = rest {
            rest = after;
        }
        let [b'"', text @ ..] = opaque(rest) else { return false };
        let Some(length) = text.iter().position(|&byte| byte == b'"') else { return false };
        if opaque(rest)[..length + 2] == *wanted {
            return true;
        }
        rest = text[length + 1..].trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect()
    }

    #[test]
    fn gzip_is_accepted_by_its_weight() {
        for (lines, accepted) in [
            (&[][..], false),
            (&[""], false),
            (&["gzip"], true),
            (&["GZIP"], true),
            (&["x-gzip"], true),
            (&["deflate, gzip, br"], true),
            (&["deflate", "gzip"], true),
            (&["deflate,br"], false),
            (&["gzip;q=0"], false),
            (&["gzip;q=0.0"], false),
            (&["gzip;q=0.000"], false),
            (&["gzip ; Q=0.001"], true),
            (&["gzip;q=1.000"], true),
            (&["*"], true),
            (&["*;q=0"], false),
            (&["gzip;q=0, *"], false),
            (&["*;q=0, gzip"], true),
            (&["*;q=0.5, identity"], false),
            (&["identity;q=0.5, gzip;q=0.5"], true),
            (&["identity, gzip;q=0.9"], false),
            (&["identity;q=0"], false),
            (&["identity;q=0, *"], true),
            (&["gzip;q=2"], false),
            (&["gzip;q=1.001"], false),
            (&["gzip;q=0.5555"], false),
            (&["gzip;q=-1"], false),
            (&["gzip;q="], false),
            (&["gzip;q=.5"], false),
            (&["gzip;level=9"], false),
            (&["gzip;q=1;q=1"], false),
            (&["gzip;q=x, gzip"], true),
            (&[",,;;, gzip ,"], true),
            (&["gzipped"], false),
        ] {
            assert_eq!(accepts_gzip(&with(header::ACCEPT_ENCODING, lines)), accepted, "{lines:?}");
        }
    }

    #[test]
    fn a_tag_is_found_in_a_list_by_the_weak_comparison() {
        for (lines, known) in [
            (&[][..], false),
            (&[""], false),
            (&["*"], true),
            (&[" * "], true),
            (&["W/\"a-1\""], true),
            (&["\"a-1\""], true),
            (&["W/\"b\", W/\"a-1\""], true),
            (&["\"b\",\"a-1\""], true),
            (&[", ,\"b\" ,\t\"a-1\","], true),
            (&["\"b\"", "\"a-1\""], true),
            (&["\"x,y\", \"a-1\""], true),
            (&["\"x, W/\"a-1\""], false),
            (&["a-1"], false),
            (&["w/\"a-1\""], false),
            (&["W/a-1"], false),
            (&["W/ \"a-1\""], false),
            (&["\"a-1"], false),
            (&["\"a-1\"x"], true),
            (&["\"b\"x, \"a-1\""], false),
            (&["\"b\" \"a-1\""], false),
            (&["\"a-11\"", "\"a-\"", "\"\""], false),
            (&["*, \"b\""], false),
            (&["\"*\""], false),
        ] {
            assert_eq!(has_already(&with(header::IF_NONE_MATCH, lines), "W/\"a-1\""), known, "{lines:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_no_trouble() {
        let value = HeaderValue::from_bytes(b"\xff, \"\xfe\", \"a\"").unwrap();
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.clone()), (header::IF_NONE_MATCH, value)]);
        assert!(!accepts_gzip(&headers));
        assert!(!has_already(&headers, "W/\"a\""));
    }
}
