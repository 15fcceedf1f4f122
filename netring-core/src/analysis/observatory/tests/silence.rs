//! Whom the registry does not hear of.

use super::{registry::Registry, *};

/// `x` has just registered, checks every 60 s, has not reported yet, and its heartbeats come; a firewall is before it.
#[test]
fn who_is_online_and_has_not_reported_yet_is_not_down() {
    let mut registry = Registry::new(&["a", "b", "c", "x"]);
    let seen = || {
        vec![
            ("a", vec![tcp("b", true), tcp("c", true), tcp("x", false)]),
            ("b", vec![tcp("a", true), tcp("c", true), tcp("x", false)]),
            ("c", vec![tcp("a", true), tcp("b", true), tcp("x", false)]),
        ]
    };
    (0..6).for_each(|_| registry.round(seen()));
    assert!(!registry.told.iter().any(|(_, what)| what == "opened target x unreachable"), "{:#?}", registry.told);
}

/// Two locations. A third one has a member that went offline long ago.
#[test]
fn a_location_that_is_offline_does_not_change_the_verdict() {
    for ghost in [false, true] {
        let mut ids = vec!["x", "b1", "b2", "b3"];
        ids.extend(ghost.then_some("ghost"));
        let mut registry =
            Registry::new(&ids).stands("x", "a", MemberStatus::Online).stands("ghost", "c", MemberStatus::Offline);
        for round in 0..15 {
            let bs = ["b1", "b2", "b3"];
            let mut seen: Vec<_> = bs
                .iter()
                .map(|me| {
                    let others = bs.iter().filter(|other| *other != me).map(|other| tcp(other, true));
                    (*me, others.chain([tcp("x", round < 4)]).collect::<Vec<_>>())
                })
                .collect();
            seen.push(("x", bs.iter().map(|other| tcp(other, true)).collect()));
            registry.round(seen);
        }
        assert_eq!(registry.open(), ["inbound x unreachable"], "ghost: {ghost}");
    }
}
