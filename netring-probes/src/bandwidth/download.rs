use super::{
    Direction,
    connection::{Connection, Driver},
    meter::{Budget, Done, Meter, STALL, TICK, Watcher},
    prober::Way,
    request,
    stop::Stop,
};
use hyper::{StatusCode, body::Incoming};
use netring_core::{
    FailureReason, Target,
    model::{Limit, Throughput},
};
use std::net::SocketAddr;
use tokio::time::{MissedTickBehavior, interval};

const NAME: &str = Direction::Download.as_str();

/// Measures the way from `target`.
pub(super) async fn download(
    target: &Target,
    address: SocketAddr,
    budget: Budget,
    watcher: Watcher<'_>,
) -> Result<Way, Stop> {
    let connection = Connection::open(address, budget.ask_kernel).await?;
    let mut meter = Meter::new(Direction::Download, budget, watcher);
    let (answer, mut driver) = connection.send(request::download(target, budget.bytes)?);
    let answer = driver.run(answer).await.map_err(|error| Stop::http(NAME, &error))?;
    if answer.status() != StatusCode::OK {
        return Err(request::refused(target, NAME, &answer));
    }
    meter.await_bytes();
    receive(&mut driver, answer.into_body(), &mut meter).await
}

async fn receive(driver: &mut Driver, mut body: Incoming, meter: &mut Meter<'_>) -> Result<Way, Stop> {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut bytes = 0_u64;
    let done = loop {
        tokio::select! {
            biased;
            _ = ticks.tick() => {
                if let Some(info) = driver.tcp_info() {
                    meter.note(&info);
                }
                if let Some(done) = meter.look() {
                    break done;
                }
            }
            chunk = driver.next(&mut body) => match chunk {
                Some(Ok(chunk)) => {
                    bytes = bytes.saturating_add(chunk.len() as u64);
                    // Of a fixed size no byte more counts, however much came with the last one.
                    let most = if meter.budget().fixed { meter.budget().bytes } else { u64::MAX };
                    meter.delivered(bytes.min(most));
                    if bytes >= meter.budget().bytes {
                        break Done::Limited(Limit::Bytes);
                    }
                }
                Some(Err(error)) => return Ok(Way::cut(measured(meter, Done::Stalled), Stop::body(NAME, &error))),
                None => {
                    driver.close_in_order();
                    break Done::Limited(Limit::Target);
                }
            },
        }
    };
    if let Some(info) = driver.tcp_info() {
        meter.note(&info);
    }
    let measured = measured(meter, done);
    match (done, measured) {
        (Done::Stalled, measured) => {
            let stop = Stop::failed(FailureReason::Timeout, format!("{NAME}: no byte came for {STALL:?}"));
            Ok(Way::cut(measured, stop))
        }
        (_, None) => Err(Stop::failed(FailureReason::Protocol, format!("{NAME}: the answer has no body"))),
        (_, measured) => Ok(Way { measured, stop: None }),
    }
}

/// What was measured, where there is anything.
fn measured(meter: &Meter<'_>, done: Done) -> Option<Throughput> {
    (meter.bytes() > 0).then(|| meter.finish(done))
}
