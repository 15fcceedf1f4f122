use super::route::Route;
use crate::{
    analysis::{ExpectedReport, Matrix, MatrixGrid, PairHistory, PathComparison, RingEvent, Rollup, Topology},
    model::MemberReport,
    wire::{
        AckResponse, EventsResponse, FaultsResponse, MatrixChanges, MemberRef, MembersResponse, RegisterRequest,
        RegisterResponse, RegistryHealth, ScrapeTarget, StreamReset, legacy::LegacyReport, path,
    },
};
use utoipa::openapi::schema::Type::{Integer, Number, String};

/// Every route of a registry.
#[rustfmt::skip] // A route a line, as far as it goes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(path::REGISTER, "A member joins, or says anew where it is.").takes::<RegisterRequest>().answers::<RegisterResponse>().refuses(&[503]),
        Route::post(path::HEARTBEAT, "A member is alive.").takes::<MemberRef>().answers::<AckResponse>().refuses(&[404, 503]),
        Route::post(path::DEREGISTER, "A member leaves.").takes::<MemberRef>().answers::<AckResponse>().refuses(&[503]),
        Route::get(path::MEMBERS, "The members, as 1.x knows them.").answers::<MembersResponse>().or_empty(304).refuses(&[503]),
        Route::post(path::LEGACY_REPORT, "A report of a 1.x member.").takes::<LegacyReport>().answers::<AckResponse>().refuses(&[404, 503]),
        Route::post(path::REPORT, "A member's newest results; the body may be compressed by gzip.").takes::<MemberReport>().answers::<AckResponse>().refuses(&[404, 415, 503]),
        matrix(),
        grid(),
        Route::get(path::HEALTH, "How the registry is.").answers::<RegistryHealth>().or::<RegistryHealth>(503),
        Route::get(path::OPENAPI, "This document.").answers_object(),
        Route::get(path::HISTORY, "The last hour and day of one pair.").needs("source", String, SOURCE).needs("target", String, TARGET).answers::<PairHistory>().refuses(&[404]),
        Route::get(path::FAULTS, "What is at fault, and what was a short while ago.").query("scope", String, SCOPE).query("symptom", String, SYMPTOM).answers::<FaultsResponse>().refuses(&[503]),
        Route::get(path::TOPOLOGY, "Locations, routers and what lies between them.").answers::<Topology>().refuses(&[503]),
        Route::get(path::TOPOLOGY_SVG, "The topology as a picture.").answers_text("image/svg+xml").refuses(&[503]),
        Route::get(path::TOPOLOGY_PATH, "The paths between two members, both ways, and in what they differ.").needs("source", String, SOURCE).needs("target", String, "The other end: an instance id.").answers::<PathComparison>().refuses(&[404, 503]),
        Route::get(path::EXPECTED, "Which members should be there, and which are; 404 where none are expected.").answers::<ExpectedReport>().refuses(&[404, 503]),
        events(),
        stream(),
        Route::get(path::SERVICE_DISCOVERY, "The members, for Prometheus to find them. While the store is out of reach they are those that were known last, and the header Age says for how many seconds.").answers_list::<ScrapeTarget>().refuses(&[503]),
        // By a router of its own, which who embeds a registry may leave out: it is there wherever the registry is a program.
        Route::get(path::METRICS, "The registry's metrics, as Prometheus text.").answers_text("text/plain"),
    ]
}

fn matrix() -> Route {
    Route::get(path::MATRIX, "Who reaches whom: member by member, or location by location.")
        .query("by", String, "member, as it is where this is left out, or location.")
        .query("source", String, "Only what this member sees: an instance id.")
        .query("source_location", String, "Only what the members at this location see.")
        .query("target", String, "Only how this member is seen: an instance id.")
        .query("target_location", String, "Only how the members at this location are seen.")
        .query("kind", String, "Only these kinds of probes, with commas between them: tcp, http, …")
        .query("state", String, "Only pairs in these states, with commas between them: up, down, degraded, unknown.")
        .query("min_latency_ms", Number, "Only pairs with this latency and more, in milliseconds.")
        .query("max_latency_ms", Number, "Only pairs with this latency and less, in milliseconds.")
        .answers_either::<Matrix, Rollup>()
        .refuses(&[422, 503])
}

fn grid() -> Route {
    Route::get(path::MATRIX_GRID, "Who reaches whom in a dense form: a character and some numbers a pair.")
        .query("source", String, "Only what this member sees: an instance id.")
        .query("source_location", String, "Only what the members at this location see.")
        .query("target", String, "Only how this member is seen: an instance id.")
        .query("target_location", String, "Only how the members at this location are seen.")
        .query("kind", String, "Only these kinds of probes, with commas between them: tcp, http, …")
        .query("values", String, "These numbers of each pair, with commas between them, of latency, loss, jitter, download, upload, hops, p95, age; latency where this is left out.")
        .answers::<MatrixGrid>()
        .refuses(&[422, 503])
}

fn events() -> Route {
    Route::get(path::EVENTS, "What has happened: the newest events that are asked for.")
        .query("since", Number, "Only what happened at this time and after it, in seconds since 1970.")
        .query("after", Integer, "Only what came after the event with this id.")
        .query("location", String, LOCATION)
        .query("kind", String, EVENT_KIND)
        .query("limit", Integer, "At most so many, from 1 to 1000; 100 where this is left out.")
        .answers::<EventsResponse>()
        .refuses(&[503])
}

fn stream() -> Route {
    Route::get(
        path::STREAM,
        "What happens, as it does: server-sent events, each with the data RingEvent, MatrixChanges or StreamReset.",
    )
    .query("location", String, LOCATION)
    .query("kind", String, "Only what is of these kinds, with commas between them; matrix is one too.")
    .query("last_event_id", Integer, "Go on after the event with this id.")
    .header("Last-Event-ID", Integer, "The same; it is the one that counts.")
    .answers_text("text/event-stream")
    .with::<RingEvent>()
    .with::<MatrixChanges>()
    .with::<StreamReset>()
    .refuses(&[503])
}

const SOURCE: &str = "Who probes: an instance id.";
const TARGET: &str = "Who is probed: an instance id.";
const SCOPE: &str = "Only faults of this scope: target, inbound, source, location, partition, location_pair, direction, pair, kind, router, link.";
const SYMPTOM: &str = "Only faults with this symptom: unreachable, slow, lossy, overloaded.";
const LOCATION: &str = "Only what concerns this location.";
const EVENT_KIND: &str = "Only what is of these kinds, with commas between them: joined, fault_opened, …";
