//! What is said of what is slow or loses packets, where more than a pair or a member is.

use super::{
    network::{Break, Net},
    routed, three_by_three, transit,
};

/// a gets to c, and b to d, over the same link, and each over other links before and after it.
fn bridge(from: &str, to: &str) -> Vec<u8> {
    match (from, to) {
        ("a", "c") => vec![1, 50, 51, 3],
        ("b", "d") => vec![2, 50, 51, 4],
        ("c", "a") => vec![3, 51, 50, 1],
        ("d", "b") => vec![4, 51, 50, 2],
        _ => transit(from, to),
    }
}

#[test]
fn a_slow_or_lossy_location_router_or_link_has_its_sentence() {
    use Break::*;
    let table: Vec<(Net, Break, &str, &str)> = vec![
        (
            three_by_three(),
            SlowLocation("a"),
            "location a slow",
            "The way into and out of a (3 members) is slow: round trips take longer than usual in 36 pairs. The other 36 pairs are fine.",
        ),
        (
            three_by_three(),
            LossLocation("a"),
            "location a lossy",
            "The way into and out of a (3 members) is lossy: packets are lost in 36 pairs. The other 36 pairs are fine.",
        ),
        (
            three_by_three(),
            LossIntoLocation("a"),
            "location a lossy",
            "The way into a (3 members) is lossy: packets are lost in 18 pairs. The other 54 pairs are fine.",
        ),
        (
            three_by_three(),
            LossOutOfLocation("a"),
            "location a lossy",
            "The way out of a (3 members) is lossy: packets are lost in 18 pairs. The other 54 pairs are fine.",
        ),
        (
            routed(transit),
            SlowRouter(50),
            "router 10.9.0.50 slow",
            "Router 10.9.0.50 is slow: round trips take longer than usual in 16 pairs through it. The other 40 pairs are fine.",
        ),
        (
            routed(transit),
            LossRouter(50),
            "router 10.9.0.50 lossy",
            "Router 10.9.0.50 is lossy: packets are lost in 16 pairs through it. The other 40 pairs are fine.",
        ),
        (
            routed(bridge),
            SlowLink(50, 51),
            "link 10.9.0.50 > 10.9.0.51 slow",
            "The link from 10.9.0.50 to 10.9.0.51 is slow: round trips take longer than usual in 16 pairs over it. The other 40 pairs are fine.",
        ),
        (
            routed(bridge),
            LossLink(50, 51),
            "link 10.9.0.50 > 10.9.0.51 lossy",
            "The link from 10.9.0.50 to 10.9.0.51 is lossy: packets are lost in 16 pairs over it. The other 40 pairs are fine.",
        ),
    ];
    let mut wrong = Vec::new();
    for (mut net, what, name, sentence) in table {
        net.breaks = vec![(6..20, what)];
        let run = net.run(19);
        let said: Vec<_> = run.book.open().iter().map(|fault| fault.sentence.as_str()).collect();
        if run.open() != [name.to_owned()].into() || run.ever() != run.open() || said != [sentence] {
            wrong.push(format!("{what:?}: {:#?}\n  {}", run.told(), said.join("\n  ")));
        }
        let run = net.run(30);
        if !run.open().is_empty() || run.told().len() != 2 {
            wrong.push(format!("{what:?} is over: {:#?}", run.told()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
