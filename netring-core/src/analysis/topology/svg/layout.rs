//! Where everything stands in the picture.

use super::sketch::Sketch;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// Radii of the ellipse of a small ring, in pixels.
const RADII: (f64, f64) = (450.0, 260.0);
/// Rounds in which routers go to the middle of their neighbours.
const SETTLE_ROUNDS: usize = 120;
/// Rounds in which what is too near goes apart.
const SPREAD_ROUNDS: usize = 240;
/// Room between two spots, in pixels.
const GAP: f64 = 12.0;
/// Routers keep so far from lines that are not theirs, in pixels.
const LINE_GAP: f64 = 13.0;
const MARGIN: f64 = 24.0;
/// Room for the head of the picture and for what stands at its foot.
const HEAD: f64 = 56.0;
const FOOT: f64 = 44.0;
const NOTE: f64 = 18.0;

/// Where everything stands, in pixels.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) spots: Vec<Area>,
    /// Where the label of each line stands, where it has one and there is room.
    pub(super) labels: Vec<Option<Area>>,
}

/// A rectangle, by its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Area {
    pub(super) fn overlaps(&self, other: &Self, gap: f64) -> bool {
        let (x, y) = self.overlap(other, gap);
        x > 0.0 && y > 0.0
    }

    fn overlap(&self, other: &Self, gap: f64) -> (f64, f64) {
        let x = (self.width + other.width) / 2.0 + gap - (self.x - other.x).abs();
        let y = (self.height + other.height) / 2.0 + gap - (self.y - other.y).abs();
        (x, y)
    }
}

impl Layout {
    pub(super) fn of(sketch: &Sketch) -> Self {
        let mut spots: Vec<Area> = sketch
            .spots
            .iter()
            .enumerate()
            .map(|(i, spot)| {
                let (width, height) = spot.size(i < sketch.locations);
                Area { x: 0.0, y: 0.0, width, height }
            })
            .collect();
        let (radius_x, radius_y) = place_locations(&mut spots, sketch.locations);
        let neighbours = neighbours(sketch);
        settle(&mut spots, sketch.locations, &neighbours);
        spread(&mut spots, sketch, (radius_x, radius_y));
        let widest = spots.iter().take(sketch.locations).map(|spot| spot.width).fold(0.0, f64::max);
        let (half_width, half_height) = (radius_x + widest / 2.0 + MARGIN, radius_y + 22.0 + MARGIN);
        for spot in &mut spots {
            (spot.x, spot.y) = (spot.x + half_width, spot.y + half_height + HEAD);
        }
        let labels = place_labels(sketch, &spots);
        Self {
            width: 2.0 * half_width,
            height: 2.0 * half_height + HEAD + FOOT + NOTE * sketch.notes.len() as f64,
            spots,
            labels,
        }
    }
}

/// Places the first spots on an ellipse with room for all, and gives its radii.
fn place_locations(spots: &mut [Area], locations: usize) -> (f64, f64) {
    let room: f64 = spots.iter().skip(locations).map(|spot| (spot.width + GAP) * (spot.height + GAP)).sum();
    // A third of the ellipse for the routers: lines and labels need the rest.
    let mut scale = (3.0 * room / (PI * RADII.0 * RADII.1)).sqrt().max(1.0);
    let (on_ellipse, _) = spots.split_at_mut(locations);
    loop {
        let radii = (RADII.0 * scale, RADII.1 * scale);
        for (i, spot) in on_ellipse.iter_mut().enumerate() {
            let angle = TAU * i as f64 / locations as f64 - FRAC_PI_2;
            (spot.x, spot.y) = (radii.0 * angle.cos(), radii.1 * angle.sin());
        }
        let crowded = on_ellipse
            .iter()
            .enumerate()
            .any(|(i, spot)| on_ellipse.iter().skip(i + 1).any(|other| spot.overlaps(other, GAP)));
        if !crowded || scale > 20.0 {
            return radii;
        }
        scale *= 1.1;
    }
}

fn neighbours(sketch: &Sketch) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); sketch.spots.len()];
    for line in &sketch.lines {
        let [a, b] = line.ends;
        for (end, other) in [(a, b), (b, a)] {
            if let Some(of_end) = neighbours.get_mut(end) {
                of_end.push(other);
            }
        }
    }
    neighbours
}

/// Puts each router in the middle of its neighbours (Tutte, "How to draw a graph", 1963), as well as some rounds can.
fn settle(spots: &mut [Area], locations: usize, neighbours: &[Vec<usize>]) {
    for _ in 0..SETTLE_ROUNDS {
        for i in locations..spots.len() {
            let near = neighbours.get(i).map_or(&[][..], Vec::as_slice);
            let places = near.iter().filter_map(|&other| spots.get(other));
            let (count, x, y) = places.fold((0.0, 0.0, 0.0), |(n, x, y), spot| (n + 1.0, x + spot.x, y + spot.y));
            if let Some(spot) = spots.get_mut(i).filter(|_| count > 0.0) {
                (spot.x, spot.y) = (x / count, y / count);
            }
        }
    }
    // Those that came to stand at the very same place go apart in different directions, by the golden angle.
    for (i, spot) in spots.iter_mut().enumerate().skip(locations) {
        let angle = i as f64 * 2.399_963;
        (spot.x, spot.y) = (spot.x + 9.0 * angle.cos(), spot.y + 9.0 * angle.sin());
    }
}

/// Moves routers away from each other, from locations, and from lines that are not theirs.
fn spread(spots: &mut [Area], sketch: &Sketch, radii: (f64, f64)) {
    let locations = sketch.locations;
    for round in 0..SPREAD_ROUNDS {
        // Towards the end nothing gives way to lines any more, so that no two labels are left on each other.
        let strength = 1.0 - round as f64 / (0.7 * SPREAD_ROUNDS as f64);
        if strength > 0.0 {
            avoid_lines(spots, sketch, 0.5 * strength);
        }
        let mut moved = false;
        for i in locations..spots.len() {
            for j in 0..i {
                let (Some(&a), Some(&b)) = (spots.get(i), spots.get(j)) else { continue };
                let (x, y) = a.overlap(&b, GAP);
                if x <= 0.0 || y <= 0.0 {
                    continue;
                }
                moved = true;
                // The shorter way out; only a router gives way to a location.
                let part = if j < locations { 1.0 } else { 0.5 };
                let away = |a: f64, b: f64| if a >= b { 1.0 } else { -1.0 };
                let (x, y) = if x < y { (x * away(a.x, b.x), 0.0) } else { (0.0, y * away(a.y, b.y)) };
                if let Some(a) = spots.get_mut(i) {
                    (a.x, a.y) = (a.x + part * x, a.y + part * y);
                }
                if let Some(b) = spots.get_mut(j).filter(|_| j >= locations) {
                    (b.x, b.y) = (b.x - part * x, b.y - part * y);
                }
            }
        }
        for spot in spots.iter_mut().skip(locations) {
            let (x, y) = ((radii.0 - spot.width / 2.0).max(0.0), (radii.1 - spot.height / 2.0).max(0.0));
            (spot.x, spot.y) = (spot.x.clamp(-x, x), spot.y.clamp(-y, y));
        }
        if !moved && strength <= 0.0 {
            break;
        }
    }
}

fn avoid_lines(spots: &mut [Area], sketch: &Sketch, strength: f64) {
    for i in sketch.locations..spots.len() {
        for line in &sketch.lines {
            let [from, to] = line.ends;
            if from == i || to == i {
                continue;
            }
            let (Some(a), Some(b), Some(spot)) = (spots.get(from), spots.get(to), spots.get(i)) else { continue };
            let (x, y) = (b.x - a.x, b.y - a.y);
            let length = x.hypot(y).max(1.0);
            let along = ((spot.x - a.x) * x + (spot.y - a.y) * y) / (length * length);
            if !(0.05..=0.95).contains(&along) {
                continue;
            }
            let (normal_x, normal_y) = (-y / length, x / length);
            let distance = (spot.x - a.x) * normal_x + (spot.y - a.y) * normal_y;
            // A line that comes across a label is as bad as one through the router.
            let wanted = LINE_GAP + (normal_x * spot.width / 2.0).abs() * 0.6 + (normal_y * spot.height / 2.0).abs();
            let lacking = wanted - distance.abs();
            if lacking <= 0.0 {
                continue;
            }
            let push = strength * lacking * if distance >= 0.0 { 1.0 } else { -1.0 };
            if let Some(spot) = spots.get_mut(i) {
                (spot.x, spot.y) = (spot.x + push * normal_x, spot.y + push * normal_y);
            }
        }
    }
}

/// Finds a place for the label of each line, for the bad ones first.
fn place_labels(sketch: &Sketch, spots: &[Area]) -> Vec<Option<Area>> {
    use super::{sketch::SMALL_SIZE, text::width};
    let mut placed = vec![None; sketch.lines.len()];
    let mut taken: Vec<Area> = spots.to_vec();
    let mut order: Vec<_> = sketch.lines.iter().enumerate().collect();
    order.sort_by_key(|(_, line)| std::cmp::Reverse((line.severity, line.latency, line.pairs)));
    for (i, line) in order {
        let [a, b] = line.ends;
        let (Some(label), Some(a), Some(b)) = (&line.label, spots.get(a), spots.get(b)) else { continue };
        let size = (width(label, SMALL_SIZE) + 6.0, SMALL_SIZE + 5.0);
        let at = |along: f64, aside: f64| {
            let (x, y) = (b.x - a.x, b.y - a.y);
            let length = x.hypot(y).max(1.0);
            Area {
                x: a.x + along * x - aside * y / length,
                y: a.y + along * y + aside * x / length,
                width: size.0,
                height: size.1,
            }
        };
        const ALONG: [f64; 9] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8];
        let mut places =
            [0.0, 12.0, -12.0, 22.0, -22.0].into_iter().flat_map(|aside| ALONG.map(|along| at(along, aside)));
        let free = places.find(|place| !taken.iter().any(|other| place.overlaps(other, 2.0)));
        if let Some(place) = free {
            taken.push(place);
            if let Some(slot) = placed.get_mut(i) {
                *slot = Some(place);
            }
        }
    }
    placed
}
