// What is drawn, and where: lines, nodes, and the words that there is room for.
import { fineness, lineOf, Room, short, sizeOf } from './geometry.js';
import { importance, labelOf, levelOf } from './model.js';
import { places } from './arrange.js';

/** So many bottlenecks have their words in any case, the others at least their mark. */
const MANY = 4;
/** Of so few lines each has its words. */
const FEW = 40;
/** In a thicket of more lines nothing is gained by looking for the least of them. */
const THICK = 400;

export function drawingOf(graph, scale, matches, chosen) {
  const found = matches && new Set(matches);
  const room = new Room();
  const spots = new Map();
  for (const node of graph.nodes.values()) {
    const place = places.get(node.id);
    const spot = { node, x: place.x * scale, y: place.y * scale, size: sizeOf(node, scale), label: null };
    spot.found = found?.has(node.id) ?? false;
    spot.dimmed = found !== null && found.size > 0 && !spot.found;
    spots.set(node.id, spot);
    const { w = spot.size.r, h = spot.size.r } = spot.size;
    room.take({ x0: spot.x - w, x1: spot.x + w, y0: spot.y - h, y1: spot.y + h }, true);
  }
  const lines = graph.ways.map((way) => lineWith(way, spots, fineness(scale)));
  label(lines, [...spots.values()], room, chosen);
  return { spots: [...spots.values()], lines };
}

function lineWith(way, spots, fine) {
  const { edge, back, bend } = way;
  const [from, to] = [spots.get(edge.from.id), spots.get(edge.to.id)];
  const level = levelOf(edge);
  const width = (level < 0 ? 1 : 1.3 + level * 0.8) * fine;
  const dimmed = from.dimmed && to.dimmed;
  return { way, edge, level, width, dimmed, words: null, ...lineOf(from, to, from.size, to.size, bend, width, !back) };
}

/** Words go where there is room, the most important first. */
function label(lines, spots, room, chosen) {
  const ranked = lines.map((line) => ({ line, text: labelOf(line.edge, lines.length <= FEW), rank: importance(line.edge) })).filter(({ text }) => text);
  ranked.sort((a, b) => b.rank - a.rank || (b.line.edge.added_latency_seconds ?? 0) - (a.line.edge.added_latency_seconds ?? 0));
  const write = ({ line, text, rank }, nth) => {
    const points = [0.5, 0.38, 0.62, 0.27, 0.73].map(line.at);
    const place = room.words(text, points);
    if (place) line.words = { text, ...place };
    else if (rank >= 2) {
      const words = nth < MANY ? text : [...text][0];
      line.words = { text: words, ...room.words(words, points, true) };
    }
  };
  ranked.filter(({ rank }) => rank >= 2).forEach(write);
  const ink = lines.length > THICK ? null : inkOf(lines);
  const routers = spots.filter(({ node }) => node.kind === 'router').sort((a, b) => b.found - a.found || b.node.pairs - a.node.pairs);
  for (const spot of routers) {
    const [away, name] = [spot.size.r + 9, short(spot.node.name)];
    const { x, y } = spot;
    const beside = [-1, 1].map((side) => ({ x: x + side * (away - 4), y, side }));
    const points = [{ x, y: y + away }, { x, y: y - away }, ...beside];
    spot.label = room.words(name, points, spot.node.id === chosen || (spot.found && routers.length < 60), ink);
  }
  ranked.filter(({ rank }) => rank === 1).forEach(write);
  // A short line has no room for words that do not matter much.
  ranked.filter(({ rank, line }) => rank === 0 && line.length > 46).forEach(write);
}

function inkOf(lines) {
  const ink = new Room();
  for (const { at, length } of lines) {
    const parts = Math.ceil(length / 12);
    for (let part = 0; part <= parts; part++) {
      const { x, y } = at(part / parts);
      ink.take({ x0: x - 2, x1: x + 2, y0: y - 2, y1: y + 2 }, true);
    }
  }
  return ink;
}

/** What the graph covers, in the measure of the places. */
export function boundsOf(graph) {
  const all = [...graph.nodes.keys()].map((id) => places.get(id));
  const [xs, ys] = [all.map(({ x }) => x), all.map(({ y }) => y)];
  const least = (list) => list.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (list) => list.reduce((a, b) => Math.max(a, b), -Infinity);
  return { x0: least(xs), y0: least(ys), x1: most(xs), y1: most(ys) };
}
