//! The line to Redis: one connection that all calls share, made anew in the background whenever it is lost.
//!
//! While Redis is away, calls fail at once with the reason why, and a new connection is tried twice a second: nobody queues
//! up behind a server that hangs.

use crate::{
    connect::{Connection, Connector, Request},
    failure::{Failure, Meaning},
};
use netring_core::StoreError;
use redis::{FromRedisValue, Value, from_redis_value};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, timeout, timeout_at},
};

/// How long after a failure the next connection is tried.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// A connection may take so long to make, where the timeout of a call is shorter: nobody waits for it for longer than that, and
/// sentinels are asked one after the other.
const CONNECT_AT_LEAST: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(crate) struct Link {
    connector: Arc<Connector>,
    timeout: Duration,
    line: Arc<Line>,
}

#[derive(Debug)]
struct Line {
    state: RwLock<State>,
    /// Moves with the state.
    changed: watch::Sender<()>,
}

enum State {
    /// There is none, and nobody has tried in vain: the next call makes one and waits for it.
    None,
    /// One is being made. After a failure nobody waits for it but who has it made.
    Connecting {
        after: Option<Failure>,
    },
    Up {
        connection: Connection,
        number: u64,
        made: Instant,
        /// Where it leads to a server that takes no writes: when another one is looked for again.
        look_again_at: Instant,
    },
    Down {
        failure: Failure,
        until: Instant,
    },
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Connecting { .. } => "Connecting",
            Self::Up { .. } => "Up",
            Self::Down { .. } => "Down",
        })
    }
}

/// What a call does about the connection.
enum Next {
    Go(Connection, u64),
    /// Make one, and wait for it.
    Make,
    /// Wait for the one that is being made.
    Wait,
    Fail(Failure),
}

impl Link {
    pub(crate) fn new(connector: Connector, timeout: Duration) -> Self {
        let line = Line { state: RwLock::new(State::None), changed: watch::Sender::new(()) };
        Self { connector: Arc::new(connector), timeout, line: Arc::new(line) }
    }

    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Asks Redis for something, for at most the timeout.
    pub(crate) async fn ask<T: FromRedisValue>(
        &self,
        operation: &'static str,
        request: &Request<'_>,
    ) -> Result<T, StoreError> {
        let unavailable = |failure: Failure| StoreError::Unavailable { operation, source: failure.into() };
        let value = self.answer(request).await.map_err(unavailable)?;
        from_redis_value(value).map_err(|error| unavailable(Failure::of_value(&error, self.connector.address())))
    }

    async fn answer(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let deadline = Instant::now() + self.timeout;
        let no_answer = || Failure::no_answer(self.connector.address(), self.timeout);
        let mut tries = 0;
        loop {
            tries += 1;
            let (mut connection, number) =
                timeout_at(deadline, self.connection()).await.unwrap_or_else(|_| Err(no_answer()))?;
            let failure = match timeout_at(deadline, connection.ask(request)).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => Failure::of(&error, self.connector.address()),
                Err(_) => no_answer(),
            };
            match failure.means {
                Meaning::Refused => return Err(failure),
                // What is asked may be asked twice: every step gives the same the second time.
                Meaning::Closed => self.line.closed(number, &failure),
                Meaning::Dead => self.line.lost(number, State::down(failure.clone())),
                // Who reads goes on with this one meanwhile.
                Meaning::Elsewhere if self.line.looks_again(number) => self.make(),
                Meaning::Elsewhere => {}
            }
            if failure.means != Meaning::Closed || tries == 2 {
                return Err(failure);
            }
        }
    }

    async fn connection(&self) -> Result<(Connection, u64), Failure> {
        loop {
            let mut changed = self.line.changed.subscribe();
            match self.line.next() {
                Next::Go(connection, number) => return Ok((connection, number)),
                Next::Fail(failure) => return Err(failure),
                Next::Make => self.make(),
                Next::Wait => {}
            }
            // It cannot fail: the sender is in the line, which is still there.
            let _ = changed.changed().await;
        }
    }

    /// Makes a connection in a task of its own, so that a call that is given up does not take it down.
    fn make(&self) {
        let (line, connector, limit) =
            (Arc::clone(&self.line), Arc::clone(&self.connector), self.timeout.max(CONNECT_AT_LEAST));
        tokio::spawn(async move {
            let address = connector.address().clone();
            // A panic in there must not leave everybody waiting.
            let made = tokio::spawn(async move { timeout(limit, connector.connect()).await }).await;
            line.made(match made {
                Ok(Ok(Ok(connection))) => Ok(connection),
                Ok(Ok(Err(error))) => Err(Failure::of(&error, &address)),
                Ok(Err(_)) => Err(Failure::no_answer(&address, limit)),
                Err(error) => Err(Failure::new(format!("cannot connect to {address}: {error}"), Meaning::Dead)),
            });
        });
    }
}

impl State {
    fn down(failure: Failure) -> Self {
        Self::Down { failure, until: Instant::now() + TRY_AGAIN_AFTER }
    }
}

impl Line {
    fn next(&self) -> Next {
        if let State::Up { connection, number, .. } = &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            return Next::Go(connection.clone(), *number);
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let after = match &*state {
            State::Up { connection, number, .. } => return Next::Go(connection.clone(), *number),
            State::Connecting { after: None } => return Next::Wait,
            State::Connecting { after: Some(failure) } => return Next::Fail(failure.clone()),
            State::Down { failure, until } if Instant::now() < *until => return Next::Fail(failure.clone()),
            State::Down { failure, .. } => Some(failure.clone()),
            State::None => None,
        };
        *state = State::Connecting { after };
        Next::Make
    }

    fn made(&self, made: Result<Connection, Failure>) {
        /// Tells one connection from the next.
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = match made {
            Ok(connection) => {
                let made = Instant::now();
                State::Up { connection, number, look_again_at: made + TRY_AGAIN_AFTER, made }
            }
            // One that was only to be replaced by a better one still serves.
            Err(_) if matches!(*state, State::Up { .. }) => return,
            Err(failure) => State::down(failure),
        };
        drop(state);
        self.changed.send_replace(());
    }

    /// Whether another connection is to be made in place of `number`, which works, but takes no writes.
    fn looks_again(&self, number: u64) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            State::Up { number: up, look_again_at, .. } if *up == number && *look_again_at <= Instant::now() => {
                *look_again_at = Instant::now() + TRY_AGAIN_AFTER;
                true
            }
            _ => false,
        }
    }

    /// Connection `number` was closed. A new one is made at once, unless it was closed as soon as it was made: who does that
    /// is not to be asked again and again.
    fn closed(&self, number: u64, failure: &Failure) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let State::Up { number: up, made, .. } = &*state
            && *up == number
        {
            *state = if made.elapsed() < TRY_AGAIN_AFTER { State::down(failure.clone()) } else { State::None };
        }
    }

    /// Connection `number` is of no use any more, unless another has taken its place already.
    fn lost(&self, number: u64, then: State) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if matches!(&*state, State::Up { number: up, .. } if *up == number) {
            *state = then;
        }
    }
}
