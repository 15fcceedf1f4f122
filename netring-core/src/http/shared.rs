use super::json::Failure;
use crate::{registry::RegistryError, store::StoreError};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// An answer serves for this many times as long as it took to make, so that to make it takes at most a fifth of the time.
const FRESH_TIMES: u32 = 4;

/// Something that takes long to make: it is made once at a time, and shared by all who ask at about the same time. It is made to
/// its end even where who asked first gives up, so that those who ask again find it.
#[derive(Debug)]
pub(super) struct Shared<T> {
    /// The newest one, and until when it serves.
    newest: Arc<Mutex<Option<(Instant, T)>>>,
    /// It serves for no longer than this. What was quickly made serves for a moment.
    fresh_at_most: Duration,
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { newest: Arc::clone(&self.newest), fresh_at_most: self.fresh_at_most }
    }
}

impl<T: Clone + Send + 'static> Shared<T> {
    pub(super) fn new(fresh_at_most: Duration) -> Self {
        Self { newest: Arc::default(), fresh_at_most }
    }

    /// The newest one, or what `make` gives where that serves no longer. What fails is not kept.
    pub(super) async fn get<F>(&self, make: impl FnOnce() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let mut newest = Arc::clone(&self.newest).lock_owned().await;
        if let Some((until, made)) = &*newest
            && Instant::now() < *until
        {
            return Ok(made.clone());
        }
        let (making, fresh_at_most) = (make(), self.fresh_at_most);
        let made = tokio::spawn(async move {
            let begun = Instant::now();
            let made = making.await?;
            let fresh = begun.elapsed().saturating_mul(FRESH_TIMES).min(fresh_at_most);
            *newest = Some((Instant::now() + fresh, made.clone()));
            Ok(made)
        });
        made.await.unwrap_or_else(|error| Err(unmade(error).into()))
    }
}

/// Why an answer could not be made: a bug, or the end of the program.
pub(super) fn unmade(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RegistryError {
    RegistryError::Store(StoreError::Unavailable { operation: "make the answer", source: error.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::time::{sleep, timeout};

    const SECOND: Duration = Duration::from_secs(1);

    /// What asks for something that takes `takes`, and counts how often it is made.
    async fn ask(shared: &Shared<u32>, made: &Arc<AtomicU32>, takes: Duration) -> u32 {
        let made = Arc::clone(made);
        let make = || async move {
            sleep(takes).await;
            Ok(made.fetch_add(1, Ordering::SeqCst) + 1)
        };
        shared.get(make).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn it_serves_for_four_times_as_long_as_it_took_and_no_longer_than_it_may() {
        for (takes, serves) in [(SECOND, 4 * SECOND), (9 * SECOND, 20 * SECOND)] {
            let (shared, made) = (Shared::new(20 * SECOND), Arc::new(AtomicU32::new(0)));
            let (a, b) = tokio::join!(ask(&shared, &made, takes), ask(&shared, &made, takes));
            assert_eq!((a, b), (1, 1), "who asks at the same time shares it");
            sleep(serves - Duration::from_millis(1)).await;
            assert_eq!(ask(&shared, &made, takes).await, 1);
            sleep(Duration::from_millis(1)).await;
            assert_eq!(ask(&shared, &made, takes).await, 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_made_to_its_end_where_who_asked_gives_up() {
        let (shared, made) = (Shared::new(20 * SECOND), Arc::new(AtomicU32::new(0)));
        assert!(timeout(SECOND, ask(&shared, &made, 3 * SECOND)).await.is_err());
        assert_eq!(ask(&shared, &made, 3 * SECOND).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_not_kept_and_harms_nobody() {
        let shared: Shared<u32> = Shared::new(20 * SECOND);
        assert!(shared.get(|| async { Err(unmade("no").into()) }).await.is_err());
        assert!(shared.get(|| async { panic!("a bug") }).await.is_err());
        assert_eq!(ask(&shared, &Arc::new(AtomicU32::new(0)), SECOND).await, 1);
    }
}
