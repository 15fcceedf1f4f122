//! The name, labels and help of every metric of a registry.

/// One metric. Each is a gauge, save [`EVENTS`].
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) labels: &'static [&'static str],
}

const fn family(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Family {
    Family { name, help, labels }
}

const FAULT_LABELS: &[&str] = &["scope", "subject", "symptom"];
const PAIR: &[&str] = &["source_location", "source_instance", "target_location", "target_instance"];

pub(super) const BUILD_INFO: Family = family("netring_build_info", &["version"], "1, with the version that runs.");
pub(super) const MEMBERS: Family =
    family("netring_registry_members", &["state"], "Members, by state: online, stale, offline, deregistered.");
pub(super) const LEADING: Family = family(
    "netring_registry_leading",
    &[],
    "1 where this registry is the one of its ring that judges, 0 where it is not.",
);
pub(super) const STORE_IN_REACH: Family = family(
    "netring_registry_store_in_reach",
    &[],
    "1 where the last calls of the member store worked, 0 where one did not.",
);
pub(super) const HISTORY: Family =
    family("netring_history_bytes", &[], "Memory that the history of all pairs takes, in bytes.");
pub(super) const HISTORY_MAX: Family =
    family("netring_history_max_bytes", &[], "Most memory that the history of all pairs may take, in bytes.");
pub(super) const EVENTS: Family =
    family("netring_events_total", &[], "Events of the ring, as all its registries count them.");

pub(super) const FAULTS_OPEN: Family = family("netring_faults_open", &[], "Faults that are open.");
pub(super) const FAULT: Family = family("netring_fault", FAULT_LABELS, "1 for each fault that is open.");
pub(super) const FAULT_SINCE: Family =
    family("netring_fault_since_timestamp_seconds", FAULT_LABELS, "When each open fault began, in seconds since 1970.");
pub(super) const FAULT_CONFIDENCE: Family =
    family("netring_fault_confidence", FAULT_LABELS, "How sure each open fault is, from 0 to 1.");

pub(super) const EXPECTED: Family = family(
    "netring_expected_members",
    &["location", "criticality"],
    "Members that should be at each expected location.",
);
pub(super) const ACTUAL: Family = family(
    "netring_actual_members",
    &["location"],
    "Members that are at each location, online or stale, where anything is known of who is expected.",
);
pub(super) const MISSING: Family = family(
    "netring_missing_members",
    &["location", "criticality"],
    "Members missing at each expected location for longer than its grace period; 0 until then.",
);
pub(super) const LOCATION_STATUS: Family = family(
    "netring_expected_location_status",
    &["location", "status"],
    "1 for the status of each location: healthy, missing, extra, unexpected.",
);

pub(super) const LOCATION_PAIRS: Family = family(
    "netring_location_pair_members",
    &["source_location", "target_location", "state"],
    "Pairs of members from one location to another, by state: up, down, degraded, unknown.",
);
pub(super) const LOCATION_ROUND_TRIP_TIME: Family = family(
    "netring_location_pair_round_trip_time_seconds",
    &["source_location", "target_location", "of"],
    "Round-trip time from one location to another: of the worst, the median, the best pair of members.",
);
pub(super) const LOCATION_LOSS: Family = family(
    "netring_location_pair_loss_ratio",
    &["source_location", "target_location", "of"],
    "Packets lost from one location to another, as a part of those sent: of the worst, the median, the best pair of members.",
);

pub(super) const LOCATION_PAIRS_LEFT_OUT: Family = family(
    "netring_location_pairs_left_out",
    &[],
    "Pairs of locations that have no series, for there are too many: the worst ones have.",
);

pub(super) const PAIRS_LEFT_OUT: Family = family(
    "netring_pairs_left_out",
    &[],
    "Pairs of members that have no series, for the ring is too large. Without a value where nobody asks for them.",
);
pub(super) const PAIR_UP: Family = family(
    "netring_pair_up",
    PAIR,
    "1 where every check of a pair of members is good, 0 where one is not. Without a value where nobody knows.",
);
pub(super) const PAIR_ROUND_TRIP_TIME: Family =
    family("netring_pair_round_trip_time_seconds", PAIR, "Round-trip time of a pair of members.");
pub(super) const PAIR_LOSS: Family =
    family("netring_pair_loss_ratio", PAIR, "Packets that a pair of members lost, as a part of those sent.");
