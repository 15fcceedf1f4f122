//! The answers.

use crate::{
    files::{File, file},
    headers::HEADERS,
    media::media_type,
    negotiation::{accepts_gzip, has_already},
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use std::{
    borrow::Cow,
    collections::HashMap,
    io::Write,
    sync::{Mutex, PoisonError},
};

/// It may be kept, but it is asked each time whether it is still so: after an update nobody looks at half of an old page.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("no-cache");

/// The files as they are answered with. Each is compressed once.
#[derive(Debug, Default)]
pub(crate) struct Site {
    /// By path, so that it stays as small as the page is, where files change as well.
    compressed: Mutex<HashMap<String, Compressed>>,
}

/// A file in its shorter form.
#[derive(Debug, Clone)]
struct Compressed {
    /// Of the file that it was made of.
    tag: String,
    /// Nothing where it would be no shorter.
    bytes: Option<Bytes>,
}

impl Site {
    /// The file at `path`, as far as a client that asks with `headers` needs it.
    pub(crate) fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let (Some(file), Some(media_type)) = (file(path), media_type(path)) else { return nothing_here() };
        let short = if accepts_gzip(headers) { self.compressed(path, &file) } else { None };
        // Two forms of one file are two representations: a strong tag must not be the same (RFC 9110, section 8.8.3.3).
        let etag = format!("\"{}{}\"", file.tag, if short.is_some() { "-gzip" } else { "" });
        let mut response = if has_already(headers, &etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = match short {
                Some(short) => {
                    let encoding = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                    ([encoding], short).into_response()
                }
                None => match file.bytes {
                    Cow::Borrowed(bytes) => Bytes::from_static(bytes).into_response(),
                    Cow::Owned(bytes) => bytes.into_response(),
                },
            };
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            response
        };
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            response.headers_mut().insert(header::ETAG, etag);
        }
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        response.headers_mut().insert(header::CACHE_CONTROL, CACHE_CONTROL);
        response.headers_mut().extend(HEADERS);
        response
    }

    fn compressed(&self, path: &str, file: &File) -> Option<Bytes> {
        let mut all = self.compressed.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(path) {
            Some(known) if known.tag == file.tag => known.bytes.clone(),
            _ => {
                let bytes = gzip(&file.bytes).filter(|short| short.len() < file.bytes.len()).map(Bytes::from);
                all.insert(path.to_owned(), Compressed { tag: file.tag.clone(), bytes: bytes.clone() });
                bytes
            }
        }
    }
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a Vec does not fail.
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// The answer where there is no such file.
pub(crate) fn nothing_here() -> Response {
    failure(StatusCode::NOT_FOUND, "there is nothing at this path")
}

/// An answer that is not 2xx, in the form in which the registry gives them. `error` has nothing in it that JSON would
/// have to escape.
pub(crate) fn failure(status: StatusCode, error: &str) -> Response {
    let media_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = (status, [media_type], Body::from(format!("{{\"error\":\"{error}\"}}"))).into_response();
    response.headers_mut().extend(HEADERS);
    response
}
