use super::{
    Direction,
    connection::{Connection, Driver, PATIENCE},
    meter::{Budget, Done, Meter, TICK, Watcher},
    prober::Way,
    request,
    stop::Stop,
};
use hyper::{StatusCode, body::Incoming};
use netring_core::{FailureReason, Target, model::Limit};
use std::net::SocketAddr;
use tokio::time::{MissedTickBehavior, interval, timeout};

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
    let answer = timeout(PATIENCE, driver.run(answer))
        .await
        .map_err(|_| Stop::silent(NAME, PATIENCE))?
        .map_err(|error| Stop::http(NAME, &error))?;
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
                Some(Err(error)) => return Ok(Way::cut(meter.measured(Done::Cut), Stop::body(NAME, &error))),
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
    let measured = meter.measured(done);
    match (done, measured) {
        (Done::Stalled, measured) => {
            let stop = Stop::failed(FailureReason::Timeout, format!("{NAME}: less than 4 kbit/s came"));
            Ok(Way::cut(measured, stop))
        }
        (_, None) if meter.bytes() > 0 => Err(Stop::too_little(NAME, meter.bytes())),
        (_, None) => Err(Stop::failed(FailureReason::Protocol, format!("{NAME}: the answer has no body"))),
        (_, measured) => Ok(Way { measured, stop: None }),
    }
}
