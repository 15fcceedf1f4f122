use super::{
    Direction,
    connection::{Connection, Driver},
    meter::{Budget, Done, Meter, STALL, TICK, Watcher},
    payload::Payload,
    prober::Way,
    request,
    stop::Stop,
};
use hyper::{Response, StatusCode, body::Incoming};
use netring_core::{FailureReason, Target, model::Limit, wire::UploadResponse};
use std::{
    net::SocketAddr,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
};
use tokio::time::{MissedTickBehavior, interval, timeout};

const NAME: &str = Direction::Upload.as_str();
/// Most that is read of the answer to an upload.
const MAX_ANSWER_BYTES: usize = 4 * 1024;

/// Measures the way to `target`: what its kernel acknowledged, or, where this system does not tell, what it answers.
pub(super) async fn upload(
    target: &Target,
    address: SocketAddr,
    budget: Budget,
    watcher: Watcher<'_>,
) -> Result<Way, Stop> {
    let connection = Connection::open(address, budget.ask_kernel).await?;
    let mut meter = Meter::new(Direction::Upload, budget, watcher);
    let (payload, left) = Payload::noise(budget.bytes);
    let (answer, mut driver) = connection.send(request::upload(target, payload)?);
    // The SYN counts as a byte. That the head of the request counts, and of each chunk, is nothing beside the payload.
    let before = acked(&driver).unwrap_or_default();
    let mut answer = pin!(answer);
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let done = loop {
        tokio::select! {
            biased;
            _ = ticks.tick() => {
                if let Some(done) = look(&driver, &mut meter, before, &left) {
                    break done;
                }
            }
            answer = driver.run(&mut answer) => {
                let answer = answer.map_err(|error| Stop::http(NAME, &error));
                look(&driver, &mut meter, before, &left);
                return match answer {
                    Ok(answer) => answered(target, &mut driver, &mut meter, answer).await,
                    Err(stop) => Ok(Way::cut(meter.measured(Done::Cut), stop)),
                };
            }
        }
    };
    match done {
        // All of it is in the target's kernel. Whether the target took it, it has yet to say.
        Done::Limited(Limit::Bytes) => match timeout(STALL, driver.run(&mut answer)).await {
            Ok(Ok(answer)) => answered(target, &mut driver, &mut meter, answer).await,
            Ok(Err(error)) => Ok(Way::cut(meter.measured(Done::Cut), Stop::http(NAME, &error))),
            Err(_) => Ok(Way::cut(meter.measured(done), Stop::silent(NAME, STALL))),
        },
        Done::Limited(Limit::Time) if acked(&driver).is_none() => {
            // The body ends here, and the target says how much of it came.
            left.store(0, Ordering::Relaxed);
            let answer = driver.run(&mut answer).await.map_err(|error| Stop::http(NAME, &error))?;
            answered(target, &mut driver, &mut meter, answer).await
        }
        Done::Stalled => {
            let stop = Stop::failed(FailureReason::Timeout, format!("{NAME}: less than 4 kbit/s was acknowledged"));
            Ok(Way::cut(meter.measured(done), stop))
        }
        _ => Ok(Way { measured: meter.measured(done), stop: None }),
    }
}

fn acked(driver: &Driver) -> Option<u64> {
    driver.tcp_info()?.bytes_acked
}

/// Asks the kernel how far it is. Where it does not tell, only the time can be over.
fn look(driver: &Driver, meter: &mut Meter<'_>, before: u64, left: &AtomicU64) -> Option<Done> {
    let info = driver.tcp_info();
    let Some((info, acked)) = info.and_then(|info| Some((info, info.bytes_acked?))) else {
        return meter.is_over().then_some(Done::Limited(Limit::Time));
    };
    meter.note(&info);
    let handed_out = meter.budget().bytes.saturating_sub(left.load(Ordering::Relaxed));
    meter.delivered(acked.saturating_sub(before).min(handed_out));
    meter.look()
}

/// What the target's answer says.
async fn answered(
    target: &Target,
    driver: &mut Driver,
    meter: &mut Meter<'_>,
    answer: Response<Incoming>,
) -> Result<Way, Stop> {
    match answer.status() {
        StatusCode::OK => {
            if acked(driver).is_none()
                && let Some(taken) = taken(driver, answer.into_body()).await
            {
                meter.delivered(taken.bytes.min(meter.budget().bytes));
            }
            driver.close_in_order();
            let limit = if meter.bytes() >= meter.budget().bytes {
                Limit::Bytes
            } else if meter.is_over() {
                Limit::Time
            } else {
                Limit::Target
            };
            let measured = meter.measured(Done::Limited(limit));
            let stop = measured.is_none().then(|| Stop::too_little(NAME, meter.bytes()));
            Ok(Way { measured, stop })
        }
        // It takes so much and no more, or for so long and no longer.
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
            match meter.measured(Done::Limited(Limit::Target)) {
                None => Err(request::refused(target, NAME, &answer)),
                measured => Ok(Way { measured, stop: None }),
            }
        }
        // As members of 1.x do, which take no uploads.
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
            Ok(Way { measured: None, stop: None })
        }
        _ => Err(request::refused(target, NAME, &answer)),
    }
}

/// What the target says that it took, where that can be understood.
async fn taken(driver: &mut Driver, mut body: Incoming) -> Option<UploadResponse> {
    let mut text = Vec::new();
    while let Some(Ok(chunk)) = driver.next(&mut body).await {
        text.extend_from_slice(&chunk);
        if text.len() > MAX_ANSWER_BYTES {
            return None;
        }
    }
    serde_json::from_slice(&text).ok()
}
