//! The picture's text.

use super::{
    super::Severity,
    layout::{Area, Layout},
    sketch::{Line, RADIUS, SMALL_SIZE, Sketch, Spot},
    text::Escaped,
};
use std::fmt::{self, Write as _};

const STYLE: &str = "\
    text{font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#22303c}\
    .head{font-size:17px;font-weight:600}\
    .sub{font-size:12px;fill:#5a6b7a}\
    .name{font-size:13px;font-weight:600;text-anchor:middle}\
    .small{font-size:10.5px;fill:#4a5a68;text-anchor:middle}\
    .ip{paint-order:stroke;stroke:#fbfcfd;stroke-width:3px;stroke-linejoin:round}\
    .label{font-size:10.5px;font-weight:600;text-anchor:middle}\
    .location{fill:#e4eef8;stroke:#3f6f9f;stroke-width:1.5}\
    .router{fill:#ffffff;stroke:#5a6b7a;stroke-width:1.5}\
    .info{stroke:#9aa7b3;fill:none}.warning{stroke:#d07a00;fill:none}.critical{stroke:#c62828;fill:none}\
    .info-tip{fill:#9aa7b3}.warning-tip{fill:#d07a00}.critical-tip{fill:#c62828}\
    .warning-text{fill:#8f5300}.critical-text{fill:#b01c1c}\
    .silent{stroke-dasharray:1 6;stroke-linecap:round}";
const BACKGROUND: &str = "#fbfcfd";

/// The widest and the narrowest line, in pixels.
const WIDTHS: (f64, f64) = (1.2, 6.0);

pub(super) fn draw(sketch: &Sketch, layout: &Layout) -> String {
    let mut svg = String::with_capacity(1_024 + 320 * (sketch.spots.len() + sketch.lines.len()));
    // Writing to a string does not fail.
    let _ = write(&mut svg, sketch, layout);
    svg
}

fn write(svg: &mut String, sketch: &Sketch, layout: &Layout) -> fmt::Result {
    let (width, height) = (layout.width, layout.height);
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\"><title>Topology: {}</title><style>{STYLE}</style>\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\
         <text class=\"head\" x=\"24\" y=\"32\">Topology</text><text class=\"sub\" x=\"24\" y=\"50\">{}</text>",
        Escaped(&sketch.headline),
        Escaped(&sketch.headline),
    )?;
    let most = sketch.lines.iter().map(|line| line.pairs).max().unwrap_or(1);
    // The bad ones last, so that they are not hidden by others.
    for severity in [Severity::Info, Severity::Warning, Severity::Critical] {
        for line in sketch.lines.iter().filter(|line| line.severity == severity) {
            draw_line(svg, line, sketch, layout, most)?;
        }
    }
    for (i, (spot, area)) in sketch.spots.iter().zip(&layout.spots).enumerate() {
        if i < sketch.locations { draw_location(svg, spot, area)? } else { draw_router(svg, spot, area)? }
    }
    for (line, area) in sketch.lines.iter().zip(&layout.labels) {
        if let (Some(label), Some(area)) = (&line.label, area) {
            let (left, top) = (area.x - area.width / 2.0, area.y - area.height / 2.0);
            writeln!(
                svg,
                "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\" fill=\"{BACKGROUND}\" \
                 fill-opacity=\"0.92\"/><text class=\"label {}-text\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                area.width,
                area.height,
                line.severity,
                area.x,
                area.y + 0.36 * SMALL_SIZE,
                Escaped(label),
            )?;
        }
    }
    draw_foot(svg, sketch, layout)?;
    svg.push_str("</svg>\n");
    Ok(())
}

fn draw_line(svg: &mut String, line: &Line, sketch: &Sketch, layout: &Layout, most: u32) -> fmt::Result {
    let [a, b] = line.ends;
    let (Some(from), Some(to)) = (layout.spots.get(a), layout.spots.get(b)) else { return Ok(()) };
    let share = f64::from(line.pairs).ln_1p() / f64::from(most.max(1)).ln_1p();
    let width = WIDTHS.0 + (WIDTHS.1 - WIDTHS.0) * share.clamp(0.0, 1.0).powi(2);
    let (start, end) = {
        let (is_location_a, is_location_b) = (a < sketch.locations, b < sketch.locations);
        (
            edge_of(from, is_location_a, centre(to, is_location_b)),
            edge_of(to, is_location_b, centre(from, is_location_a)),
        )
    };
    let silent = if line.silent { " silent" } else { "" };
    let (severity, points) = (line.severity, (start, end));
    write!(
        svg,
        "<g><title>{}</title><line class=\"{severity}{silent}\" stroke-width=\"{width:.1}\" x1=\"{:.1}\" y1=\"{:.1}\" \
         x2=\"{:.1}\" y2=\"{:.1}\"/>",
        Escaped(&line.tooltip),
        points.0.0,
        points.0.1,
        points.1.0,
        points.1.1,
    )?;
    // Where it is used one way only there is an arrow.
    match line.ways {
        [true, false] => draw_arrow(svg, start, end, width, severity)?,
        [false, true] => draw_arrow(svg, end, start, width, severity)?,
        _ => {}
    }
    svg.push_str("</g>\n");
    Ok(())
}

fn draw_arrow(svg: &mut String, from: (f64, f64), to: (f64, f64), width: f64, severity: Severity) -> fmt::Result {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let length = x.hypot(y).max(1.0);
    let (x, y) = (x / length, y / length);
    let (long, wide) = (7.0 + width, 2.8 + width);
    let back = (to.0 - long * x, to.1 - long * y);
    write!(
        svg,
        "<path class=\"{severity}-tip\" d=\"M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z\"/>",
        to.0,
        to.1,
        back.0 - wide * y,
        back.1 + wide * x,
        back.0 + wide * y,
        back.1 - wide * x,
    )
}

/// Where the middle of a spot is that lines lead to: of a router the circle, above its label.
fn centre(area: &Area, is_location: bool) -> (f64, f64) {
    if is_location { (area.x, area.y) } else { (area.x, area.y - area.height / 2.0 + RADIUS) }
}

/// Where a line from `area` to the point `to` leaves it.
fn edge_of(area: &Area, is_location: bool, to: (f64, f64)) -> (f64, f64) {
    let from = centre(area, is_location);
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let length = x.hypot(y).max(1.0);
    let way = if is_location {
        let across = if x.abs() > 0.1 { area.width / 2.0 / x.abs() } else { f64::INFINITY };
        let along = if y.abs() > 0.1 { area.height / 2.0 / y.abs() } else { f64::INFINITY };
        across.min(along).min(0.5)
    } else {
        ((RADIUS + 1.0) / length).min(0.5)
    };
    (from.0 + way * x, from.1 + way * y)
}

fn draw_location(svg: &mut String, spot: &Spot, area: &Area) -> fmt::Result {
    writeln!(
        svg,
        "<g><title>{}</title><rect class=\"location\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"9\"/>\
         <text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text><text class=\"small\" x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
        Escaped(&spot.tooltip),
        area.x - area.width / 2.0,
        area.y - area.height / 2.0,
        area.width,
        area.height,
        area.x,
        area.y - 2.0,
        Escaped(&spot.label),
        area.x,
        area.y + 14.0,
        Escaped(&spot.below),
    )
}

fn draw_router(svg: &mut String, spot: &Spot, area: &Area) -> fmt::Result {
    let (x, y) = centre(area, false);
    writeln!(
        svg,
        "<g><title>{}</title><circle class=\"router\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{RADIUS}\"/>\
         <text class=\"small ip\" x=\"{x:.1}\" y=\"{:.1}\">{}</text></g>",
        Escaped(&spot.tooltip),
        y + RADIUS + 11.0,
        Escaped(&spot.label),
    )
}

fn draw_foot(svg: &mut String, sketch: &Sketch, layout: &Layout) -> fmt::Result {
    let mut y = layout.height - 18.0;
    for note in sketch.notes.iter().rev() {
        writeln!(svg, "<text class=\"sub\" x=\"24\" y=\"{y:.0}\">{}</text>", Escaped(note))?;
        y -= 18.0;
    }
    let mut x = 24.0;
    for (class, words, room) in [
        ("info", "within the thresholds", 190.0),
        ("warning", "warning", 110.0),
        ("critical", "critical", 110.0),
        ("info silent", "over silent hops", 165.0),
    ] {
        writeln!(
            svg,
            "<line class=\"{class}\" stroke-width=\"3\" x1=\"{x:.0}\" y1=\"{:.0}\" x2=\"{:.0}\" y2=\"{:.0}\"/>\
             <text class=\"sub\" x=\"{:.0}\" y=\"{y:.0}\">{words}</text>",
            y - 4.0,
            x + 28.0,
            y - 4.0,
            x + 36.0,
        )?;
        x += room;
    }
    writeln!(svg, "<text class=\"sub\" x=\"{x:.0}\" y=\"{y:.0}\">wider: more pairs</text>")
}
