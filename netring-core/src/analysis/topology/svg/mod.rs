//! The graph as a picture: made of text alone, the same for the same graph, and without anything that runs.

mod draw;
mod layout;
mod sketch;
mod text;

use super::Topology;
use sketch::Sketch;

/// The graph as an SVG document.
///
/// Locations stand on an ellipse, routers between those that they join; a line is the wider the more pairs use it, and has the
/// colour of its [`Severity`](super::Severity). Lines there and back are one. What is pointed at tells more. The picture has a
/// background of its own, needs no font, and has neither scripts nor links.
///
/// More than 150 routers can be told apart by nobody: then routers with two neighbours become part of a line, and where
/// that is not enough, only the locations are shown. Of more than 60 locations those with the most members are. The picture
/// says so.
#[must_use]
pub fn topology_svg(topology: &Topology) -> String {
    let sketch = Sketch::of(topology);
    let layout = layout::Layout::of(&sketch);
    draw::draw(&sketch, &layout)
}

#[cfg(test)]
mod tests;
