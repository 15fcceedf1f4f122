use super::{
    super::{json::Failure, turns::Turns},
    answer::Answer,
    question::Question,
};
use crate::registry::{RegistryEngine, RegistryError, blocking};
use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::Mutex as AsyncMutex,
    time::{Instant, sleep, timeout},
};

/// An answer serves for this many times as long as it took to make, so that to make it takes at most a fifth of the time …
const FRESH_TIMES: u32 = 4;
/// … but for no longer than this. In a small ring every answer is a new one.
const FRESH_AT_MOST: Duration = Duration::from_secs(2);
/// What takes longer to make is made anew before somebody asks for it …
const SLOW: Duration = Duration::from_millis(20);
/// … at most so often, and for at most a fifth of the time …
const ANEW_EVERY: Duration = Duration::from_secs(1);
/// … for as long as the last who asked did so within this time.
const ASKED_WITHIN: Duration = Duration::from_secs(30);
/// It is given up after this, as it is for somebody who asks: it takes a turn from the others.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The newest answer to one question.
#[derive(Debug)]
pub(super) struct Slot {
    question: Question,
    newest: Arc<AsyncMutex<Option<Ready>>>,
    asked: Mutex<Instant>,
    /// Whether there is a task that makes it anew.
    kept_new: AtomicBool,
    turns: Turns,
}

/// An answer, and until when it serves.
#[derive(Debug)]
struct Ready {
    answer: Arc<Answer>,
    until: Instant,
}

impl Slot {
    pub(super) fn new(question: Question, turns: Turns) -> Self {
        Self {
            question,
            newest: Arc::default(),
            asked: Mutex::new(Instant::now()),
            kept_new: AtomicBool::new(false),
            turns,
        }
    }

    pub(super) fn question(&self) -> &Question {
        &self.question
    }

    pub(super) async fn answer(self: &Arc<Self>, registry: &RegistryEngine) -> Result<Arc<Answer>, Failure> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let mut newest = Arc::clone(&self.newest).lock_owned().await;
        if let Some(ready) = newest.as_ref().filter(|ready| Instant::now() < ready.until) {
            return Ok(Arc::clone(&ready.answer));
        }
        *newest = None;
        let (slot, registry) = (Arc::clone(self), registry.clone());
        let make = async move {
            let (answer, took) = slot.made(&registry).await?;
            let serves = if took < SLOW { (took * FRESH_TIMES).min(FRESH_AT_MOST) } else { serves(took) };
            // It is there even where who asked first has given up, so that those who ask again find it.
            *newest = Some(Ready { answer: Arc::clone(&answer), until: Instant::now() + serves });
            if took >= SLOW && !slot.kept_new.swap(true, Ordering::AcqRel) {
                tokio::spawn(keep_new(Arc::downgrade(&slot), registry, took));
            }
            Ok::<_, RegistryError>(answer)
        };
        self.turns.run(make).await
    }

    /// Makes it anew, and tells how long that took; none where that is not to be done again.
    async fn anew(self: &Arc<Self>, registry: &RegistryEngine) -> Option<Duration> {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let made = if asked.elapsed() < ASKED_WITHIN {
            let (slot, registry) = (Arc::clone(self), registry.clone());
            let make = async move { slot.made(&registry).await };
            timeout(TIMEOUT, self.turns.run(make)).await.ok().and_then(Result::ok)
        } else {
            None
        };
        let again = match &made {
            Some((answer, took)) => {
                let compressed = self.newest.lock().await.as_ref().is_some_and(|ready| ready.answer.has_gzip());
                let begun = Instant::now();
                // Where that fails, it fails again for whoever asks.
                let _ = if compressed { answer.gzip(&self.turns).await.map(drop) } else { Ok(()) };
                Some(*took + begun.elapsed()).filter(|took| *took >= SLOW)
            }
            None => None,
        };
        // It takes much memory, so that it goes where nobody asks; and where it cannot be made, whoever asks shall see why.
        let mut newest = self.newest.lock().await;
        *newest = made.map(|(answer, took)| Ready { answer, until: Instant::now() + again.map_or(took, serves) });
        if again.is_none() {
            self.kept_new.store(false, Ordering::Release);
        }
        again
    }

    async fn made(&self, registry: &RegistryEngine) -> Result<(Arc<Answer>, Duration), RegistryError> {
        let begun = Instant::now();
        let (known, question) = (registry.known().await?, self.question.clone());
        let answer = blocking("write the matrix", move || Answer::new(&known, &question)).await?;
        Ok((Arc::new(answer), begun.elapsed()))
    }
}

/// Makes the answer anew again and again, for as long as somebody asks for it.
async fn keep_new(slot: Weak<Slot>, registry: RegistryEngine, mut took: Duration) {
    loop {
        sleep(pause(took)).await;
        // Other questions have taken its place, or the router is gone.
        let Some(slot) = slot.upgrade() else { return };
        match slot.anew(&registry).await {
            Some(again) => took = again,
            None => return,
        }
    }
}

/// How long it is from an answer that took so long to the beginning of the next.
fn pause(took: Duration) -> Duration {
    (took * FRESH_TIMES).max(ANEW_EVERY)
}

/// An answer that is made anew serves until the next one is there, which may take longer on a busy host.
fn serves(took: Duration) -> Duration {
    pause(took) + took * 2 + ANEW_EVERY
}
