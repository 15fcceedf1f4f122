use hyper::body::{Body, Bytes, Frame};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

/// A piece of an upload.
const CHUNK: usize = 128 * 1024;
/// Bytes that do not compress, so that a link that compresses does not look faster than it is.
static NOISE: LazyLock<Bytes> = LazyLock::new(|| std::iter::repeat_with(|| fastrand::u8(..)).take(CHUNK).collect());

/// The body of a request: none, or noise. Its length is not told, so that it can end at any time.
#[derive(Debug)]
pub(super) struct Payload {
    none: bool,
    left: Arc<AtomicU64>,
}

impl Payload {
    pub(super) fn none() -> Self {
        Self { none: true, left: Arc::default() }
    }

    /// `bytes` of noise. What is left of them is in the other value; whoever sets it to zero ends the body.
    pub(super) fn noise(bytes: u64) -> (Self, Arc<AtomicU64>) {
        let left = Arc::new(AtomicU64::new(bytes));
        (Self { none: false, left: Arc::clone(&left) }, left)
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(None);
        }
        let chunk = NOISE.slice(..usize::try_from(left).unwrap_or(CHUNK).min(CHUNK));
        // Polled by the task alone that may end it.
        self.left.store(left - chunk.len() as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.none
    }
}
