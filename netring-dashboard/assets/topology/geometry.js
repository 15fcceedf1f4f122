// Lines between nodes, and where there is room for words. All in pixels of the drawing.

export const FONT = 11;
const widthOf = (words, font = FONT) => [...words].length * font * 0.58;

/** A long name is cut here; its tooltip and its details have all of it. */
export const short = (name) => ([...name].length > 24 ? `${[...name].slice(0, 23).join('')}…` : name);

/** How fine lines and routers are drawn: finer from afar. Words keep their size. */
export const fineness = (scale) => Math.min(1, Math.max(0.45, scale ** 0.5));

/** Half the width and height of a location's box; the radius of a router. */
export function sizeOf(node, scale) {
  if (node.kind === 'location') {
    // Where there is little room, only the name.
    const small = scale < 0.6;
    return { w: Math.max(small ? 24 : 36, widthOf(short(node.name), 12.5) / 2 + (small ? 7 : 10)), h: small ? 11 : 19 };
  }
  return { r: (5 + Math.min(3.5, Math.log10(1 + node.pairs))) * fineness(scale) };
}

/** Where a line from the middle of a node towards a point leaves it. */
function border(at, size, towards) {
  const [x, y] = [towards.x - at.x, towards.y - at.y];
  const length = Math.hypot(x, y) || 1;
  const out = size.r ? (size.r + 2) / length : Math.min(x ? (size.w + 2) / Math.abs(x) : Infinity, y ? (size.h + 2) / Math.abs(y) : Infinity);
  const part = Math.min(out, 0.9);
  return { x: at.x + x * part, y: at.y + y * part };
}

const n = (value) => Math.round(value * 10) / 10;

/** The line of a way, its head, and points on it by a part of its length. */
export function lineOf(from, to, fromSize, toSize, bend, width, hasHead) {
  if (from === to) return loop(from, fromSize, bend);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const off = bend * Math.min(44, Math.max(9, length * 0.16));
  const control = { x: (from.x + to.x) / 2 - (dy / length) * off, y: (from.y + to.y) / 2 + (dx / length) * off };
  const [start, end] = [border(from, fromSize, control), border(to, toSize, control)];
  const away = Math.hypot(end.x - control.x, end.y - control.y) || 1;
  const [ux, uy] = [(end.x - control.x) / away, (end.y - control.y) / away];
  const [long, wide] = hasHead ? [2 + width * 2, 1 + width * 1.1] : [0, 0];
  const neck = { x: end.x - ux * long, y: end.y - uy * long };
  const at = (t) => {
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
    return { x: a * start.x + b * control.x + c * end.x, y: a * start.y + b * control.y + c * end.y };
  };
  return {
    line: `M${n(start.x)} ${n(start.y)}Q${n(control.x)} ${n(control.y)} ${n(neck.x)} ${n(neck.y)}`,
    head: hasHead
      ? `M${n(end.x)} ${n(end.y)}L${n(neck.x - uy * wide)} ${n(neck.y + ux * wide)}L${n(neck.x + uy * wide)} ${n(neck.y - ux * wide)}Z`
      : '',
    at,
    length: Math.hypot(end.x - start.x, end.y - start.y),
  };
}

/** From a location to itself: around its upper right corner. */
function loop(from, { w = 6, h = 6 }, bend) {
  const [x, y, r] = [from.x + w, from.y - h, 12 + 7 * bend];
  return {
    line: `M${n(x - 12)} ${n(y - 2)}C${n(x - 12)} ${n(y - r * 2)} ${n(x + r * 2)} ${n(y + 10)} ${n(x + 2)} ${n(y + 10)}`,
    head: '',
    at: () => ({ x: x + r * 0.9, y: y - r * 0.7 }),
    length: 40,
  };
}

const meet = (a, b) => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

/** Takes boxes as long as they cover no other. */
export class Room {
  constructor() {
    this.cells = new Map();
  }

  /** How many of these boxes a box meets. */
  met(box) {
    return this.around(box).reduce((sum, cell) => sum + (this.cells.get(cell)?.filter((other) => meet(box, other)).length ?? 0), 0);
  }

  around(box) {
    const cells = [];
    for (let x = Math.floor(box.x0 / 64); x <= Math.floor(box.x1 / 64); x++) {
      for (let y = Math.floor(box.y0 / 64); y <= Math.floor(box.y1 / 64); y++) cells.push(`${x} ${y}`);
    }
    return cells;
  }

  take(box, must = false) {
    const cells = this.around(box);
    if (!must && cells.some((cell) => this.cells.get(cell)?.some((other) => meet(box, other)))) return false;
    for (const cell of cells) {
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(box);
    }
    return true;
  }

  /** Takes room for words around the first of these points that has some; of several, around the one with the least ink. */
  words(words, points, must = false, ink = null) {
    const [w, h] = [widthOf(words) / 2 + 5, FONT * 0.75];
    const box = ({ x, y, side = 0 }) => ({ x0: x + w * (side - 1), x1: x + w * (side + 1), y0: y - h, y1: y + h });
    if (ink) points = points.map((point) => [ink.met(box(point)), point]).sort((a, b) => a[0] - b[0]).map(([, point]) => point);
    const free = points.find((point) => this.take(box(point)));
    if (free) return { ...free, w, h };
    if (!must) return null;
    this.take(box(points[0]), true);
    return { ...points[0], w, h };
  }
}
