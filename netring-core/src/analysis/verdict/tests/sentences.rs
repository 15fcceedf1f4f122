//! What is read at three in the morning.

use super::{
    chain,
    network::{Break, Net},
    routed, singles, three_by_three, transit,
};

#[test]
fn a_sentence_says_who_and_how_many_and_what_is_fine() {
    use Break::*;
    let table: Vec<(Net, Vec<Break>, &[&str])> = vec![
        (
            three_by_three(),
            vec![Down("a-1")],
            &[
                "a-1 (a) is down: none of 8 members reaches it, and nothing is heard from it. The other 56 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![Inbound("a-1")],
            &[
                "a-1 (a) cannot be reached: none of 8 members reaches it. But it is up: it reports, and reaches the others itself. The other 64 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![CutOff("a-1")],
            &[
                "a-1 (a) is cut off: it reaches nobody, and nobody reaches it (16 pairs). But it is up: it reports. The other 56 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![Outbound("a-1")],
            &["a-1 (a) reaches none of 8 members. But 8 of 8 members reach it. The other 64 pairs are fine."],
        ),
        (
            three_by_three(),
            vec![Inbound("a-1"), Mute("b-1")],
            &[
                "a-1 (a) cannot be reached: none of 7 members reaches it. But it is up: it reports, and reaches the others itself. The other 57 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![DownLocation("a")],
            &[
                "a (3 members) is down or cut off: nobody elsewhere reaches any of it, and nothing is heard from it. The other 30 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![CutLocation("a")],
            &[
                "a (3 members) is cut off: 36 pairs between it and other locations fail, while those reach each other. The other 36 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![IntoLocation("a")],
            &[
                "a (3 members) cannot be reached from other locations: 18 pairs fail. But it reaches them itself. The other 54 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![OutOfLocation("a")],
            &[
                "a (3 members) does not reach other locations: 18 pairs fail. But it is reached from there. The other 54 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![Between("a", "b")],
            &["a and b do not reach each other: all 18 pairs fail. The other 54 pairs are fine."],
        ),
        (
            three_by_three(),
            vec![Between("a", "a")],
            &["Members in a do not reach each other: all 6 pairs fail. The other 66 pairs are fine."],
        ),
        (singles(2), vec![Between("a", "b")], &["a and b do not reach each other: both pairs fail."]),
        (
            three_by_three(),
            vec![Way("a", "b")],
            &["a does not reach b: all 9 pairs fail. But b reaches a. The other 63 pairs are fine."],
        ),
        (
            singles(3),
            vec![Mute("a-1"), Between("a", "b")],
            &["b does not reach a: 1 pair fails. Nobody says whether a reaches b. The other 3 pairs are fine."],
        ),
        (
            three_by_three(),
            vec![Pair("a-1", "b-1")],
            &["a-1 (a) and b-1 (b) do not reach each other. The other 70 pairs are fine."],
        ),
        (
            three_by_three(),
            vec![PairWay("a-1", "b-1")],
            &["a-1 (a) does not reach b-1 (b). But b-1 reaches a-1. The other 71 pairs are fine."],
        ),
        (
            routed(transit),
            vec![Router(50)],
            &["Router 10.9.0.50 does not forward: 16 pairs through it fail. The other 40 pairs are fine."],
        ),
        (
            routed(chain),
            vec![Link(50, 51)],
            &["The link from 10.9.0.50 to 10.9.0.51 is broken: 16 pairs over it fail. The other 40 pairs are fine."],
        ),
        (
            three_by_three(),
            vec![Http("a-1")],
            &[
                "HTTP /health of a-1 (a) fails for all 8 members, while other probes get through: look at the service, not at the network. The other 64 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![HttpFrom("a-1")],
            &[
                "HTTP /health from a-1 (a) fails to all 8 members, while other probes get through: look at this member, not at the services. The other 64 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![HttpWay("a", "b")],
            &[
                "HTTP /health fails from a to b, while other probes get through: all 9 pairs fail. Look at what filters on the way. The other 63 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![HttpPair("a-1", "b-1")],
            &[
                "HTTP /health fails from a-1 (a) to b-1 (b), while other probes get through. The other 71 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![HttpAll],
            &[
                "HTTP /health fails for everybody, while other probes get through: all 72 pairs fail. Look at the service, not at the network.",
            ],
        ),
        (
            three_by_three(),
            vec![SlowMember("a-1")],
            &[
                "The way to and from a-1 (a) is slow: round trips take longer than usual in 16 pairs. The other 56 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![SlowBetween("a", "b")],
            &[
                "The way between a and b is slow: round trips take longer than usual in all 18 pairs. The other 54 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![SlowBetween("a", "a")],
            &[
                "The network inside a is slow: round trips take longer than usual in all 6 pairs. The other 66 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![SlowPair("a-1", "b-1")],
            &[
                "The way between a-1 (a) and b-1 (b) is slow: round trips take longer than usual. The other 70 pairs are fine.",
            ],
        ),
        (
            three_by_three(),
            vec![LossInto("a-1")],
            &["The way to a-1 (a) is lossy: packets are lost from 8 members. The other 64 pairs are fine."],
        ),
        (
            three_by_three(),
            vec![LossWay("a", "b")],
            &["The way from a to b is lossy: packets are lost in all 9 pairs. The other 63 pairs are fine."],
        ),
        (
            three_by_three(),
            vec![LossBetween("a", "b")],
            &["The way between a and b is lossy: packets are lost in all 18 pairs. The other 54 pairs are fine."],
        ),
        (
            three_by_three(),
            vec![Overloaded("a-1")],
            &[
                "a-1 (a) is overloaded: it was late itself with 8 of its last 16 probes, and these do not count. That says nothing of the network.",
            ],
        ),
        (
            three_by_three(),
            vec![Down("a-1"), Pair("b-1", "c-1")],
            &[
                "a-1 (a) is down: none of 8 members reaches it, and nothing is heard from it. 2 of the other 56 pairs are bad as well.",
                "b-1 (b) and c-1 (c) do not reach each other. 8 of the other 62 pairs are bad as well.",
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (mut net, breaks, expected) in table {
        net.breaks = breaks.iter().map(|&what| (6..usize::MAX, what)).collect();
        let run = net.run(20);
        let said: Vec<_> = run.book.open().iter().map(|fault| fault.sentence.as_str()).collect();
        if said != expected {
            wrong.push(format!("{breaks:?}\n  {}", said.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
