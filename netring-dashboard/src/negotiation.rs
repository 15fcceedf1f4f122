//! What a client accepts and what it has already (RFC 9110).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The elements of a header that is a list, which may come in several lines.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    let lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    lines.flat_map(|line| line.split(|&byte| byte == b',')).map(<[u8]>::trim_ascii)
}

/// Whether gzip may be sent (section 12.5.3). What makes no sense is left out.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut any = false;
    for element in elements(headers, &header::ACCEPT_ENCODING) {
        let mut parts = element.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let coding = parts.next().unwrap_or_default();
        let refused = parts.any(is_zero);
        if coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"x-gzip") {
            return !refused;
        }
        any |= coding == b"*" && !refused;
    }
    any
}

/// `q=0`, `q=0.` or `q=0.000`: not this one.
fn is_zero(parameter: &[u8]) -> bool {
    let [b'q' | b'Q', b'=', b'0', fraction @ ..] = parameter else { return false };
    fraction.iter().all(|byte| matches!(byte, b'.' | b'0'))
}

/// Whether `If-None-Match` names `etag`, or anything, by the weak comparison (section 13.1.2). `etag` has no comma in it,
/// so that the tags of others may be split wherever they have one.
pub(crate) fn has_already(headers: &HeaderMap, etag: &str) -> bool {
    elements(headers, &header::IF_NONE_MATCH)
        .any(|element| element == b"*" || element.strip_prefix(b"W/").unwrap_or(element) == etag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect()
    }

    #[test]
    fn gzip_is_accepted_where_it_is_named_and_not_refused() {
        for (lines, accepted) in [
            (&[][..], false),
            (&[""], false),
            (&["gzip"], true),
            (&["GZIP"], true),
            (&["gzip, deflate, br, zstd"], true),
            (&["deflate", "gzip"], true),
            (&["deflate,br"], false),
            (&["identity"], false),
            (&["gzip;q=0"], false),
            (&["gzip ; Q=0.000"], false),
            (&["gzip;q=0.5"], true),
            (&["*"], true),
            (&["*;q=0"], false),
            (&["*, gzip;q=0"], false),
            (&["gzip;q=0, *"], false),
            (&["gzipped"], false),
        ] {
            assert_eq!(accepts_gzip(&with(header::ACCEPT_ENCODING, lines)), accepted, "{lines:?}");
        }
    }

    #[test]
    fn a_tag_is_found_in_a_list() {
        for (lines, known) in [
            (&[][..], false),
            (&["*"], true),
            (&["\"a\""], true),
            (&["W/\"a\""], true),
            (&["\"b\", \"a\""], true),
            (&["\"b\"", "\"a\""], true),
            (&["\"b,c\", \"a\""], true),
            (&["a"], false),
            (&["\"ab\""], false),
            (&["\"b\""], false),
        ] {
            assert_eq!(has_already(&with(header::IF_NONE_MATCH, lines), "\"a\""), known, "{lines:?}");
        }
    }
}
