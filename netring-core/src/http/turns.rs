use super::{json::Failure, shared::unmade};
use axum::http::StatusCode;
use std::{future::Future, sync::Arc};
use tokio::sync::Semaphore;

/// So many wait for a turn; the next is turned away at once.
pub(super) const WAITING: usize = 16;

/// Bounds how much work of a kind runs at once, and how much waits to.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    /// Of those that run and of those that wait.
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once + WAITING)), running: Arc::new(Semaphore::new(at_once)) }
    }

    /// Does `work` when it is its turn. It is done to its end even where who asked gives up: what runs on another thread
    /// cannot be stopped, and until it has ended its turn is not for others.
    pub(super) async fn run<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        E: Into<Failure> + Send + 'static,
    {
        let busy =
            |_| Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many are waiting for an answer like this one");
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(unmade)?;
        let done = tokio::spawn(async move {
            let done = work.await;
            drop((turn, place));
            done
        });
        done.await.map_err(unmade)?.map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::RegistryError;
    use futures_util::future::join_all;
    use std::time::Duration;
    use tokio::time::{Instant, sleep, timeout};

    const SECOND: Duration = Duration::from_secs(1);

    async fn work() -> Result<(), RegistryError> {
        sleep(3 * SECOND).await;
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_taken_until_the_work_has_ended() {
        let turns = Turns::new(2);
        for _ in 0..2 {
            assert!(timeout(SECOND / 2, turns.run(work())).await.is_err(), "who asked gives up");
        }
        let begun = Instant::now();
        turns.run(work()).await.unwrap();
        assert_eq!(begun.elapsed(), 5 * SECOND, "it waits for the first");
    }

    #[tokio::test(start_paused = true)]
    async fn few_wait_and_who_gives_up_waits_no_longer() {
        let turns = Turns::new(2);
        let crowd = || join_all((0..100).map(|_| turns.run(work())));
        assert!(timeout(SECOND, crowd()).await.is_err());
        let done = crowd().await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), WAITING, "two were running");
        let done = crowd().await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 2 + WAITING);
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_panics_leaves_its_turn() {
        let turns = Turns::new(1);
        let panics = || async { if true { panic!("a bug") } else { Ok::<(), RegistryError>(()) } };
        for _ in 0..2 * WAITING {
            assert!(turns.run(panics()).await.is_err());
        }
        turns.run(work()).await.unwrap();
    }
}
