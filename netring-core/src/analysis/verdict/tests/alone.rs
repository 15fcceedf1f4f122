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
    for net in [big, small] {
        let run = net.run(30);
        let down: Vec<_> = run
            .book
            .open()
            .iter()
            .filter(|fault| fault.sentence.contains(" is down"))
            .map(|fault| &fault.sentence)
            .collect();
        assert!(down.is_empty(), "all others at once: it is the registry's own location: {down:#?}");
    }
}
