use super::{
    families::{self, Family},
    input::{LocationPairMetrics, PairMetrics, RegistryMetrics, Spread},
};
use crate::{
    analysis::{ExpectedReport, Fault, LocationStatus, State},
    model::MemberStatus,
};
use prometheus::{GaugeVec, IntCounter, Opts, Registry, TextEncoder};
use std::time::Duration;

/// Most faults that have series of their own; `netring_faults_open` counts all.
const MAX_FAULTS: usize = 1_000;
/// Most bytes of the label that says what is at fault: an HTTP check's names two members and a path.
const MAX_SUBJECT_BYTES: usize = 256;
/// Most pairs of locations that have series of their own: those of 50 locations. They grow with the square.
const MAX_LOCATION_PAIRS: usize = 2_500;

/// What a registry knows of its ring, as Prometheus text. It is written anew each time: a series of what is no more is gone. With
/// the pairs of a thousand members it is work for some seconds, which should not be done where others are answered.
#[must_use]
pub fn registry_metrics(view: &RegistryMetrics<'_>) -> String {
    Text::of(view).and_then(|text| TextEncoder::new().encode_to_string(&text.registry.gather())).unwrap_or_else(
        |error| {
            tracing::error!(%error, "the metrics cannot be written");
            String::new()
        },
    )
}

/// The metrics in the making.
#[derive(Debug, Default)]
struct Text {
    registry: Registry,
}

impl Text {
    fn of(view: &RegistryMetrics<'_>) -> prometheus::Result<Self> {
        let text = Self::default();
        text.ring(view)?;
        text.faults(&view.faults)?;
        if let Some(expected) = view.expected {
            text.expected(expected)?;
        }
        let (worst, left_out) = worst(&view.location_pairs);
        text.location_pairs(&worst)?;
        text.gauge(&families::LOCATION_PAIRS_LEFT_OUT, view.location_pairs_left_out.saturating_add(left_out) as f64)?;
        text.pairs(&view.pairs)?;
        if let Some(left_out) = view.pairs_left_out {
            text.gauge(&families::PAIRS_LEFT_OUT, left_out as f64)?;
        }
        Ok(text)
    }

    fn gauges(&self, family: &Family) -> prometheus::Result<GaugeVec> {
        let gauges = GaugeVec::new(Opts::new(family.name, family.help), family.labels)?;
        self.registry.register(Box::new(gauges.clone()))?;
        Ok(gauges)
    }

    fn gauge(&self, family: &Family, value: f64) -> prometheus::Result<()> {
        self.gauges(family)?.with_label_values::<&str>(&[]).set(value);
        Ok(())
    }

    fn ring(&self, view: &RegistryMetrics<'_>) -> prometheus::Result<()> {
        self.gauges(&families::BUILD_INFO)?.with_label_values(&[crate::VERSION]).set(1.0);
        let members = self.gauges(&families::MEMBERS)?;
        for state in MemberStatus::ALL {
            let count = view.members.members.iter().filter(|(_, status)| *status == state).count();
            members.with_label_values(&[state.as_str()]).set(count as f64);
        }
        self.gauge(&families::LEADING, yes_or_no(view.leading))?;
        self.gauge(&families::STORE_IN_REACH, yes_or_no(view.store_in_reach))?;
        self.gauge(&families::HISTORY, view.history_bytes as f64)?;
        self.gauge(&families::HISTORY_MAX, view.history_max_bytes as f64)?;
        let events = IntCounter::new(families::EVENTS.name, families::EVENTS.help)?;
        events.inc_by(view.last_event);
        self.registry.register(Box::new(events))
    }

    fn faults(&self, faults: &[&Fault]) -> prometheus::Result<()> {
        self.gauge(&families::FAULTS_OPEN, faults.len() as f64)?;
        let open = self.gauges(&families::FAULT)?;
        let since = self.gauges(&families::FAULT_SINCE)?;
        let confidence = self.gauges(&families::FAULT_CONFIDENCE)?;
        for fault in faults.iter().take(MAX_FAULTS) {
            let subject = shortened(fault.subject.to_string());
            let labels = [fault.subject.scope(), &subject, fault.symptom.as_str()];
            open.with_label_values(&labels).set(1.0);
            since.with_label_values(&labels).set(fault.since.as_unix_seconds_f64());
            confidence.with_label_values(&labels).set(fault.confidence);
        }
        Ok(())
    }

    fn expected(&self, report: &ExpectedReport) -> prometheus::Result<()> {
        let expected = self.gauges(&families::EXPECTED)?;
        let actual = self.gauges(&families::ACTUAL)?;
        let missing = self.gauges(&families::MISSING)?;
        let status = self.gauges(&families::LOCATION_STATUS)?;
        for (location, found) in &report.locations {
            let location = location.as_str();
            actual.with_label_values(&[location]).set(f64::from(found.actual_count));
            status.with_label_values(&[location, found.status.as_str()]).set(1.0);
            if let Some(criticality) = found.criticality {
                let labels = [location, criticality.as_str()];
                expected.with_label_values(&labels).set(f64::from(found.expected_count));
                let late = found.status == LocationStatus::Missing;
                missing.with_label_values(&labels).set(if late { f64::from(found.missing_count) } else { 0.0 });
            }
        }
        Ok(())
    }

    fn location_pairs(&self, location_pairs: &[&LocationPairMetrics<'_>]) -> prometheus::Result<()> {
        let pairs = self.gauges(&families::LOCATION_PAIRS)?;
        let round_trip_time = self.gauges(&families::LOCATION_ROUND_TRIP_TIME)?;
        let loss = self.gauges(&families::LOCATION_LOSS)?;
        for pair in location_pairs {
            let ends = [pair.source_location.as_str(), pair.target_location.as_str()];
            let counts = pair.pairs;
            for (state, count) in [
                (State::Up, counts.up),
                (State::Down, counts.down),
                (State::Degraded, counts.degraded),
                (State::Unknown, counts.unknown),
            ] {
                pairs.with_label_values(&[ends[0], ends[1], state.as_str()]).set(count as f64);
            }
            spread(&round_trip_time, ends, pair.round_trip_time, |time: Duration| time.as_secs_f64());
            spread(&loss, ends, pair.loss_ratio, |ratio| ratio);
        }
        Ok(())
    }

    fn pairs(&self, pairs: &[PairMetrics<'_>]) -> prometheus::Result<()> {
        let up = self.gauges(&families::PAIR_UP)?;
        let round_trip_time = self.gauges(&families::PAIR_ROUND_TRIP_TIME)?;
        let loss = self.gauges(&families::PAIR_LOSS)?;
        for pair in pairs {
            let labels = [
                pair.source_location.as_str(),
                pair.source.as_str(),
                pair.target_location.as_str(),
                pair.target.as_str(),
            ];
            // What nobody knows is neither up nor down.
            let reached = (pair.state != State::Unknown).then(|| yes_or_no(pair.state == State::Up));
            let time = pair.round_trip_time.map(|time| time.as_secs_f64());
            for (gauges, value) in [(&up, reached), (&round_trip_time, time), (&loss, pair.loss_ratio)] {
                if let Some(value) = value {
                    gauges.with_label_values(&labels).set(value);
                }
            }
        }
        Ok(())
    }
}

/// The worst of `all`, by state, loss and latency, and how many others there are.
fn worst<'a, 'b>(all: &'a [LocationPairMetrics<'b>]) -> (Vec<&'a LocationPairMetrics<'b>>, u64) {
    let mut pairs: Vec<_> = all.iter().collect();
    let left_out = pairs.len().saturating_sub(MAX_LOCATION_PAIRS);
    if left_out > 0 {
        // In the order of the roll-up: down, degraded, unknown, up.
        let counts = |pair: &LocationPairMetrics<'_>| {
            [pair.pairs.down, pair.pairs.degraded, pair.pairs.unknown].map(|count| count > 0)
        };
        let loss = |pair: &LocationPairMetrics<'_>| pair.loss_ratio.map_or(-1.0, |spread| spread.worst);
        let latency = |pair: &LocationPairMetrics<'_>| pair.round_trip_time.map(|spread| spread.worst);
        pairs.sort_by(|a, b| {
            let state = rank(counts(a)).cmp(&rank(counts(b)));
            state.then_with(|| loss(b).total_cmp(&loss(a))).then_with(|| latency(b).cmp(&latency(a)))
        });
        pairs.truncate(MAX_LOCATION_PAIRS);
    }
    (pairs, left_out as u64)
}

/// The first of `states` that a pair is in.
fn rank(states: [bool; 3]) -> usize {
    states.iter().position(|there| *there).unwrap_or(states.len())
}

fn spread<T>(gauges: &GaugeVec, [source, target]: [&str; 2], of: Option<Spread<T>>, value: impl Fn(T) -> f64) {
    let Some(Spread { worst, median, best }) = of else { return };
    for (which, of) in [("worst", worst), ("median", median), ("best", best)] {
        gauges.with_label_values(&[source, target, which]).set(value(of));
    }
}

fn yes_or_no(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// `text`, cut where it is too long for a label.
fn shortened(mut text: String) -> String {
    if text.len() > MAX_SUBJECT_BYTES {
        let mut end = MAX_SUBJECT_BYTES - '…'.len_utf8();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}
