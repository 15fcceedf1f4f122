use super::network::{Break, Net};

/// The registry stands in a. That location is cut off from the others: neither reports nor heartbeats of b and c arrive.
#[test]
fn where_the_own_location_of_the_registry_is_cut_off_the_others_are_not_said_to_be_down() {
    use Break::*;
    let big = Net::new(&[("a", 3), ("b", 3), ("c", 3)])
        .with(6..60, CutLocation("a"))
        .with(6..60, Mute("b-1"))
        .with(6..60, Mute("b-2"))
        .with(6..60, Mute("b-3"))
        .with(6..60, Mute("c-1"))
        .with(6..60, Mute("c-2"))
        .with(6..60, Mute("c-3"));
    let small = Net::new(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)])
        .with(6..60, CutLocation("a"))
        .with(6..60, Mute("b-1"))
        .with(6..60, Mute("c-1"))
        .with(6..60, Mute("d-1"));
    for (net, sentence) in [
        (
            big,
            "a (3 members) is cut off from all others, or all others are down: it reaches nobody elsewhere (18 pairs), and nobody elsewhere reports. The other 6 pairs are fine.",
        ),
        (
            small,
            "a (1 member) is cut off from all others, or all others are down: it reaches nobody elsewhere (3 pairs), and nobody elsewhere reports.",
        ),
    ] {
        let run = net.run(30);
        assert_eq!(run.open(), ["location a unreachable".to_owned()].into(), "{:#?}", run.told());
        assert_eq!(run.book.open()[0].sentence, sentence);
        let down = |fault: &&str| fault.contains("target");
        assert!(!run.ever().iter().any(|fault| down(&fault.as_str())), "{:#?}", run.told());
    }
}
