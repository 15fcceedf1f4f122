use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// A test that takes longer is ended, so that nobody holds a place for ever.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);
/// How often it is looked how much was moved. Long, for a sender's buffer is emptied in jerks: on a slow link some seconds
/// may pass between two of them.
pub(super) const LOOK: Duration = Duration::from_secs(15);
/// At least this much has to be moved between two looks: 35 kbit/s. The smallest test of 1.x, 1 MiB, comes to its end
/// within the [`TIMEOUT`] from 140 kbit/s on. Who is slower than a quarter of that only holds a place.
pub(super) const LEAST: u64 = 64 * 1024;

/// Waits until whoever sends or takes has to be let go, and says why.
pub(super) async fn out_of_patience(moved: &AtomicU64) -> String {
    let begun = Instant::now();
    let mut before = 0;
    let mut look = begun;
    loop {
        look += LOOK;
        sleep_until(look).await;
        let now = moved.load(Ordering::Relaxed);
        if look - begun >= TIMEOUT {
            return format!("the bandwidth test took longer than {TIMEOUT:?}");
        }
        if now.saturating_sub(before) < LEAST {
            return format!("less than {LEAST} bytes were moved within {LOOK:?}");
        }
        before = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{join, time::sleep};

    /// How long somebody is borne with who moves so much each second.
    async fn patience_with(bytes_per_second: u64) -> Duration {
        let (begun, moved) = (Instant::now(), AtomicU64::new(0));
        let mut waiting = Box::pin(out_of_patience(&moved));
        let moving = async {
            loop {
                tokio::select! {
                    biased;
                    _ = &mut waiting => break,
                    () = sleep(Duration::from_secs(1)) => moved.fetch_add(bytes_per_second, Ordering::Relaxed),
                };
            }
        };
        join!(moving);
        begun.elapsed().min(Duration::from_secs(100))
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_link_has_its_time_and_a_trickle_has_not() {
        for (bytes_per_second, patience) in
            [(0, LOOK), (1, LOOK), (4_096, LOOK), (17_476, TIMEOUT), (u64::MAX / 100, TIMEOUT)]
        {
            let waited = patience_with(bytes_per_second).await;
            assert!((patience..patience + Duration::from_secs(1)).contains(&waited), "{bytes_per_second}: {waited:?}");
        }
    }
}
