use super::State;
use crate::model::{InstanceId, Location, Member, ProbeKind};
use std::time::Duration;

/// Which pairs of a matrix are wanted. What is not set leaves all.
///
/// The members that it leaves are those that may be the source or the target of a pair, whatever the pair's checks say, so that
/// a page can draw the rows and columns of what it asked for. The state of the ring is that of the pairs that are left by
/// source, target and kind: it does not turn good when only what is good is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MatrixFilter {
    /// Who probes.
    pub source: Option<InstanceId>,
    /// Where the member stands that probes.
    pub source_location: Option<Location>,
    /// Who is probed.
    pub target: Option<InstanceId>,
    /// Where the member stands that is probed.
    pub target_location: Option<Location>,
    /// What is probed for, any of these; where there are none, anything. The state of a pair is that of these checks then,
    /// those included that only diagnose the way.
    pub kinds: Vec<ProbeKind>,
    /// The states of pairs, any of these; where there are none, any.
    pub states: Vec<State>,
    /// The latency of a pair is at least this. A pair of which none is known is left out.
    pub min_latency: Option<Duration>,
    /// The latency of a pair is at most this. A pair of which none is known is left out.
    pub max_latency: Option<Duration>,
}

impl MatrixFilter {
    /// Whether `member` may be the source of a pair.
    pub(super) fn takes_source(&self, member: &Member) -> bool {
        is(&self.source, &member.instance_id) && is(&self.source_location, &member.location)
    }

    /// Whether `member` may be the target of a pair.
    pub(super) fn takes_target(&self, member: &Member) -> bool {
        is(&self.target, &member.instance_id) && is(&self.target_location, &member.location)
    }

    pub(super) fn takes_kind(&self, kind: &ProbeKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(kind)
    }

    /// Whether a pair in such a `state` is wanted; `latency` is asked for where it matters.
    pub(super) fn takes(&self, state: State, latency: impl FnOnce() -> Option<Duration>) -> bool {
        let of_state = self.states.is_empty() || self.states.contains(&state);
        let any_latency = self.min_latency.is_none() && self.max_latency.is_none();
        let in_range = |latency: Duration| {
            self.min_latency.is_none_or(|min| latency >= min) && self.max_latency.is_none_or(|max| latency <= max)
        };
        of_state && (any_latency || latency().is_some_and(in_range))
    }

    /// Whether there may be fewer pairs by source or target.
    pub(crate) fn narrows(&self) -> bool {
        self.source.is_some()
            || self.source_location.is_some()
            || self.target.is_some()
            || self.target_location.is_some()
    }
}

fn is<T: PartialEq>(wanted: &Option<T>, value: &T) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted == value)
}
