//! The name, type, labels and help of every metric.

use prometheus::{Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};

/// 100 µs to 10 s, for durations of checks.
const CHECK_BUCKETS: [f64; 19] = [
    0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.35, 0.5, 1.0,
    2.5, 10.0,
];
/// 500 µs to 1 s, for lateness.
const LATENESS_BUCKETS: [f64; 9] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.25, 1.0];
const PAIR: [&str; 5] = ["source_location", "source_instance", "target_location", "target_instance", "target_ip"];
const PAIR_ENDPOINT: [&str; 6] =
    ["source_location", "source_instance", "target_location", "target_instance", "target_ip", "endpoint"];
const PAIR_KIND: [&str; 6] =
    ["source_location", "source_instance", "target_location", "target_instance", "target_ip", "check_type"];
const PAIR_KIND_DIRECTION: [&str; 7] = [
    "source_location",
    "source_instance",
    "target_location",
    "target_instance",
    "target_ip",
    "check_type",
    "direction",
];
const PAIR_KIND_STATISTIC: [&str; 7] = [
    "source_location",
    "source_instance",
    "target_location",
    "target_instance",
    "target_ip",
    "check_type",
    "statistic",
];
const PAIR_KIND_RESULT: [&str; 7] =
    ["source_location", "source_instance", "target_location", "target_instance", "target_ip", "check_type", "result"];
const PAIR_DIRECTION: [&str; 6] =
    ["source_location", "source_instance", "target_location", "target_instance", "target_ip", "direction"];
const PAIR_ENDPOINT_PHASE: [&str; 7] =
    ["source_location", "source_instance", "target_location", "target_instance", "target_ip", "endpoint", "phase"];

#[derive(Debug)]
pub(super) struct Families {
    pub(super) connectivity_tcp: GaugeVec,
    pub(super) connectivity_http: GaugeVec,
    pub(super) check_duration: HistogramVec,
    pub(super) round_trip_time: GaugeVec,
    pub(super) http_phase: GaugeVec,
    pub(super) loss_ratio: GaugeVec,
    pub(super) interarrival_jitter: GaugeVec,
    pub(super) burst_round_trip_time: GaugeVec,
    pub(super) burst_packets: IntCounterVec,
    pub(super) bandwidth_mbps: GaugeVec,
    pub(super) throughput: GaugeVec,
    pub(super) throughput_settled: GaugeVec,
    pub(super) traceroute_hops: GaugeVec,
    pub(super) traceroute_max_hop_latency: GaugeVec,
    pub(super) traceroute_reached: GaugeVec,
    pub(super) path_changes: IntCounterVec,
    pub(super) check_failures: IntCounterVec,
    pub(super) members_total: Gauge,
    /// Without a value until there is a list.
    pub(super) list_timestamp: GaugeVec,
    pub(super) member_last_seen: GaugeVec,
    pub(super) checks_not_made: IntCounterVec,
    pub(super) checks_busy: IntCounterVec,
    pub(super) checks_tainted: IntCounter,
    pub(super) check_lateness: Histogram,
    /// Without a value until the registry was tried for the first time.
    pub(super) registry_up: GaugeVec,
    pub(super) task_panics: IntCounterVec,
}

impl Families {
    pub(super) fn register_on(registry: &Registry) -> prometheus::Result<Self> {
        let gauges = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<GaugeVec> {
            let vec = GaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(vec.clone()))?;
            Ok(vec)
        };
        let counters = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntCounterVec> {
            let vec = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(vec.clone()))?;
            Ok(vec)
        };
        let check_duration = HistogramVec::new(
            HistogramOpts::new("netring_check_duration_seconds", "Duration of checks, whatever came of them.")
                .buckets(CHECK_BUCKETS.to_vec()),
            &["check_type", "target_location", "target_instance"],
        )?;
        registry.register(Box::new(check_duration.clone()))?;
        let check_lateness = Histogram::with_opts(
            HistogramOpts::new("netring_check_lateness_seconds", "How late checks start, against when they are due.")
                .buckets(LATENESS_BUCKETS.to_vec()),
        )?;
        registry.register(Box::new(check_lateness.clone()))?;
        let members_total = Gauge::new("netring_members_total", "Members discovered, this one not counted.")?;
        registry.register(Box::new(members_total.clone()))?;
        let checks_tainted = IntCounter::new(
            "netring_checks_tainted_total",
            "Checks that started too late to trust what they measured.",
        )?;
        registry.register(Box::new(checks_tainted.clone()))?;
        gauges("netring_build_info", "1, with the version that runs.", &["version"])?
            .with_label_values(&[crate::VERSION])
            .set(1.0);
        Ok(Self {
            connectivity_tcp: gauges(
                "netring_connectivity_tcp",
                "1 where the last TCP check connected, 0 where it did not.",
                &PAIR,
            )?,
            connectivity_http: gauges(
                "netring_connectivity_http",
                "1 where the last HTTP check was good, 0 where it was not.",
                &PAIR_ENDPOINT,
            )?,
            check_duration,
            round_trip_time: gauges(
                "netring_round_trip_time_seconds",
                "Round-trip time by the last TCP check, where it connected: that of the handshake.",
                &PAIR,
            )?,
            http_phase: gauges(
                "netring_http_phase_duration_seconds",
                "Duration of each phase of the last HTTP check, as far as it came: resolve, connect, tls, first_byte, body.",
                &PAIR_ENDPOINT_PHASE,
            )?,
            loss_ratio: gauges(
                "netring_loss_ratio",
                "Packets of the last burst that did not come back, as a part of those sent.",
                &PAIR_KIND,
            )?,
            interarrival_jitter: gauges(
                "netring_interarrival_jitter_seconds",
                "Interarrival jitter (RFC 3550) of the last burst: of the round trip, forward, backward.",
                &PAIR_KIND_DIRECTION,
            )?,
            burst_round_trip_time: gauges(
                "netring_burst_round_trip_time_seconds",
                "Round-trip times of the last burst: min, mean, max, standard_deviation, p50, p95, p99.",
                &PAIR_KIND_STATISTIC,
            )?,
            burst_packets: counters(
                "netring_burst_packets_total",
                "Packets of all bursts: sent, received, duplicate, reordered, lost_forward, lost_backward.",
                &PAIR_KIND_RESULT,
            )?,
            bandwidth_mbps: gauges(
                "netring_bandwidth_mbps",
                "Throughput from the target by the last test, in 10^6 bits per second.",
                &PAIR,
            )?,
            throughput: gauges(
                "netring_throughput_bits_per_second",
                "Throughput by the last test: download is from the target, upload to it.",
                &PAIR_DIRECTION,
            )?,
            throughput_settled: gauges(
                "netring_throughput_settled",
                "1 where the rate of the last test had settled, 0 where something ended it before.",
                &PAIR_DIRECTION,
            )?,
            traceroute_hops: gauges(
                "netring_traceroute_hops_total",
                "Hops to the target by the last traceroute that reached it, the target counted.",
                &PAIR,
            )?,
            traceroute_max_hop_latency: gauges(
                "netring_traceroute_max_hop_latency_ms",
                "Highest round-trip time to a hop in the last traceroute, in milliseconds.",
                &PAIR,
            )?,
            traceroute_reached: gauges(
                "netring_traceroute_reached",
                "1 where the last traceroute reached the target, 0 where it did not.",
                &PAIR,
            )?,
            path_changes: counters(
                "netring_path_changes_total",
                "Changes of the paths to the target that lasted over two traceroutes.",
                &PAIR,
            )?,
            check_failures: counters(
                "netring_check_failures_total",
                "Checks that failed, by the reason.",
                &["check_type", "target_location", "target_instance", "reason"],
            )?,
            members_total,
            list_timestamp: gauges(
                "netring_members_list_timestamp_seconds",
                "When the list of members was true, in seconds since 1970.",
                &[],
            )?,
            member_last_seen: gauges(
                "netring_member_last_seen_timestamp",
                "When a member was last heard of by the registry, in seconds since 1970.",
                &["location", "instance_id"],
            )?,
            checks_not_made: counters(
                "netring_checks_not_made_total",
                "Checks that could not be made, for a reason of this system's own.",
                &["check_type"],
            )?,
            checks_busy: counters(
                "netring_checks_busy_total",
                "Checks that were put off until their next turn, for the target was busy for a whole interval.",
                &["check_type"],
            )?,
            checks_tainted,
            check_lateness,
            registry_up: gauges(
                "netring_registry_up",
                "1 where the last call of every kind to the registry worked, 0 where one did not.",
                &[],
            )?,
            task_panics: counters(
                "netring_task_panics_total",
                "Tasks that panicked and were started again.",
                &["task"],
            )?,
        })
    }
}
