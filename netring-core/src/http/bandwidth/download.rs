use super::{super::places::Place, pace::out_of_patience};
use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use std::{
    io,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
};
use tokio::task::AbortHandle;

/// A piece of the body. hyper gathers pieces until it has some 400 KiB, and writes them with one call and without a copy.
const CHUNK: usize = 128 * 1024;
/// Bytes that do not compress, so that a link that compresses does not look faster than it is.
static NOISE: LazyLock<Bytes> = LazyLock::new(|| std::iter::repeat_with(|| fastrand::u8(..)).take(CHUNK).collect());

/// An answer of `length` bytes, which holds its place until they are taken, or it has to let go of it.
pub(super) fn answer(length: u64, place: Place) -> Response {
    let place = Arc::new(Held { place: Mutex::new(Some(place)), taken: AtomicU64::new(0) });
    let watched = Arc::clone(&place);
    // hyper asks for no more of the body while nobody reads: only somebody else can let go of the place then.
    let watch = tokio::spawn(async move {
        let why = out_of_patience(&watched.taken).await;
        tracing::debug!(why, "a bandwidth test is ended");
        watched.release();
    });
    let mut sending = Sending { left: length, place, watch: watch.abort_handle() };
    let body = futures_util::stream::poll_fn(move |_| Poll::Ready(sending.next()));
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_LENGTH, length.to_string())];
    (headers, Body::from_stream(body)).into_response()
}

#[derive(Debug)]
struct Held {
    place: Mutex<Option<Place>>,
    taken: AtomicU64,
}

impl Held {
    fn release(&self) {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn is_held(&self) -> bool {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

#[derive(Debug)]
struct Sending {
    left: u64,
    place: Arc<Held>,
    watch: AbortHandle,
}

impl Sending {
    fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.left == 0 {
            return None;
        }
        if !self.place.is_held() {
            // An error, or a short answer would pass for a whole one where there is no length.
            return Some(Err(io::ErrorKind::TimedOut.into()));
        }
        let chunk = NOISE.slice(..usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK));
        self.left -= chunk.len() as u64;
        self.place.taken.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        Some(Ok(chunk))
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.place.release();
        self.watch.abort();
    }
}
