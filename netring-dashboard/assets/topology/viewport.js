// What is seen of the graph: zoomed and moved by mouse, finger and keys. Kept as long as the page is open.
import { hideTip } from '../look/tip.js';

const ARROWS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
const ZOOMS = { '+': 1.3, '=': 1.3, '-': 1 / 1.3 };

export const eye = {
  k: 1,
  x: 0,
  y: 0,
  /** Whether somebody moved it, and whether a pointer holds or drags it now. */
  own: false,
  held: null,
  moved: false,

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
    const [w, h] = this.size();
    const [x0, y0, x1, y1] = this.bounds;
    const k = Math.max(0.02, Math.min((w - Math.min(210, w * 0.35)) / Math.max(1, x1 - x0), (h - 80) / Math.max(1, y1 - y0), 1.5));
    // The buttons stand at the right.
    this.to(k, (w - 40 - k * (x0 + x1)) / 2, (h - k * (y0 + y1)) / 2, false);
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

function up() {
  eye.held = null;
  // The click that ends a drag comes right after this.
  setTimeout(() => (eye.moved = false));
}

eye.on = {
  onwheel(event) {
    event.preventDefault();
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const by = -event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 0.01 : 0.002);
    eye.zoom(Math.exp(by), [event.clientX - left, event.clientY - top]);
  },
  onpointerdown({ button, clientX, clientY }) {
    hideTip();
    if (button === 0) eye.held = [clientX, clientY];
  },
  onpointermove({ currentTarget, pointerId, clientX, clientY }) {
    if (!eye.held) return;
    const [x, y] = [clientX - eye.held[0], clientY - eye.held[1]];
    // A hand that shakes a little clicks, and does not drag.
    if (!eye.moved && Math.hypot(x, y) < 4) return;
    currentTarget.setPointerCapture(pointerId);
    Object.assign(eye, { moved: true, held: [clientX, clientY] });
    eye.pan(x, y);
  },
  onpointerup: up,
  onpointercancel: up,
};
