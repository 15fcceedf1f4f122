use super::route::Route;
use crate::{
    analysis::{Fault, RingEvent},
    model::MemberReport,
    wire::{
        AckResponse, MemberRef, MembersResponse, RegisterRequest, RegisterResponse, RegistryHealth,
        legacy::LegacyReport, path,
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
        Route::get(path::MATRIX, "Who reaches whom.").answers_object().refuses(&[503]),
        Route::get(path::HEALTH, "How the registry is.").answers::<RegistryHealth>().or::<RegistryHealth>(503),
        Route::get(path::OPENAPI, "This document.").answers_object(),
        Route::get(path::HISTORY, "The last hour and day of one pair.").needs("source", String, SOURCE).needs("target", String, TARGET).query("kind", String, KIND).answers_object().refuses(&[503]).planned(),
        Route::get(path::FAULTS, "What is at fault.").answers_object().with::<Fault>().refuses(&[503]).planned(),
        Route::get(path::TOPOLOGY, "Locations, routers and what lies between them.").answers_object().refuses(&[503]).planned(),
        Route::get(path::TOPOLOGY_SVG, "The topology as a picture.").answers_text("image/svg+xml").refuses(&[503]).planned(),
        Route::get(path::TOPOLOGY_PATH, "The paths between two members, both ways, and in what they differ.").needs("source", String, SOURCE).needs("target", String, TARGET).answers_object().refuses(&[404, 503]).planned(),
        Route::get(path::EXPECTED, "Which members should be there, and which are.").answers_object().refuses(&[503]).planned(),
        Route::get(path::EVENTS, "What has happened.").query("since", Number, SINCE).query("location", String, "Only what happened at this location.").query("kind", String, "Only what is of this kind.").answers_object().with::<RingEvent>().refuses(&[503]).planned(),
        Route::get(path::STREAM, "What happens, as it does: server-sent events.").header("Last-Event-ID", Integer, "Go on after this event.").answers_text("text/event-stream").refuses(&[503]).planned(),
        Route::get(path::SERVICE_DISCOVERY, "The members, for Prometheus to find them.").answers_list().refuses(&[503]).planned(),
        Route::get(path::METRICS, "The registry's metrics, as Prometheus text.").answers_text("text/plain").planned(),
    ]
}

const SOURCE: &str = "Who probes: an instance id.";
const TARGET: &str = "Who is probed: an instance id.";
const KIND: &str = "Which kind of probe: tcp, http, …";
const SINCE: &str = "Only what happened after this time, in seconds since 1970.";
