use super::json::Failure;
use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use futures_util::stream;
use std::{
    io,
    sync::{Arc, Mutex, PoisonError, Weak},
    task::Poll,
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::sleep,
};

/// All large bodies that are being sent have at most so many bytes together.
const MAX_BYTES: usize = 256 * 1024 * 1024;
/// What is smaller is not counted: connections are bounded too.
const LARGE: usize = 64 * 1024;
/// They are counted in pieces of so many bytes.
const UNIT: usize = 1024;
/// A large body is given up where its reader has not taken all of it after so long: else a few that do not read would take
/// all there is for ever.
const TIMEOUT: Duration = Duration::from_secs(120);
/// A body is cut into parts of about so many bytes, each of which is freed when it is sent.
const PART_BYTES: usize = 1024 * 1024;

/// A body in several parts, which nobody has to copy into one.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    parts: Arc<[Bytes]>,
    /// Held by all who are being sent it.
    counted: Arc<Mutex<Weak<OwnedSemaphorePermit>>>,
}

impl Parts {
    pub(super) fn new(parts: impl IntoIterator<Item = Bytes>) -> Self {
        Self { parts: parts.into_iter().collect(), counted: Arc::default() }
    }

    /// `whole`, cut into parts.
    pub(super) fn of(whole: Vec<u8>) -> Self {
        if whole.len() <= PART_BYTES {
            return Self::new([whole.into()]);
        }
        // Copies, for a slice would keep the whole.
        Self::new(whole.chunks(PART_BYTES).map(Bytes::copy_from_slice))
    }

    pub(super) fn as_slice(&self) -> &[Bytes] {
        &self.parts
    }

    pub(super) fn length(&self) -> usize {
        self.parts.iter().map(Bytes::len).sum()
    }
}

/// Bounds the memory of large bodies that are being sent, for slow readers are many. A body that several are being sent is
/// counted once.
#[derive(Debug, Clone)]
pub(super) struct LargeBodies {
    free: Arc<Semaphore>,
    max_units: usize,
}

impl Default for LargeBodies {
    fn default() -> Self {
        Self::new(MAX_BYTES)
    }
}

/// What is still to be sent; nothing where the reader took too long.
#[derive(Debug)]
struct Left {
    parts: std::vec::IntoIter<Bytes>,
    _counted: Arc<OwnedSemaphorePermit>,
}

/// A body that is being sent.
#[derive(Debug)]
struct Sending {
    left: Arc<Mutex<Option<Left>>>,
    watch: AbortHandle,
}

impl LargeBodies {
    fn new(max_bytes: usize) -> Self {
        let max_units = max_bytes / UNIT;
        Self { free: Arc::new(Semaphore::new(max_units)), max_units }
    }

    /// The body of an answer. Where too much is being sent already, it is refused.
    pub(super) fn body(&self, parts: &Parts) -> Result<Body, Failure> {
        let all: Vec<_> = parts.parts.iter().cloned().collect();
        let length = parts.length();
        if length < LARGE {
            return Ok(Body::from_stream(stream::iter(all.into_iter().map(Ok::<_, io::Error>))));
        }
        let left = Arc::new(Mutex::new(Some(Left { parts: all.into_iter(), _counted: self.count(parts, length)? })));
        let watched = Arc::downgrade(&left);
        // hyper asks for no more of the body while nobody reads: only somebody else can let go of it then.
        let watch = tokio::spawn(async move {
            sleep(TIMEOUT).await;
            if let Some(left) = watched.upgrade() {
                tracing::debug!(length, "a large answer was not read in time, and is given up");
                left.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        });
        let sending = Sending { left, watch: watch.abort_handle() };
        Ok(Body::from_stream(stream::poll_fn(move |_| Poll::Ready(sending.next()))))
    }

    fn count(&self, parts: &Parts, length: usize) -> Result<Arc<OwnedSemaphorePermit>, Failure> {
        let mut counted = parts.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counted) = counted.upgrade() {
            return Ok(counted);
        }
        // What is larger than all that there may be is sent where nothing else is.
        let units = length.div_ceil(UNIT).min(self.max_units);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.free).try_acquire_many_owned(units).map_err(|_| {
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many large answers are being sent to others")
        })?;
        let permit = Arc::new(permit);
        *counted = Arc::downgrade(&permit);
        Ok(permit)
    }
}

impl Sending {
    fn next(&self) -> Option<io::Result<Bytes>> {
        match &mut *self.left.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(left) => left.parts.next().map(Ok),
            None => Some(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    const MIB: usize = 1024 * 1024;

    fn parts(bytes: usize) -> Parts {
        Parts::of((0..bytes).map(|i| (i % 251) as u8).collect())
    }

    #[tokio::test]
    async fn a_body_is_all_of_its_parts() {
        let bodies = LargeBodies::default();
        for bytes in [0, 1, LARGE - 1, LARGE, MIB, MIB + 1, 3 * MIB] {
            let parts = parts(bytes);
            assert_eq!(parts.length(), bytes);
            let body = bodies.body(&parts).unwrap().collect().await.unwrap().to_bytes();
            assert_eq!(body, parts.as_slice().concat(), "{bytes}");
        }
    }

    #[tokio::test]
    async fn what_is_being_sent_is_bounded_and_counted_once() {
        let bodies = LargeBodies::new(4 * MIB);
        let (one, other, small) = (parts(3 * MIB), parts(2 * MIB), parts(LARGE - 1));
        let readers: Vec<_> = (0..100).map(|_| bodies.body(&one.clone()).unwrap()).collect();
        assert!(bodies.body(&other).is_err());
        assert!(bodies.body(&small).is_ok(), "there is always room for what is small");
        drop(readers);
        let taken = bodies.body(&other).unwrap();
        assert!(bodies.body(&one).is_err());
        taken.collect().await.unwrap();
        assert!(bodies.body(&one).is_ok(), "what was read is counted no longer");
    }

    #[tokio::test]
    async fn what_is_larger_than_all_is_sent_alone() {
        let bodies = LargeBodies::new(MIB);
        let (large, small) = (parts(3 * MIB), parts(LARGE));
        let body = bodies.body(&large).unwrap();
        assert!(bodies.body(&small).is_err());
        assert_eq!(body.collect().await.unwrap().to_bytes().len(), 3 * MIB);
        let small = bodies.body(&small).unwrap();
        assert!(bodies.body(&large).is_err());
        drop(small);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_given_up() {
        let bodies = LargeBodies::new(4 * MIB);
        let mut slow = bodies.body(&parts(3 * MIB)).unwrap();
        assert!(slow.frame().await.unwrap().is_ok());
        sleep(TIMEOUT - Duration::from_secs(1)).await;
        assert!(bodies.body(&parts(3 * MIB)).is_err());
        sleep(Duration::from_secs(2)).await;
        assert!(bodies.body(&parts(3 * MIB)).is_ok());
        assert!(slow.frame().await.unwrap().is_err(), "a short answer would pass for a whole one");
    }
}
