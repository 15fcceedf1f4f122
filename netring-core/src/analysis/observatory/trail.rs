use super::is_newer;
use crate::model::{FlowPath, PathChange, PathEnd, Timestamp, TracerouteMeasurement};
use std::{collections::HashSet, net::IpAddr, sync::Arc, time::Duration};

/// What was traced longer ago says nothing of today's routes.
const DAY: Duration = Duration::from_secs(86_400);

/// Who stands at each hop on the way to a target, the target itself left out.
pub(super) type Route = Arc<[Option<IpAddr>]>;

/// What traceroutes have shown of a pair.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail {
    /// Of the last that reached the target.
    pub(super) route: Option<Route>,
    /// Who answered last in one since, which did not reach it.
    pub(super) last_hop: Option<IpAddr>,
    /// When the last change was that is known, by the member's clock; the beginning of time where none is. There is nothing here
    /// before the first traceroute.
    change_known: Option<Timestamp>,
    /// When the last traceroute ended, by the registry's clock.
    pub(super) traced_at: Timestamp,
}

impl Trail {
    /// Whether the last traceroute is new enough at the time `now` to say which way packets take.
    pub(super) fn is_current(&self, now: Timestamp) -> bool {
        now.since(self.traced_at) <= DAY
    }

    /// Drops a route that is too old.
    pub(super) fn tidy(&mut self, now: Timestamp) {
        if !self.is_current(now) {
            (self.route, self.last_hop) = (None, None);
        }
    }

    /// Takes in a new traceroute, of a report that was sent at `sent_at`; gives the change that it tells of where that is news.
    /// Routes that are the same are kept once in `routes`.
    pub(super) fn take<'a>(
        &mut self,
        trace: &'a TracerouteMeasurement,
        sent_at: Timestamp,
        routes: &mut HashSet<Route>,
    ) -> Option<&'a PathChange> {
        if let Some(flow) = trace.flows.iter().find(|flow| flow.end == PathEnd::Reached) {
            self.last_hop = None;
            let same = self.route.as_ref().is_some_and(|route| route.iter().copied().eq(routers(flow)));
            if !same {
                let route: Route = routers(flow).collect();
                let shared = routes.get(&route).cloned();
                self.route = Some(shared.unwrap_or_else(|| {
                    routes.insert(Arc::clone(&route));
                    route
                }));
            }
        } else {
            let answered = trace.flows.iter().flat_map(|flow| &flow.hops).filter(|hop| !hop.answers.is_empty());
            self.last_hop = answered.max_by_key(|hop| hop.ttl).and_then(|hop| Some(hop.answers.first()?.ip));
        }
        let known = self.change_known;
        let news =
            trace.last_change.as_ref().filter(|change| known.is_none_or(|known| is_newer(change.at, known, sent_at)));
        self.change_known = Some(news.map(|change| change.at).or(known).unwrap_or_default());
        // What had changed before a pair was seen for the first time is no news.
        news.filter(|_| known.is_some())
    }
}

fn routers(flow: &FlowPath) -> impl Iterator<Item = Option<IpAddr>> {
    let before_target = flow.hops.len().saturating_sub(1);
    flow.hops.iter().take(before_target).map(|hop| hop.answers.first().map(|answer| answer.ip))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Measurement,
        testing::sample::{NOW, traceroute},
    };
    use std::time::Duration;

    fn trace() -> TracerouteMeasurement {
        match traceroute("b").measurement {
            Some(Measurement::Traceroute(trace)) => trace,
            other => panic!("{other:?}"),
        }
    }

    fn cut_off() -> TracerouteMeasurement {
        let mut trace = trace();
        trace.flows[0].end = PathEnd::Silent;
        trace.flows[0].hops.pop();
        trace
    }

    #[test]
    fn a_route_stays_while_traces_end_on_the_way() {
        let (mut trail, mut routes) = (Trail::default(), HashSet::new());
        trail.take(&cut_off(), NOW, &mut routes);
        let near = IpAddr::from([192, 0, 2, 1]);
        assert_eq!((trail.route.clone(), trail.last_hop), (None, Some(near)));
        trail.take(&trace(), NOW, &mut routes);
        let route: Route = [Some(near), None].into();
        assert_eq!((trail.route.clone(), trail.last_hop), (Some(route.clone()), None));
        trail.take(&cut_off(), NOW, &mut routes);
        assert_eq!((trail.route.clone(), trail.last_hop), (Some(route), Some(near)));
        let silent = TracerouteMeasurement { flows: vec![], ..trace() };
        trail.take(&silent, NOW, &mut routes);
        assert_eq!(trail.last_hop, None);
    }

    #[test]
    fn the_first_flow_that_reaches_the_target_is_the_route_and_equal_ones_are_shared() {
        let mut two = trace();
        two.flows.insert(0, cut_off().flows.remove(0));
        let (mut a, mut b, mut routes) = (Trail::default(), Trail::default(), HashSet::new());
        a.take(&two, NOW, &mut routes);
        b.take(&trace(), NOW, &mut routes);
        assert!(Arc::ptr_eq(a.route.as_ref().unwrap(), b.route.as_ref().unwrap()));
        let mut none = trace();
        none.flows[0].hops.clear();
        a.take(&none, NOW, &mut routes);
        assert_eq!(a.route.unwrap().len(), 0, "a path without hops is taken");
    }

    #[test]
    fn a_change_is_told_once_unless_it_was_before_the_first_trace() {
        let changed = |seconds: Option<u64>| TracerouteMeasurement {
            last_change: seconds.map(|seconds| PathChange {
                at: NOW - Duration::from_secs(seconds),
                before: vec![],
                after: vec![],
            }),
            ..trace()
        };
        for (ago, told) in [
            (vec![Some(50), Some(50)], vec![false, false]),
            (vec![None, Some(50), Some(50)], vec![false, true, false]),
            (vec![Some(50), Some(20), Some(20), Some(10)], vec![false, true, false, true]),
            (vec![Some(50), Some(20), Some(50), None, Some(20)], vec![false, true, false, false, false]),
        ] {
            let mut trail = Trail::default();
            let news: Vec<_> =
                ago.iter().map(|&ago| trail.take(&changed(ago), NOW, &mut HashSet::new()).is_some()).collect();
            assert_eq!(news, told, "{ago:?}");
        }
        // The member's clock was years ahead and was put right.
        let mut trail = Trail::default();
        trail.take(&changed(Some(0)), NOW, &mut HashSet::new());
        let sent_at = NOW - Duration::from_secs(1_000_000);
        let later = changed(Some(1_000_010));
        assert!(trail.take(&later, sent_at, &mut HashSet::new()).is_some());
        assert!(trail.take(&later, sent_at, &mut HashSet::new()).is_none());
    }
}
