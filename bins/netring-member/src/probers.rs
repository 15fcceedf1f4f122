//! The probers that the configuration asks for.

use crate::config::MemberConfig;
use netring_core::{Cadence, ProbeKind, TcpProber, member::MemberBuilder, model::BandwidthMode};
use netring_probes::{BandwidthProber, HttpProber, IcmpProber, TestMode, TracerouteProber, UdpProber};
use std::time::Duration;

const MIB: u64 = 1024 * 1024;
/// A target that fails is traced at once, but not again within this time.
const TRACE_AGAIN_AFTER: Duration = Duration::from_secs(60);
/// What the two directions of a throughput test take besides: to resolve, to connect, to be told to come back.
const BANDWIDTH_ALLOWANCE: Duration = Duration::from_secs(5);

/// Adds the probers to `member`. Those that this system does not allow are left out: the log says so once, and `/health`
/// for as long as the member runs.
pub(crate) fn add(mut member: MemberBuilder, config: &MemberConfig) -> MemberBuilder {
    let (intervals, checks) = (&config.intervals, &config.checks);
    let has = |kind| checks.probes.has(&kind);
    let check = |timeout| Cadence::new(intervals.check_interval.get(), timeout);
    if has(ProbeKind::TCP) {
        member = member.prober(TcpProber, check(checks.tcp_timeout.get()));
    }
    if has(ProbeKind::HTTP) {
        for endpoint in &checks.http_endpoints {
            let prober =
                HttpProber::builder(endpoint.clone()).expect_statuses(checks.http_expected_status.expected()).build();
            member = member.prober(prober, check(checks.http_timeout.get()));
        }
    }
    let burst = checks.burst().expect("it was checked with the configuration");
    if has(ProbeKind::UDP) {
        let prober = UdpProber::builder().settings(burst);
        let prober = match config.ring_key() {
            Some(key) => prober.key(key),
            None => prober,
        };
        member = member.prober(prober.build(), check(checks.burst_timeout.get()));
    }
    if has(ProbeKind::ICMP) {
        member = match IcmpProber::open(burst) {
            Ok(prober) => {
                tracing::info!(socket = %prober.socket_kind(), "bursts go by ICMP echo too");
                member.prober(prober, check(checks.burst_timeout.get()))
            }
            Err(why) => {
                tracing::info!(%why, "no bursts by ICMP echo");
                member.unavailable(ProbeKind::ICMP, why.to_string())
            }
        };
    }
    if has(ProbeKind::BANDWIDTH) {
        let max_duration = checks.bandwidth_test_max_duration.get();
        let mode = match checks.bandwidth_test_mode.0 {
            BandwidthMode::Adaptive => TestMode::Adaptive,
            BandwidthMode::Fixed => TestMode::Fixed { size_mib: checks.bandwidth_test_size_mb.get().into() },
        };
        let prober = BandwidthProber::builder()
            .mode(mode)
            .max_bytes(u64::from(checks.bandwidth_test_max_mb.get()) * MIB)
            .max_duration(max_duration)
            .build();
        let cadence = Cadence::new(intervals.bandwidth_test_interval.get(), max_duration * 2 + BANDWIDTH_ALLOWANCE)
            .one_at_a_time();
        member = member.prober(prober, cadence);
    }
    if has(ProbeKind::TRACEROUTE) {
        let bounded = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        let prober = TracerouteProber::builder()
            .mode(checks.traceroute_mode.0)
            .flows(bounded(checks.traceroute_flows.get()))
            .max_hops(bounded(checks.traceroute_max_hops.get()))
            .build();
        let cadence = Cadence::new(intervals.traceroute_interval.get(), checks.traceroute_timeout.get());
        member = match prober {
            Ok(prober) => {
                tracing::info!(mode = %prober.mode(), "traceroutes are made");
                member.prober(prober, cadence.after_failure(TRACE_AGAIN_AFTER))
            }
            Err(why) => {
                tracing::warn!(%why, "no traceroutes");
                member.unavailable(ProbeKind::TRACEROUTE, why.to_string())
            }
        };
    }
    member
}
