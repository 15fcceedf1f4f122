// What is seen of the graph: zoomed and moved by mouse, by fingers, and by keys. Kept as long as the page is open.
import { hideTip } from '../look/tip.js';

const ARROWS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
const ZOOMS = { '+': 1.3, '=': 1.3, '-': 1 / 1.3 };
const pointers = new Map();

function point({ clientX, clientY, currentTarget }) {
  const { left, top } = currentTarget.getBoundingClientRect();
  return [clientX - left, clientY - top];
}

export const eye = {
  k: 1,
  x: 0,
  y: 0,
  /** Whether it is not all that is looked at. */
  own: false,
  moved: false,
  get busy() {
    return pointers.size > 0;
  },

  /** What is drawn at `scale` is stretched until `redraw` is done. */
  show(svg, bounds, scale, redraw) {
    Object.assign(this, { svg, bounds, scale, redraw });
    if (this.own) this.to(this.k, this.x, this.y);
    else this.fit();
  },

  to(k, x, y, own = true) {
    Object.assign(this, { k, x, y, own });
    this.svg.firstElementChild.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${(k / this.scale).toFixed(4)})`);
    clearTimeout(this.later);
    if (k !== this.scale) this.later = setTimeout(() => this.redraw(k), 120);
  },

  size() {
    return [this.svg.clientWidth, this.svg.clientHeight];
  },

  fit() {
    const [all, h] = this.size();
    // The buttons stand at the right.
    const w = all - 40;
    const [x0, y0, x1, y1] = this.bounds;
    const k = Math.max(0.02, Math.min((w - Math.min(170, w * 0.27)) / Math.max(1, x1 - x0), (h - 80) / Math.max(1, y1 - y0), 1.5));
    this.to(k, w / 2 - (k * (x0 + x1)) / 2, h / 2 - (k * (y0 + y1)) / 2, false);
  },

  zoom(by, [x, y] = this.size().map((side) => side / 2)) {
    const k = Math.min(8, Math.max(0.02, this.k * by));
    this.to(k, x - ((x - this.x) * k) / this.k, y - ((y - this.y) * k) / this.k);
  },

  pan(x, y) {
    this.to(this.k, this.x + x, this.y + y);
  },

  /** Brings a place that is not seen into the middle, near enough to be read. */
  centre({ x, y }, always) {
    const [w, h] = this.size();
    const [left, top] = [x * this.k + this.x, y * this.k + this.y];
    const k = Math.max(this.k, 0.7);
    if (always || left < 30 || top < 20 || left > w - 30 || top > h - 20) this.to(k, w / 2 - k * x, h / 2 - k * y);
  },

  /** Whether a key was meant for this. */
  key({ key, ctrlKey, metaKey, altKey }) {
    if (ctrlKey || metaKey || altKey) return false;
    if (key === '0') this.fit();
    else if (ARROWS[key]) this.pan(...ARROWS[key]);
    else if (ZOOMS[key]) this.zoom(ZOOMS[key]);
    else return false;
    return true;
  },
};

function up({ pointerId }) {
  pointers.delete(pointerId);
  // The click that ends a drag comes right after this.
  if (!eye.busy) setTimeout(() => (eye.moved = false));
}

eye.on = {
  onwheel(event) {
    event.preventDefault();
    eye.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 0.01 : 0.002)), point(event));
  },
  onpointerdown(event) {
    hideTip();
    if (event.button === 0) pointers.set(event.pointerId, point(event));
  },
  onpointermove(event) {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const [x, y] = point(event);
    const [dx, dy] = [x - before[0], y - before[1]];
    // A hand that shakes a little clicks, and does not drag.
    if (!eye.moved && Math.hypot(dx, dy) < 4) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    eye.moved = true;
    pointers.set(event.pointerId, [x, y]);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) return eye.pan(dx, dy);
    const apart = (from) => Math.hypot(from[0] - other[0], from[1] - other[1]) || 1;
    eye.pan(dx / 2, dy / 2);
    eye.zoom(apart([x, y]) / apart(before), [(x + other[0]) / 2, (y + other[1]) / 2]);
  },
  onpointerup: up,
  onpointercancel: up,
};
