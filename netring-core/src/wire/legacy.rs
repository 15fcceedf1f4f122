//! Reports of netring 1.x: `POST /report_metrics`.
//!
//! The bodies hold to the letter, so that members and registries of 1.x and ours can be mixed. `K` below is
//! `<target_location>:<target_instance>`.

use crate::model::{
    FailureReason, Host, InstanceId, Member, MemberReport, Outcome, ProbeKind, ProbeReport, Target, Timestamp,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

/// How often a member of 1.x probes: it does not say.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// The body of `POST /report_metrics`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LegacyReport {
    /// Who reports.
    pub instance_id: InstanceId,
    /// What it saw.
    pub metrics: LegacyMetrics,
}

/// Labels of a value. They are a stranger's free text: only ids that are known are taken from them.
pub type Labels = BTreeMap<String, String>;

/// The sections of a report; any of them may be missing or empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LegacyMetrics {
    /// By `K`: 1 connected, 0 not.
    #[serde(deserialize_with = "null_is_empty")]
    pub connectivity_tcp: BTreeMap<String, LabelledValue>,
    /// By `K:<endpoint>`: 1 good, 0 not.
    #[serde(deserialize_with = "null_is_empty")]
    pub connectivity_http: BTreeMap<String, LabelledValue>,
    /// By `<check_type>:K`.
    #[serde(deserialize_with = "null_is_empty")]
    pub check_durations: BTreeMap<String, CheckDuration>,
    /// By `K`.
    #[serde(deserialize_with = "null_is_empty")]
    pub bandwidth_tests: BTreeMap<String, BandwidthTest>,
    /// By `K`.
    #[serde(deserialize_with = "null_is_empty")]
    pub traceroute_tests: BTreeMap<String, TracerouteTest>,
    /// Of the member itself.
    #[serde(deserialize_with = "null_is_empty")]
    pub general: General,
    /// By `K`.
    #[serde(deserialize_with = "null_is_empty")]
    pub detailed_traceroute_data: BTreeMap<String, DetailedTraceroute>,
}

fn null_is_empty<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A value with its labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelledValue {
    /// Whose it is.
    pub labels: Labels,
    /// The value.
    pub value: f64,
}

/// How long checks of one type to one target took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckDuration {
    /// Whose it is: `check_type`, `target_location`, `target_instance`.
    pub labels: Labels,
    /// All durations together, in seconds.
    pub sum: f64,
    /// How many checks.
    #[serde(deserialize_with = "whole_number")]
    pub count: u64,
    /// Their mean, in milliseconds.
    pub avg_latency_ms: f64,
}

/// A measured throughput.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BandwidthTest {
    /// Whose it is.
    pub labels: Labels,
    /// In 10^6 bits per second.
    pub bandwidth_mbps: f64,
}

/// The sum of a traceroute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TracerouteTest {
    /// Whose it is.
    pub labels: Labels,
    /// Hops to the target.
    #[serde(deserialize_with = "whole_number")]
    pub total_hops: u32,
    /// The highest round-trip time to a hop, in milliseconds.
    pub max_hop_latency_ms: f64,
}

/// What a member says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct General {
    /// How many others it knows.
    #[serde(default)]
    pub members_total: f64,
}

/// A traceroute hop by hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetailedTraceroute {
    /// The hops.
    pub hops: Vec<LegacyHop>,
    /// When it was made, in seconds since 1970.
    #[serde(default)]
    pub timestamp: f64,
    /// The target's site.
    #[serde(default)]
    pub target_location: String,
    /// The target's address.
    #[serde(default)]
    pub target_ip: String,
    /// Whose it is.
    #[serde(default)]
    pub labels: Labels,
}

/// One hop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LegacyHop {
    /// Its number, from 1.
    #[serde(deserialize_with = "whole_number")]
    pub hop: u32,
    /// Its address, or `*` where it is silent.
    pub ip: String,
    /// Its round-trip time in milliseconds.
    #[serde(default)]
    pub latency_ms: Option<f64>,
}

/// A whole number, also where it is written with a fraction of zero: what comes from the samples of a Prometheus client
/// is `4.0`.
fn whole_number<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<T, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Whole(u64),
        Fraction(f64),
    }
    let whole = match Number::deserialize(deserializer) {
        Ok(Number::Whole(whole)) => Some(whole),
        // Every whole number up to 2^53 is exact.
        Ok(Number::Fraction(x)) if x.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&x) => Some(x as u64),
        _ => None,
    };
    whole.and_then(|whole| T::try_from(whole).ok()).ok_or_else(|| D::Error::custom("must be a whole number in range"))
}

impl LegacyReport {
    /// The same as a report of ours, received at `now`. A target that is not among `members` is left out. A member of 1.x says
    /// neither when it probed nor why a probe failed: the results are taken as new, and the reason as
    /// [`FailureReason::Other`].
    ///
    /// There is none where whoever reports is not among `members` either.
    #[must_use]
    pub fn into_report<'a>(
        self,
        members: impl IntoIterator<Item = &'a Member>,
        now: Timestamp,
    ) -> Option<MemberReport> {
        let known: HashMap<&str, &Member> = members.into_iter().map(|m| (m.instance_id.as_str(), m)).collect();
        let location = known.get(self.instance_id.as_str())?.location.clone();
        let result = |kind: ProbeKind, labelled: &LabelledValue| {
            let member = known.get(labelled.labels.get("target_instance")?.as_str())?;
            let key = format!("{kind}:{}:{}", member.location, member.instance_id);
            let mean_ms = self.metrics.check_durations.get(&key).map_or(0.0, |durations| durations.avg_latency_ms);
            let duration = Duration::try_from_secs_f64(mean_ms / 1e3).unwrap_or_default();
            let endpoint = labelled.labels.get("endpoint").and_then(|endpoint| endpoint.clone().try_into().ok());
            Some(ProbeReport {
                target: Target::from(*member),
                ip: Some(member.address.ip()),
                kind,
                endpoint,
                started_at: now - duration,
                duration,
                outcome: if labelled.value > 0.0 {
                    Outcome::Success
                } else {
                    Outcome::failure(FailureReason::Other, "a member of netring 1.x does not say why")
                },
                measurement: None,
                lateness: Duration::ZERO,
                tainted: false,
                interval: None,
            })
        };
        let tcp = self.metrics.connectivity_tcp.values().filter_map(|value| result(ProbeKind::TCP, value));
        let http = self.metrics.connectivity_http.values().filter_map(|value| result(ProbeKind::HTTP, value));
        let results = tcp.chain(http).collect();
        Some(MemberReport {
            instance_id: self.instance_id,
            location,
            sent_at: now,
            check_interval: CHECK_INTERVAL,
            results,
        })
    }

    /// The report of a member of ours, as a registry of 1.x understands it. `avg_latency_ms` is that of the
    /// newest check of each endpoint alone, for the mean since the start of 1.x hides what has changed.
    #[must_use]
    pub fn of(report: &MemberReport) -> Self {
        let targets: HashSet<_> = report.results.iter().map(|result| &result.target.instance_id).collect();
        let general = General { members_total: targets.len() as f64 };
        let mut metrics = LegacyMetrics { general, ..LegacyMetrics::default() };
        // 1.x can say of a result neither that it is old nor that it is not to be trusted.
        let current = |result: &&ProbeReport| {
            let age = report.sent_at.since(result.started_at + result.duration);
            !result.tainted && age <= report.check_interval.saturating_mul(3).saturating_add(result.duration)
        };
        for result in report.results.iter().filter(current) {
            let target = &result.target;
            let key = format!("{}:{}", target.location, target.instance_id);
            let mut labels = Labels::from([
                ("source_location".into(), report.location.to_string()),
                ("source_instance".into(), report.instance_id.to_string()),
                ("target_location".into(), target.location.to_string()),
                ("target_instance".into(), target.instance_id.to_string()),
                ("target_ip".into(), target_ip(result)),
            ]);
            let value = f64::from(u8::from(result.outcome.is_success()));
            let duration_labels = Labels::from([
                ("check_type".into(), result.kind.to_string()),
                ("target_location".into(), target.location.to_string()),
                ("target_instance".into(), target.instance_id.to_string()),
            ]);
            if result.kind == ProbeKind::TCP {
                metrics.connectivity_tcp.insert(key.clone(), LabelledValue { labels, value });
            } else if let (true, Some(endpoint)) = (result.kind == ProbeKind::HTTP, &result.endpoint) {
                labels.insert("endpoint".into(), endpoint.to_string());
                metrics.connectivity_http.insert(format!("{key}:{endpoint}"), LabelledValue { labels, value });
            } else {
                continue;
            }
            // Several endpoints of one target share an entry.
            let duration = metrics
                .check_durations
                .entry(format!("{}:{key}", result.kind))
                .or_insert_with(|| CheckDuration { labels: duration_labels, sum: 0.0, count: 0, avg_latency_ms: 0.0 });
            duration.sum += result.duration.as_secs_f64();
            duration.count += 1;
            duration.avg_latency_ms = duration.sum / duration.count as f64 * 1e3;
        }
        Self { instance_id: report.instance_id.clone(), metrics }
    }
}

fn target_ip(result: &ProbeReport) -> String {
    match (result.ip, &result.target.host) {
        (Some(ip), _) => ip.to_string(),
        (None, Host::Ip(ip)) => ip.to_string(),
        (None, Host::Name(_)) => String::new(),
    }
}
