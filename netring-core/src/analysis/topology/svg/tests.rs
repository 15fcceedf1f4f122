use super::{
    super::{
        Router, RouterNode,
        tests::{five_locations, graph, ring},
    },
    layout::Layout,
    sketch::Sketch,
    *,
};
use crate::{
    analysis::{LocationNode, Place, Severity, TopologyEdge},
    model::{InstanceId, Location, Timestamp},
};
use std::time::Duration;

/// The document as it is read, which has to be XML.
#[track_caller]
fn texts(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let tag = node.tag_name().name();
        const TAGS: [&str; 9] = ["svg", "g", "title", "style", "rect", "text", "line", "circle", "path"];
        assert!(TAGS.contains(&tag), "{tag} in {svg}");
        assert!(
            node.attributes()
                .all(|attribute| !attribute.name().starts_with("on") && !attribute.name().contains("href"))
        );
    }
    document.descendants().filter(|node| node.is_text()).filter_map(|node| node.text()).map(str::to_owned).collect()
}

fn at(place: usize) -> Place {
    Place::Router(router(place))
}

fn router(number: usize) -> Router {
    Router { ip: std::net::Ipv4Addr::from(0x1400_0000 + number as u32).into(), realm: None }
}

fn edge(from: Place, to: Place) -> TopologyEdge {
    TopologyEdge {
        from,
        to,
        silent_hops: 0,
        pairs: 1,
        added_latency: Some(Duration::from_millis(1)),
        uncertainty: None,
        clamped: false,
        lasting_latency: Some(Duration::from_millis(1)),
        loss_ratio: None,
        severity: Severity::Info,
    }
}

fn location(name: &str) -> Place {
    Place::Location(Location::new(name).unwrap())
}

/// Two locations and `edges` between routers 0 to `routers`.
fn drawn(routers: usize, edges: Vec<TopologyEdge>) -> Topology {
    let node = |name: &str| LocationNode {
        location: Location::new(name).unwrap(),
        members: vec![InstanceId::new(name).unwrap()],
    };
    Topology {
        at: Timestamp::from_unix_seconds(1),
        traces: 2,
        locations: vec![node("x"), node("y")],
        routers: (0..routers).map(|number| RouterNode { router: router(number), pairs: 1 }).collect(),
        edges,
        connections: Vec::new(),
        bottlenecks: Vec::new(),
        truncated: false,
    }
}

#[test]
fn names_of_strangers_stay_text() {
    let hostile = "</text><script>alert(1)</script>\"'&\u{ffff}]]>";
    let mut topology = drawn(1, vec![edge(location("x"), at(0)), edge(at(0), location("y"))]);
    topology.locations[0].location = Location::new(hostile).unwrap();
    topology.locations[0].members = vec![InstanceId::new("<b onload=\"x\">&amp;").unwrap()];
    topology.edges[0].from = location(hostile);
    let texts = texts(&topology_svg(&topology)).join("\n");
    let shown = hostile.replace('\u{ffff}', "\u{fffd}");
    assert!(texts.contains(&format!("{shown}: 1 member\n<b onload=\"x\">&amp;")), "{texts}");
    assert!(texts.contains(&format!("{shown} to 20.0.0.0: 1 pair, adds 1.0 ms")), "{texts}");
}

#[test]
fn nothing_stands_on_anything_else_in_a_ring_of_five_locations() {
    let topology = five_locations();
    assert_eq!((topology.locations.len(), topology.routers.len()), (5, 13));
    let sketch = Sketch::of(&topology);
    let layout = Layout::of(&sketch);
    let areas: Vec<_> = layout.spots.iter().chain(layout.labels.iter().flatten()).collect();
    for (i, a) in areas.iter().enumerate() {
        for b in areas.iter().skip(i + 1) {
            assert!(!a.overlaps(b, 0.0), "{a:?} and {b:?}");
        }
        let inside = a.x - a.width / 2.0 >= 0.0
            && a.x + a.width / 2.0 <= layout.width
            && a.y - a.height / 2.0 >= 0.0
            && a.y + a.height / 2.0 <= layout.height;
        assert!(inside, "{a:?} is outside of {} by {}", layout.width, layout.height);
    }
    for (line, label) in sketch.lines.iter().zip(&layout.labels) {
        assert!(line.label.is_none() || line.severity == Severity::Info || label.is_some(), "{line:?} has no label");
    }
    let svg = topology_svg(&topology);
    assert!(svg.contains("+120 ms") && svg.contains("class=\"critical\""));
    let texts = texts(&svg);
    assert!(texts.iter().any(|text| text == "5 locations, 7 members, 13 routers, 20 traces"), "{texts:?}");
    assert_eq!(svg, topology_svg(&five_locations()), "the same graph makes the same picture");
}

#[test]
fn what_is_too_much_to_draw_is_left_out_and_said() {
    // A chain of 200 routers becomes a line.
    let mut edges = vec![edge(location("x"), at(0)), edge(at(199), location("y"))];
    edges.extend((1..200).map(|i| edge(at(i - 1), at(i))));
    edges[100].severity = Severity::Critical;
    let svg = topology_svg(&drawn(200, edges.clone()));
    let said = texts(&svg).join("\n");
    assert!(said.contains("200 of 200 routers have two neighbours and are a part of the line between them."), "{said}");
    assert!(said.contains("200 routers on the way") && said.contains("+201 ms"), "{said}");
    assert_eq!((svg.matches("<circle").count(), svg.matches("class=\"critical\"").count()), (0, 2), "and the legend");

    // 200 routers that all have three neighbours do not.
    edges.extend((0..100).map(|i| edge(at(i), at(i + 100))));
    let mut topology = drawn(200, edges);
    let connection = |source: &str, target: &str, pairs| crate::analysis::LocationConnection {
        source_location: Location::new(source).unwrap(),
        target_location: Location::new(target).unwrap(),
        pairs,
        reached: 1,
        round_trip_time: None,
    };
    topology.connections = vec![connection("x", "y", 3), connection("y", "x", 4), connection("x", "x", 9)];
    let svg = topology_svg(&topology);
    let said = texts(&svg).join("\n");
    assert!(said.contains("200 routers are too many to draw") && said.contains("\n7 pairs"), "{said}");
    assert_eq!(svg.matches("<circle").count(), 0);
}

#[test]
fn many_locations_have_room_and_too_many_are_not_all_shown() {
    let members: Vec<_> = (0..70).map(|i| format!("m{i} location-with-a-name-{i:02} 198.51.100.{}", i + 1)).collect();
    let topology = graph(&ring(&members.join(",")), &[("m0", "m1", &["192.0.2.1@1 198.51.100.2@2"])]);
    let sketch = Sketch::of(&topology);
    let layout = Layout::of(&sketch);
    assert_eq!(sketch.locations, 60);
    for (i, a) in layout.spots.iter().enumerate() {
        assert!(layout.spots.iter().skip(i + 1).all(|b| !a.overlaps(b, 0.0)));
    }
    assert!(texts(&topology_svg(&topology)).iter().any(|text| text.starts_with("60 of 70 locations are shown")));
}

#[test]
fn an_empty_ring_has_a_picture() {
    let topology =
        graph(&crate::registry::MembersSnapshot { at: Timestamp::default(), revision: 0, members: vec![] }, &[]);
    assert!(texts(&topology_svg(&topology)).iter().any(|text| text.starts_with("0 locations")));
}
