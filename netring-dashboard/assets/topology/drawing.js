// What is drawn, and where, in pixels: nodes, lines, and the words that there is room for.
import { scaled } from '../look/palette.js';
import { importance, labelOf, MARKS } from './model.js';
import { places } from './arrange.js';

/** Its tooltip and its details have all of a name. */
export const short = (name) => ([...name].length > 24 ? `${[...name].slice(0, 23).join('')}…` : name);

const widthOf = (words, font = 11) => [...words].length * font * 0.58;

export function drawingOf({ nodes, lines }, scale, matches, chosen) {
  // Finer from afar; words keep their size.
  const fine = Math.max(0.45, Math.min(1, scale ** 0.5));
  const found = new Set(matches);
  const spots = new Map();
  for (const node of nodes.values()) {
    const { x, y } = places.get(node.id);
    const isFound = found.has(node.id);
    const flags = { found: isFound, dimmed: found.size > 0 && !isFound, chosen: node.id === chosen };
    spots.set(node.id, { node, x: x * scale, y: y * scale, ...sizeOf(node, scale, fine), flags });
  }
  const drawn = lines.map((edge) => lineWith(edge, spots.get(edge.from.id), spots.get(edge.to.id), fine, chosen));
  write(drawn, [...spots.values()], scale > 0.8);
  return { spots: [...spots.values()], lines: drawn };
}

/** Half the width and height. From afar a location has only its name. */
function sizeOf({ members, name, pairs }, scale, fine) {
  if (members) return { w: Math.max(35, widthOf(short(name), 12.5) / 2 + 9), h: scale < 0.6 ? 11 : 19 };
  const r = (5 + Math.min(3.5, Math.log10(1 + pairs))) * fine;
  return { w: r, h: r };
}

const n = (...values) => values.map((value) => value.toFixed(1)).join(' ');

/** A line, its head, and its middle. */
function lineWith(edge, from, to, fine, chosen) {
  // From 1 to 150 ms; undefined where nobody knows.
  const level = edge.added === undefined ? undefined : scaled(edge.added, [0.001, 0.15]);
  const width = (1.3 + (level ?? 0) * 3.2) * fine;
  const flags = { dimmed: from.flags.dimmed && to.flags.dimmed, chosen: chosen && [edge.id, edge.back?.id].includes(chosen) };
  const line = { edge, level, width, flags };
  // Around its upper right corner.
  if (from === to) {
    const [x, y, r] = [from.x + from.w, from.y - from.h, 9 + 5 * edge.bend];
    return { ...line, path: `M${n(x - 9, y)}a${r} ${r} 0 1 1 9 9`, x: x + r, y: y - r, length: 40 };
  }
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const off = ((edge.bend ?? 0) * Math.min(44, Math.max(9, length * 0.16))) / length;
  const bent = { x: (from.x + to.x) / 2 - dy * off, y: (from.y + to.y) / 2 + dx * off };
  // Back from the end, as far as the node reaches.
  const apart = Math.hypot(bent.x - to.x, bent.y - to.y) || 1;
  const way = { x: (bent.x - to.x) / apart, y: (bent.y - to.y) / apart };
  const out = to.node.members ? Math.min(to.w / Math.abs(way.x), to.h / Math.abs(way.y)) : to.w;
  const at = (far) => [to.x + way.x * far, to.y + way.y * far];
  const long = edge.back ? 0 : 2 + width * 2;
  const [neckX, neckY] = at(out + 2 + long);
  const [sideX, sideY] = [(-way.y * long) / 1.8, (way.x * long) / 1.8];
  return {
    ...line,
    path: `M${n(from.x, from.y)}Q${n(bent.x, bent.y, neckX, neckY)}`,
    head: long > 0 && `M${n(...at(out + 2))}L${n(neckX + sideX, neckY + sideY)}L${n(neckX - sideX, neckY - sideY)}Z`,
    x: (from.x + 2 * bent.x + to.x) / 4,
    y: (from.y + 2 * bent.y + to.y) / 4,
    length,
  };
}

/** Bottlenecks have their words, or their mark where a location is in the way; all else has them from near, where there is room. */
function write(lines, spots, near) {
  const taken = spots.filter(({ node }) => node.members);
  const put = (text, x, y, must) => {
    const box = { text, x, y, w: widthOf(text) / 2 + 5, h: 8 };
    if (!must && taken.some((other) => Math.abs(other.x - x) < other.w + box.w && Math.abs(other.y - y) < other.h + box.h)) return null;
    taken.push(box);
    return box;
  };
  const ranked = [...lines].sort((a, b) => (b.edge.added ?? 0) - (a.edge.added ?? 0));
  const tell = (line) => (line.words = put(labelOf(line.edge), line.x, line.y));
  for (const line of ranked.filter(({ edge }) => importance(edge) > 1)) tell(line) ?? (line.words = put(MARKS[line.edge.severity], line.x, line.y, true));
  const rest = ranked.filter(({ edge, length }) => near && importance(edge) < 2 && length > 46);
  const routers = spots.filter(({ node }) => !node.members);
  taken.push(...routers);
  rest.filter(({ edge }) => importance(edge)).forEach(tell);
  for (const spot of routers) {
    const { node, x, y, h, flags } = spot;
    const must = flags.chosen || flags.found;
    if (near || must) spot.words = put(short(node.name), x, y + h + 9) ?? put(short(node.name), x, y - h - 9, must);
  }
  rest.filter(({ edge }) => !importance(edge)).forEach(tell);
}

/** What the graph covers, in the measure of the places: left, top, right, bottom. */
export function boundsOf({ nodes }) {
  const all = [...nodes.keys()].map((id) => places.get(id));
  const [xs, ys] = [all.map(({ x }) => x), all.map(({ y }) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
