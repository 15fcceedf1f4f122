mod alone;
mod arbitrary;
mod endings;
mod flapping;
mod hold;
mod kinds;
mod lifecycle;
mod made_up;
mod network;
mod overloaded;
mod partition;
mod quality;
mod sentences;
mod suspects;

use network::{Break, Net, Routes};

/// Four locations: a gets to c, and b to d, over the same router; everything else goes over routers of its own.
fn transit(from: &str, to: &str) -> Vec<u8> {
    let access = |location: &str| location.bytes().next().map_or(0, |letter| letter - b'a' + 1);
    let (a, b) = (access(from), access(to));
    match (from, to) {
        _ if from == to => vec![a],
        ("a", "c") | ("c", "a") | ("b", "d") | ("d", "b") => vec![a, 50, b],
        _ => vec![a, 100 + a * 10 + b, b],
    }
}

/// The same with two routers in a row on the way.
fn chain(from: &str, to: &str) -> Vec<u8> {
    match (from, to) {
        ("a", "c") => vec![1, 50, 51, 3],
        ("b", "c") => vec![2, 50, 51, 3],
        ("c", "a") => vec![3, 51, 50, 1],
        ("c", "b") => vec![3, 51, 50, 2],
        _ => transit(from, to),
    }
}

fn three_by_three() -> Net {
    Net::new(&[("a", 3), ("b", 3), ("c", 3)])
}

fn singles(n: usize) -> Net {
    Net::new(&[("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1)][..n])
}

fn routed(routes: Routes) -> Net {
    let mut net = Net::new(&[("a", 2), ("b", 2), ("c", 2), ("d", 2)]);
    net.routes = Some(routes);
    net
}

/// Breaks from the sixth round on, and what must be told by the twentieth: that, and at no time anything else.
#[test]
fn what_is_broken_is_named_and_nothing_else_is() {
    use Break::*;
    let table: Vec<(&str, Net, Vec<Break>, Vec<&str>)> = vec![
        ("none", three_by_three(), vec![], vec![]),
        ("none in a ring of one", singles(1), vec![], vec![]),
        ("a member is down", three_by_three(), vec![Down("a-1")], vec!["target a-1 unreachable"]),
        (
            "two are down in two locations",
            three_by_three(),
            vec![Down("a-1"), Down("b-2")],
            vec!["target a-1 unreachable", "target b-2 unreachable"],
        ),
        (
            "two of three are down in one location",
            three_by_three(),
            vec![Down("a-1"), Down("a-2")],
            vec!["target a-1 unreachable", "target a-2 unreachable"],
        ),
        ("a single member of a location is down", singles(3), vec![Down("a-1")], vec!["target a-1 unreachable"]),
        ("one of two is down", singles(2), vec![Down("a-1")], vec!["target a-1 unreachable"]),
        ("a member cannot be reached", three_by_three(), vec![Inbound("a-1")], vec!["inbound a-1 unreachable"]),
        ("a member reaches nobody", three_by_three(), vec![Outbound("a-1")], vec!["source a-1 unreachable"]),
        ("a member is cut off and reports", three_by_three(), vec![CutOff("a-1")], vec!["source a-1 unreachable"]),
        ("one of three is cut off and reports", singles(3), vec![CutOff("a-1")], vec!["source a-1 unreachable"]),
        ("a location is down", three_by_three(), vec![DownLocation("a")], vec!["location a unreachable"]),
        (
            "one of two locations is down",
            Net::new(&[("a", 2), ("b", 2)]),
            vec![DownLocation("a")],
            vec!["location a unreachable"],
        ),
        ("a location is cut off and reports", three_by_three(), vec![CutLocation("a")], vec!["location a unreachable"]),
        ("a location cannot be reached", three_by_three(), vec![IntoLocation("a")], vec!["location a unreachable"]),
        ("a location reaches nobody", three_by_three(), vec![OutOfLocation("a")], vec!["location a unreachable"]),
        (
            "two of four locations are cut off",
            Net::new(&[("a", 2), ("b", 2), ("c", 2), ("d", 2)]),
            vec![CutLocation("a"), CutLocation("b")],
            vec!["location a unreachable", "location b unreachable"],
        ),
        (
            "two locations do not reach each other",
            three_by_three(),
            vec![Between("a", "b")],
            vec!["location_pair a <> b unreachable"],
        ),
        (
            "nor do they where there are no others",
            Net::new(&[("a", 3), ("b", 2)]),
            vec![Between("a", "b")],
            vec!["location_pair a <> b unreachable"],
        ),
        (
            "nor do they where one is large",
            Net::new(&[("a", 2), ("b", 12)]),
            vec![Between("a", "b")],
            vec!["location_pair a <> b unreachable"],
        ),
        (
            "a large location hides nobody",
            Net::new(&[("a", 2), ("b", 12), ("c", 1)]),
            vec![Between("a", "b")],
            vec!["location_pair a <> b unreachable"],
        ),
        ("one link of three", singles(3), vec![Between("a", "b")], vec!["location_pair a <> b unreachable"]),
        ("two members in two locations", singles(2), vec![Between("a", "b")], vec!["location_pair a <> b unreachable"]),
        (
            "all links of three",
            singles(3),
            vec![Between("a", "b"), Between("a", "c"), Between("b", "c")],
            vec![
                "location_pair a <> b unreachable",
                "location_pair a <> c unreachable",
                "location_pair b <> c unreachable",
            ],
        ),
        ("one way", three_by_three(), vec![Way("a", "b")], vec!["direction a > b unreachable"]),
        ("one way of three links", singles(3), vec![Way("a", "b")], vec!["direction a > b unreachable"]),
        ("one way of a single link", singles(2), vec![Way("a", "b")], vec!["direction a > b unreachable"]),
        ("inside a location", three_by_three(), vec![Between("a", "a")], vec!["location_pair a <> a unreachable"]),
        (
            "two members in one location",
            Net::new(&[("a", 2)]),
            vec![Between("a", "a")],
            vec!["pair a-1 <> a-2 unreachable"],
        ),
        ("a pair", three_by_three(), vec![Pair("a-1", "b-1")], vec!["pair a-1 <> b-1 unreachable"]),
        ("a pair one way", three_by_three(), vec![PairWay("a-1", "b-1")], vec!["pair a-1 > b-1 unreachable"]),
        (
            "a location pair and a member",
            three_by_three(),
            vec![Between("a", "b"), Down("c-1")],
            vec!["location_pair a <> b unreachable", "target c-1 unreachable"],
        ),
        (
            "a member that is down and its location cut from another",
            three_by_three(),
            vec![Between("a", "b"), Down("a-1")],
            vec!["location_pair a <> b unreachable", "target a-1 unreachable"],
        ),
        ("silent and reached", three_by_three(), vec![Mute("a-1"), Mute("b-1")], vec![]),
        (
            "silent, and one link is cut",
            singles(3),
            vec![Mute("a-1"), Between("a", "b")],
            vec!["direction b > a unreachable"],
        ),
        ("without heartbeats, but with reports", three_by_three(), vec![Late("a-1")], vec![]),
        (
            "all are silent",
            three_by_three(),
            vec![
                Mute("a-1"),
                Mute("a-2"),
                Mute("a-3"),
                Mute("b-1"),
                Mute("b-2"),
                Mute("b-3"),
                Mute("c-1"),
                Mute("c-2"),
                Mute("c-3"),
            ],
            vec![],
        ),
        ("it said goodbye", three_by_three(), vec![Gone("a-1")], vec![]),
        ("HTTP of a member", three_by_three(), vec![Http("a-1")], vec!["kind http /health of a-1 unreachable"]),
        ("HTTP from a member", three_by_three(), vec![HttpFrom("a-1")], vec!["kind http /health from a-1 unreachable"]),
        ("HTTP one way", three_by_three(), vec![HttpWay("a", "b")], vec!["kind http /health a > b unreachable"]),
        (
            "HTTP of a pair",
            three_by_three(),
            vec![HttpPair("a-1", "b-1")],
            vec!["kind http /health a-1 > b-1 unreachable"],
        ),
        ("HTTP for everybody", three_by_three(), vec![HttpAll], vec!["kind http /health unreachable"]),
        (
            "HTTP of one and another is down",
            three_by_three(),
            vec![Http("a-1"), Down("b-1")],
            vec!["kind http /health of a-1 unreachable", "target b-1 unreachable"],
        ),
        ("a member is overloaded", three_by_three(), vec![Overloaded("a-1")], vec!["source a-1 overloaded"]),
        (
            "one is overloaded and another is down",
            three_by_three(),
            vec![Overloaded("a-1"), Down("b-1")],
            vec!["source a-1 overloaded", "target b-1 unreachable"],
        ),
        ("a slow member", three_by_three(), vec![SlowMember("a-1")], vec!["source a-1 slow"]),
        ("a slow way", three_by_three(), vec![SlowBetween("a", "b")], vec!["location_pair a <> b slow"]),
        ("a slow pair", three_by_three(), vec![SlowPair("a-1", "b-1")], vec!["pair a-1 <> b-1 slow"]),
        ("a slow link of three", singles(3), vec![SlowBetween("a", "b")], vec!["location_pair a <> b slow"]),
        ("loss one way", three_by_three(), vec![LossWay("a", "b")], vec!["direction a > b lossy"]),
        ("loss to a member", three_by_three(), vec![LossInto("a-1")], vec!["inbound a-1 lossy"]),
        (
            "loss nobody knows the way of",
            three_by_three(),
            vec![LossBetween("a", "b")],
            vec!["location_pair a <> b lossy"],
        ),
        ("a router", routed(transit), vec![Router(50)], vec!["router 10.9.0.50 unreachable"]),
        ("a link", routed(chain), vec![Link(50, 51)], vec!["link 10.9.0.50 > 10.9.0.51 unreachable"]),
        (
            "a link of one location pair alone",
            routed(transit),
            vec![Link(1, 50)],
            vec!["location_pair a <> c unreachable"],
        ),
        ("an access router", routed(transit), vec![CutLocation("d")], vec!["location d unreachable"]),
        (
            "slow and down",
            three_by_three(),
            vec![SlowBetween("a", "b"), Down("c-1")],
            vec!["location_pair a <> b slow", "target c-1 unreachable"],
        ),
    ];
    let mut wrong = Vec::new();
    for (case, mut net, breaks, expected) in table {
        for seed in 0..2 {
            net.seed = seed;
            net.breaks = breaks.iter().map(|&what| (6 + seed as usize..usize::MAX, what)).collect();
            let run = net.run(20);
            let expected: std::collections::BTreeSet<_> = expected.iter().map(|&name| name.to_owned()).collect();
            if run.open() != expected || run.ever() != expected {
                wrong.push(format!("{case}: expected {expected:?}, told {:#?}, open {:?}", run.told(), run.open()));
            }
            for fault in run.book.open() {
                assert!(fault.sentence.len() <= 400 && (0.0..=1.0).contains(&fault.confidence), "{fault:?}");
                assert!(fault.confidence > 0.3, "{case}: {fault:?}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
