use super::network::{Break, Net};
use crate::analysis::FaultChange;

fn ring(locations: &[&'static str], each: usize) -> Net {
    Net::new(&locations.iter().map(|&location| (location, each)).collect::<Vec<_>>())
}

const EIGHT: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// What is told, and how its sentence begins.
type Told = Vec<(&'static str, &'static str)>;

/// Breaks from the sixth round on, and what must be told by the twentieth: that, in these sentences, and at no time anything else.
#[test]
fn a_ring_that_is_split_is_one_fault_and_says_what_is_known() {
    use Break::*;
    let silent = |side: &'static [&'static str]| {
        [Across(side)].into_iter().chain(side.iter().map(|&location| MuteLocation(location))).collect::<Vec<_>>()
    };
    let table: Vec<(&str, Net, Vec<Break>, Told)> = vec![
        (
            "four against four",
            ring(&EIGHT, 2),
            vec![Across(&["a", "b", "c", "d"])],
            vec![(
                "partition a, b, c, d <> e, f, g, h unreachable",
                "The ring is split in two: none of 128 pairs between a, b, c, d and e, f, g, h works; within each side they do.",
            )],
        ),
        (
            "two against six, of one member each",
            ring(&EIGHT, 1),
            vec![Across(&["c", "g"])],
            vec![(
                "partition a, b, d, e, f, h <> c, g unreachable",
                "The ring is split in two: none of 24 pairs between a, b, d and 3 more and c, g works; within each side they do.",
            )],
        ),
        (
            "two against two",
            ring(&EIGHT[..4], 1),
            vec![Across(&["a", "b"])],
            vec![(
                "partition a, b <> c, d unreachable",
                "The ring is split in two: none of 8 pairs between a, b and c, d works; within each side they do.",
            )],
        ),
        (
            "three parts",
            ring(&EIGHT[..7], 1),
            vec![Across(&["a", "b"]), Across(&["c", "d"])],
            vec![
                (
                    "partition a, b <> c, d, e, f, g unreachable",
                    "The ring is split in two: none of 20 pairs between a, b and c, d, e and 2 more works. 12 of the other 22 pairs are bad as well.",
                ),
                (
                    "partition c, d <> e, f, g unreachable",
                    "The ring is split in two: none of 12 pairs between c, d and e, f, g works. 20 of the other 30 pairs are bad as well.",
                ),
            ],
        ),
        (
            "a member is down besides",
            ring(&EIGHT, 2),
            vec![Across(&["a", "b", "c", "d"]), Down("a-1")],
            vec![
                (
                    "partition a, b, c, d <> e, f, g, h unreachable",
                    "The ring is split in two: none of 120 pairs between a, b, c, d and e, f, g, h works.",
                ),
                ("target a-1 unreachable", "a-1 (a) is down"),
            ],
        ),
        (
            "a location that is cut off alone is that location",
            ring(&EIGHT[..4], 2),
            vec![CutLocation("a")],
            vec![("location a unreachable", "a (2 members) is cut off")],
        ),
        (
            "two ways that are broken are no partition",
            ring(&EIGHT[..4], 2),
            vec![Between("a", "c"), Between("b", "d")],
            vec![
                ("location_pair a <> c unreachable", "a and c do not reach each other"),
                ("location_pair b <> d unreachable", "b and d do not reach each other"),
            ],
        ),
        (
            "three of six fall silent at one moment",
            ring(&EIGHT[..6], 2),
            silent(&["a", "c", "e"]),
            vec![(
                "partition a, c, e <> b, d, f unreachable",
                "a, c, e are cut off from here, or down: none of 36 pairs from b, d, f to them works, and nothing is heard from them. The other 30 pairs are fine.",
            )],
        ),
        (
            "three of six go down at one moment, of one member each",
            ring(&EIGHT[..6], 1),
            vec![DownLocation("a"), DownLocation("c"), DownLocation("e")],
            vec![(
                "partition a, c, e <> b, d, f unreachable",
                "a, c, e are cut off from here, or down: none of 9 pairs from b, d, f to them works, and nothing is heard from them. The other 6 pairs are fine.",
            )],
        ),
        (
            "two go down at one moment",
            ring(&EIGHT[..5], 2),
            vec![DownLocation("a"), DownLocation("b")],
            vec![("partition a, b <> c, d, e unreachable", "a, b are cut off from here, or down")],
        ),
        (
            "one goes down alone",
            ring(&EIGHT[..5], 2),
            vec![DownLocation("a")],
            vec![("location a unreachable", "a (2 members) is down or cut off")],
        ),
    ];
    let mut wrong = Vec::new();
    for (case, mut net, breaks, expected) in table {
        for (seed, interval) in [(0, 1), (1, 1), (0, 60)] {
            (net.seed, net.interval) = (seed, interval);
            net.breaks = breaks.iter().map(|&what| (6 + seed as usize..usize::MAX, what)).collect();
            let run = net.run(20);
            let names = expected.iter().map(|&(name, _)| name.to_owned()).collect();
            let said = run.book.open().iter().all(|fault| {
                let name = super::network::name(&fault.subject, fault.symptom);
                expected.iter().any(|&(expected, sentence)| name == expected && fault.sentence.starts_with(sentence))
            });
            if run.open() != names || run.ever() != names || !said || run.changes.len() != expected.len() {
                let sentences: Vec<_> = run.book.open().iter().map(|fault| &fault.sentence).collect();
                wrong.push(format!("{case}, seed {seed}, {interval} s: {:#?}, {sentences:#?}", run.told()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn locations_that_go_down_one_after_the_other_are_each_a_fault() {
    let net = ring(&EIGHT[..5], 2)
        .with(6..usize::MAX, Break::DownLocation("a"))
        .with(30..usize::MAX, Break::DownLocation("b"));
    let run = net.run(50);
    let names = ["location a unreachable", "location b unreachable"].map(str::to_owned).into();
    assert_eq!((run.open(), run.ever()), (names, run.open()), "{:#?}", run.told());
}

#[test]
fn a_split_that_is_over_closes_and_tells_of_nothing_smaller_on_the_way() {
    const SIDE: &[&str] = &["a", "b", "c"];
    let split = ring(&EIGHT[..6], 2).with(6..30, Break::Across(SIDE));
    let silent = SIDE.iter().fold(split.clone(), |net, &location| net.with(6..30, Break::MuteLocation(location)));
    for net in [split, silent] {
        let run = net.run(60);
        let kinds: Vec<_> = run.changes.iter().map(|(_, change)| matches!(change, FaultChange::Opened(_))).collect();
        assert_eq!(kinds, [true, false], "{:#?}", run.told());
        assert!(run.changes[0].0 <= 6.0 + 7.0 && run.changes[1].0 <= 30.0 + 7.0, "{:#?}", run.told());
        assert_eq!(run.book.closed().count(), 1);
    }
}

#[test]
fn a_split_that_all_can_tell_is_named_within_five_seconds() {
    let run = ring(&EIGHT, 2).with(6..30, Break::Across(&["a", "b", "c", "d"])).run(20);
    assert!(run.changes[0].0 <= 11.0, "{:#?}", run.told());
}
