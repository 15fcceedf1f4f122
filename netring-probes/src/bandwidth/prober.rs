use super::{
    BandwidthProberBuilder, BandwidthProgress, Direction, TestMode,
    download::download,
    meter::{Budget, Watcher},
    request::MIB,
    stop::Stop,
    upload::upload,
};
use async_trait::async_trait;
use netring_core::{
    BandwidthMeasurement, Clock, FailureReason, Measurement, Outcome, ProbeError, ProbeKind, ProbeReport, Prober,
    SystemClock, Target,
    model::{BandwidthMode, Throughput},
};
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout_at};

/// A test ends before its deadline by this, or a tenth of what is left where that is less, so that what was measured is told.
const MARGIN: Duration = Duration::from_millis(100);
/// How long after the first direction the second one waits for a place the first time: the target may not have seen yet that
/// the first connection is closed.
const OWN_PLACE: Duration = Duration::from_millis(100);
/// How often the second direction asks for a place.
const TRIES: u32 = 4;

/// Measures the throughput of the path to a member, both ways: the rate at which one TCP connection delivers bytes once it
/// has started up (RFC 3148), by `GET` and `POST /bandwidth_test` over plain HTTP/1.1. No proxy is asked.
///
/// An adaptive test looks at the rate over successive windows, each of several round trips, and is over once they agree;
/// what slow start, a shaper's burst and the filling of queues did before does not count. A rate that has not settled says
/// so, and what limited it. What was received counts for the download, and what the far end acknowledged for the upload.
///
/// One connection loads the path as much as it can while the test runs. Whoever tests takes care that tests do not run
/// side by side; a target that serves as many as it may answers [`ProbeError::Busy`].
///
/// A target that takes no uploads, as members of 1.x, is a success without one.
///
/// # How a probe fails
/// The message starts with the direction, and what was measured until then is in the report.
///
/// | reason | when |
/// |---|---|
/// | [`Timeout`](FailureReason::Timeout) | no connection within three seconds, no answer within three more, or next to nothing delivered for two: less than 4 kbit/s; or the deadline came first |
/// | [`NameNotResolved`](FailureReason::NameNotResolved), [`Refused`](FailureReason::Refused), [`Unreachable`](FailureReason::Unreachable) | no connection |
/// | [`Reset`](FailureReason::Reset) | the connection was closed before an answer, or torn down |
/// | [`Protocol`](FailureReason::Protocol) | what came is not HTTP/1.1, or ended before the length that was promised, or the target ended it before there was enough to tell a rate from: 256 KiB, or ten round trips and 100 ms |
/// | [`UnexpectedStatus`](FailureReason::UnexpectedStatus) | the status is not 200 |
///
/// # Panics
/// [`Prober::probe`] panics outside a tokio runtime with I/O and time enabled.
#[derive(Debug, Clone)]
pub struct BandwidthProber {
    pub(super) settings: BandwidthProberBuilder,
}

impl Default for BandwidthProber {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// How one direction ended.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) measured: Option<Throughput>,
    /// What ended it too early.
    pub(super) stop: Option<Stop>,
}

impl Way {
    pub(super) fn cut(measured: Option<Throughput>, stop: Stop) -> Self {
        Self { measured, stop: Some(stop) }
    }
}

/// What is known so far. It stands outside the future that the deadline cuts off.
#[derive(Debug)]
struct State {
    ip: Option<IpAddr>,
    measured: BandwidthMeasurement,
    at: &'static str,
}

impl BandwidthProber {
    /// Settings for a prober.
    pub fn builder() -> BandwidthProberBuilder {
        BandwidthProberBuilder::default()
    }

    /// [`Prober::probe`], for whoever wants to watch: `progress` is told about ten times a second how far it is.
    ///
    /// # Errors
    /// Where the test could not be made, and where the target is busy.
    pub async fn probe_with(
        &self,
        target: &Target,
        deadline: Instant,
        progress: &(dyn Fn(BandwidthProgress) + Send + Sync),
    ) -> Result<ProbeReport, ProbeError> {
        let started_at = SystemClock.now();
        let started = Instant::now();
        let mode = match self.settings.mode {
            TestMode::Adaptive => BandwidthMode::Adaptive,
            TestMode::Fixed { .. } => BandwidthMode::Fixed,
        };
        let measured = BandwidthMeasurement { mode, download: None, upload: None };
        let mut state = State { ip: None, measured, at: "resolve" };
        let outcome = match timeout_at(deadline, self.run(target, deadline, progress, &mut state)).await {
            Ok(Ok(())) => Outcome::Success,
            Ok(Err(Stop::Failed(failure))) => failure,
            Ok(Err(Stop::NotMade(error))) => return Err(error),
            Err(_) => Outcome::failure(FailureReason::Timeout, format!("{}: no answer before the deadline", state.at)),
        };
        let State { ip, measured, .. } = state;
        let any = measured.download.is_some() || measured.upload.is_some();
        Ok(ProbeReport {
            target: target.clone(),
            ip,
            kind: ProbeKind::BANDWIDTH,
            endpoint: None,
            started_at,
            duration: started.elapsed(),
            outcome,
            measurement: any.then_some(Measurement::Bandwidth(measured)),
            lateness: Duration::ZERO,
            tainted: false,
            interval: None,
        })
    }

    async fn run(
        &self,
        target: &Target,
        deadline: Instant,
        watcher: Watcher<'_>,
        state: &mut State,
    ) -> Result<(), Stop> {
        let address = target
            .resolve()
            .await
            .map_err(|error| Stop::failed(FailureReason::NameNotResolved, format!("resolve: {error}")))?;
        state.ip = Some(address.ip());
        let directions = self.settings.directions.as_slice();
        for (done, &direction) in directions.iter().enumerate() {
            state.at = direction.as_str();
            let ways_left = u32::try_from(directions.len() - done).unwrap_or(1);
            let way = self.measure(direction, target, address, deadline, ways_left, done > 0, watcher).await?;
            match direction {
                Direction::Download => state.measured.download = way.measured,
                Direction::Upload => state.measured.upload = way.measured,
            }
            if let Some(stop) = way.stop {
                return Err(stop);
            }
        }
        if state.measured.download.is_none() && state.measured.upload.is_none() {
            return Err(Stop::failed(FailureReason::UnexpectedStatus, "upload: the target takes none"));
        }
        Ok(())
    }

    /// One direction, of `ways_left` that have to fit before the deadline. Where another one was measured already, a target
    /// that is full is asked again: what was measured is not to be thrown away.
    #[expect(clippy::too_many_arguments, reason = "one private call, which passes on what it was given")]
    async fn measure(
        &self,
        direction: Direction,
        target: &Target,
        address: SocketAddr,
        deadline: Instant,
        ways_left: u32,
        again: bool,
        watcher: Watcher<'_>,
    ) -> Result<Way, Stop> {
        let mut tries = 0;
        loop {
            let budget = self.budget(deadline, ways_left);
            let way = match direction {
                Direction::Download => download(target, address, budget, watcher).await,
                Direction::Upload => upload(target, address, budget, watcher).await,
            };
            tries += 1;
            let pause =
                match &way {
                    Err(Stop::NotMade(ProbeError::Busy { retry_after, .. })) if again && tries < TRIES => {
                        if tries == 1 { OWN_PLACE } else { *retry_after }
                    }
                    _ => return way,
                };
            if Instant::now() + pause >= deadline {
                return way;
            }
            sleep(pause).await;
        }
    }

    fn budget(&self, deadline: Instant, ways_left: u32) -> Budget {
        let (now, settings) = (Instant::now(), &self.settings);
        let left = deadline.saturating_duration_since(now);
        let share = left.saturating_sub(MARGIN.min(left / 10)) / ways_left;
        let (bytes, fixed) = match settings.mode {
            TestMode::Adaptive => (settings.max_bytes, false),
            TestMode::Fixed { size_mib } => (size_mib.max(1).saturating_mul(MIB), true),
        };
        Budget { bytes, until: now + settings.max_duration.min(share), fixed, ask_kernel: settings.ask_kernel }
    }
}

#[async_trait]
impl Prober for BandwidthProber {
    fn kind(&self) -> ProbeKind {
        ProbeKind::BANDWIDTH
    }

    async fn probe(&self, target: &Target, deadline: Instant) -> Result<ProbeReport, ProbeError> {
        self.probe_with(target, deadline, &|_| {}).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bandwidth::Directions;
    use netring_core::{
        FixedDiscovery, InstanceId, Location, MemberEngine, http::member_router, model::Limit, testing::net,
    };
    use std::sync::Arc;
    use tokio::{net::TcpListener, task::JoinSet};

    #[tokio::test]
    async fn where_the_kernel_does_not_tell_the_target_does() {
        let (id, location) = (InstanceId::new("m1").unwrap(), Location::new("us1").unwrap());
        let engine = MemberEngine::builder(id, location, 1, Arc::new(FixedDiscovery::default())).build().unwrap();
        let router = member_router(engine.handle()).max_bandwidth_test_mib(1 << 20).build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = net::target(listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });

        let unbounded = u64::MAX / 2;
        for (bytes, time, limit) in
            [(3 * MIB, Duration::from_secs(30), Limit::Bytes), (unbounded, Duration::from_millis(200), Limit::Time)]
        {
            let mut settings =
                BandwidthProber::builder().directions(Directions::Upload).max_bytes(bytes).max_duration(time);
            settings.ask_kernel = false;
            let report = settings.build().probe(&target, Instant::now() + Duration::from_secs(60)).await.unwrap();
            assert_eq!(report.outcome, Outcome::Success);
            let Some(Measurement::Bandwidth(measured)) = report.measurement else { panic!("nothing was measured") };
            let upload = measured.upload.unwrap();
            assert!(upload.bytes > 0 && (limit == Limit::Time || upload.bytes == bytes), "{upload:?}");
            assert!(upload.bits_per_second > 0.0 && upload.round_trip_time.is_none(), "{upload:?}");
            assert_eq!((upload.settled, upload.limited_by), (false, Some(limit)));
        }
    }
}
