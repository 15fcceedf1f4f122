use super::TracedPath;
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, net::IpAddr};

/// What differs between the way forward and the way back.
///
/// A router answers by the address that the packet came in at, so that one which stands on both ways mostly shows two addresses.
/// An address that is seen one way only is therefore no sign that the ways part; one that is seen both ways is a sign that they
/// meet. What can be compared are the lengths and the round trips.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct PathDifferences {
    /// Hops forward less hops back, where both reached: other than 0 only where the ways differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<i16>,
    /// The shortest round trip forward less that back, in seconds, where both reached. Both go there and back, so that much of a
    /// difference comes from the ends, from flows that go different ways, or from times at which there was more traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_time_seconds: Option<f64>,
    /// Addresses of routers that are seen both ways, in their order.
    #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
    pub shared_routers: Vec<IpAddr>,
    /// Addresses of routers that are seen on the way forward only, in their order.
    #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
    pub forward_only: Vec<IpAddr>,
    /// Addresses of routers that are seen on the way back only, in their order.
    #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
    pub backward_only: Vec<IpAddr>,
    /// How many different paths the flows forward take: more than one where routers balance by flow (ECMP). Paths where a silent
    /// hop may hide the difference count as one.
    pub forward_paths: usize,
    /// How many different paths the flows back take.
    pub backward_paths: usize,
    /// The same in sentences.
    pub sentences: Vec<String>,
}

impl PathDifferences {
    pub(super) fn between(forward: Option<&TracedPath>, backward: Option<&TracedPath>, ends: &HashSet<IpAddr>) -> Self {
        let routers = |path: Option<&TracedPath>| path.map(|path| path.routers(ends)).unwrap_or_default();
        let (there, back) = (routers(forward), routers(backward));
        let both = forward.zip(backward);
        let mut differences = Self {
            hops: both.and_then(|(there, back)| Some(i16::from(there.hops?) - i16::from(back.hops?))),
            round_trip_time_seconds: both.and_then(|(there, back)| {
                Some(there.round_trip_time?.as_secs_f64() - back.round_trip_time?.as_secs_f64())
            }),
            shared_routers: there.intersection(&back).copied().collect(),
            forward_only: there.difference(&back).copied().collect(),
            backward_only: back.difference(&there).copied().collect(),
            forward_paths: forward.map_or(0, TracedPath::paths),
            backward_paths: backward.map_or(0, TracedPath::paths),
            sentences: Vec::new(),
        };
        differences.sentences = differences.in_sentences(forward, backward);
        differences
    }

    fn in_sentences(&self, forward: Option<&TracedPath>, backward: Option<&TracedPath>) -> Vec<String> {
        let mut said = Vec::new();
        for (path, way, paths) in [(forward, "forward", self.forward_paths), (backward, "back", self.backward_paths)] {
            let Some(path) = path else {
                said.push(format!("There is no traceroute of the way {way}."));
                continue;
            };
            if path.stale {
                said.push(format!("The traceroute of the way {way} is old: it may be another by now."));
            }
            if path.hops.is_none() {
                said.push(format!("The traceroute of the way {way} did not reach its end."));
            }
            if paths > 1 {
                said.push(format!("The flows of the way {way} take {paths} different paths."));
            }
        }
        match self.hops {
            Some(0) | None => {}
            Some(hops) => {
                let (way, longer) = if hops > 0 { ("forward", hops) } else { ("back", -hops) };
                let noun = if longer == 1 { "hop" } else { "hops" };
                said.push(format!("The way {way} is longer by {longer} {noun}: the two ways differ."));
            }
        }
        if forward.is_some() && backward.is_some() {
            let shared = self.shared_routers.len();
            said.push(match shared {
                0 => "No address is seen both ways. That is no sign that the ways differ: a router answers by the \
                      address that the packet came in at, which is another one on the way back."
                    .to_owned(),
                1 => "1 address is seen both ways.".to_owned(),
                _ => format!("{shared} addresses are seen both ways."),
            });
        }
        said
    }
}
