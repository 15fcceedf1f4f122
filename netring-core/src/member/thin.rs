//! A report that a registry takes, however large the ring.

use crate::model::{Hop, Measurement, ProbeReport};

/// Most answers to packets of traceroutes in one report: some 6 MB of JSON. A registry takes 16 MB of everything.
const MAX_ANSWERS: usize = 60_000;

/// Leaves out what a registry can do without, where the traceroutes would be too long: of each the first flow stays, and of
/// each hop the fastest answer. How many packets were lost stands there all the same.
pub(super) fn thin(results: &mut [ProbeReport]) {
    let answers: usize = results.iter().map(|result| hops(result).map(|hop| hop.answers.len()).sum::<usize>()).sum();
    if answers <= MAX_ANSWERS {
        return;
    }
    for result in results {
        let Some(Measurement::Traceroute(trace)) = &mut result.measurement else { continue };
        trace.flows.truncate(1);
        for hop in trace.flows.iter_mut().flat_map(|flow| &mut flow.hops) {
            hop.answers.sort_by_key(|answer| answer.round_trip_time);
            hop.answers.truncate(1);
        }
    }
}

fn hops(result: &ProbeReport) -> impl Iterator<Item = &Hop> {
    let flows = match &result.measurement {
        Some(Measurement::Traceroute(trace)) => &trace.flows[..],
        _ => &[],
    };
    flows.iter().flat_map(|flow| &flow.hops)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TracerouteMeasurement;

    fn traces(number: usize, flows: usize) -> Vec<ProbeReport> {
        let mut result = crate::testing::sample::traceroute("b");
        if let Some(Measurement::Traceroute(trace)) = &mut result.measurement {
            trace.flows = vec![trace.flows[0].clone(); flows];
        }
        vec![result; number]
    }

    fn first(results: &[ProbeReport]) -> &TracerouteMeasurement {
        let Some(Measurement::Traceroute(trace)) = &results[0].measurement else { panic!("it is a traceroute") };
        trace
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        // Five answers a flow.
        let mut results = traces(1_200, 10);
        let before = results.clone();
        thin(&mut results);
        assert_eq!(results, before);
    }

    #[test]
    fn what_does_not_fit_keeps_the_hops_the_loss_and_the_fastest_answers() {
        let mut results = traces(1_201, 10);
        let before = first(&results).clone();
        thin(&mut results);
        let after = first(&results);
        assert_eq!((after.flows.len(), after.flows[0].path()), (1, before.flows[0].path()));
        assert_eq!(after.max_hop_round_trip_time(), before.max_hop_round_trip_time());
        let loss =
            |trace: &TracerouteMeasurement| trace.flows[0].hops.iter().map(|hop| hop.loss_ratio).collect::<Vec<_>>();
        assert_eq!(loss(after), loss(&before));
        assert!(after.flows[0].hops.iter().all(|hop| hop.answers.len() <= 1));
    }
}
