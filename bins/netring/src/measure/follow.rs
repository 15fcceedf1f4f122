use crate::terminal::Screen;
use std::{future::Future, time::Duration};
use tokio::{sync::mpsc::UnboundedReceiver, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// How often what is known so far is drawn: often enough to look alive.
const REDRAW: Duration = Duration::from_millis(50);

/// Waits for `work`, and draws with `draw` what `news` make of `state` meanwhile, on a terminal. Nothing comes of it where
/// `shutdown` is first; what is known by then is in `state`.
pub(super) async fn follow<T, N, S>(
    work: impl Future<Output = T>,
    mut news: UnboundedReceiver<N>,
    state: &mut S,
    take: impl Fn(&mut S, N),
    draw: impl Fn(&S) -> String,
    screen: Option<&mut Screen>,
    shutdown: &CancellationToken,
) -> Option<T> {
    let mut screen = screen.filter(|screen| screen.is_live());
    let mut ticks = tokio::time::interval(REDRAW);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut work, mut is_new) = (std::pin::pin!(work), true);
    let result = loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break None,
            result = &mut work => break Some(result),
            _ = ticks.tick(), if is_new => {
                if let Some(screen) = &mut screen {
                    // Where it cannot be drawn the end will say so.
                    let _ = screen.draw(&draw(state), 0);
                }
                is_new = false;
            }
            Some(new) = news.recv() => {
                take(state, new);
                is_new = true;
            }
        }
    };
    while let Ok(new) = news.try_recv() {
        take(state, new);
    }
    result
}
