use super::{
    network::{Break, Net, Routes, router},
    routed, transit,
};

/// As [`transit`], but from a to c over two routers that nobody else uses.
fn own_way(from: &str, to: &str) -> Vec<u8> {
    if (from, to) == ("a", "c") { vec![1, 60, 61, 3] } else { transit(from, to) }
}

/// Half of the bad pairs also go over routers of their own.
fn fork(from: &str, to: &str) -> Vec<u8> {
    match (from, to) {
        ("a", "c") => vec![1, 60, 61, 70, 3],
        ("b", "c") => vec![2, 62, 61, 70, 3],
        _ => transit(from, to),
    }
}

/// Routers by their numbers, and their share of the votes.
type Expected = Vec<(Vec<u8>, f64)>;

#[test]
fn the_likeliest_come_first_and_those_that_good_pairs_use_not_at_all() {
    let singles = |routes: Routes| Net { routes: Some(routes), ..super::singles(4) };
    let table: Vec<(&str, Net, Vec<Break>, Expected)> = vec![
        // Others go over 1, 3 and 50, and nobody else over these links. It is as bad both ways: no end is the near one.
        (
            "both ways",
            routed(transit),
            vec![Break::Between("a", "c")],
            vec![(vec![1, 50], 1.0 / 5.0), (vec![3, 50], 1.0 / 5.0)],
        ),
        // Traces end at 60: first what is right after it. Links are told in the direction of the packets.
        (
            "one way",
            routed(own_way),
            vec![Break::Way("a", "c")],
            vec![
                (vec![60, 61], 1.0 / 7.0),
                (vec![61], 1.0 / 7.0),
                (vec![1, 60], 1.0 / 7.0),
                (vec![61, 3], 1.0 / 7.0),
                (vec![60], 1.0 / 7.0),
            ],
        ),
        // What all bad pairs share has more votes than what only some of them use.
        (
            "a member alone",
            singles(transit),
            vec![Break::Down("a-1")],
            vec![
                (vec![1], 1.0 / 5.0),
                (vec![50, 1], 1.0 / 15.0),
                (vec![121, 1], 1.0 / 15.0),
                (vec![141, 1], 1.0 / 15.0),
                (vec![2, 121], 1.0 / 15.0),
            ],
        ),
        // All of these pairs share 61, 70 and 3; by 3 others get through. Their traces end at 61.
        (
            "a fork",
            routed(fork),
            vec![Break::Way("a", "c"), Break::Way("b", "c")],
            vec![
                (vec![61, 70], 1.0 / 9.0),
                (vec![70], 1.0 / 9.0),
                (vec![70, 3], 1.0 / 9.0),
                (vec![61], 1.0 / 9.0),
                (vec![1, 60], 1.0 / 18.0),
            ],
        ),
        // Nobody traces.
        ("no traces", Net::new(&[("a", 3), ("b", 3), ("c", 3)]), vec![Break::Between("a", "b")], vec![]),
    ];
    let mut wrong = Vec::new();
    for (case, mut net, breaks, expected) in table {
        net.breaks = breaks.into_iter().map(|what| (6..usize::MAX, what)).collect();
        let run = net.run(20);
        let [fault] = run.book.open() else { panic!("{case}: {:#?}", run.told()) };
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(routers, share)| (routers.into_iter().map(router).collect::<Vec<_>>(), share))
            .collect();
        let is: Vec<_> = fault.suspects.iter().map(|suspect| (suspect.routers.clone(), suspect.share)).collect();
        let same = is.len() == expected.len()
            && is.iter().zip(&expected).all(|(is, should)| is.0 == should.0 && (is.1 - should.1).abs() < 1e-9);
        if !same {
            wrong.push(format!("{case}, {}: {is:?} and not {expected:?}", fault.subject));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
