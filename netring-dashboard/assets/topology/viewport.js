// What is seen of the graph: it is zoomed and moved by mouse, by fingers, and by keys.

const [FAR, NEAR] = [0.02, 8];
const STEP = 1.15;
/** Kept, so that another theme or another view and back leaves it as it was. */
let last = null;

const steps = (k) => STEP ** Math.round(Math.log(k) / Math.log(STEP));
const within = (k) => Math.min(NEAR, Math.max(FAR, k));

/**
 * The drawing is made for a scale that goes in steps, so that words and lines keep their size; `redraw` is called for another
 * step. In between it is stretched a little.
 */
export class Viewport {
  constructor(redraw) {
    this.redraw = redraw;
    this.at = last ?? { k: 1, x: 0, y: 0, own: false };
    this.scale = steps(this.at.k);
    this.pointers = new Map();
    this.moved = false;
  }

  attach(svg, world, bounds) {
    Object.assign(this, { svg, world, bounds });
    const on = { wheel: this.wheel, pointerdown: this.down, pointermove: this.move, pointerup: this.up, pointercancel: this.up };
    for (const [name, handler] of Object.entries(on)) svg.addEventListener(name, handler, { passive: false });
    const size = new ResizeObserver(() => (this.at.own ? this.apply() : this.fit()));
    size.observe(svg);
    return () => {
      size.disconnect();
      for (const [name, handler] of Object.entries(on)) svg.removeEventListener(name, handler);
    };
  }

  /** Moves the world to where it is looked at. */
  apply() {
    last = this.at;
    const { k } = this.at;
    clearTimeout(this.later);
    // What takes long to draw is drawn once nobody zooms any more.
    if (steps(k) !== this.scale && this.slow) this.later = setTimeout(() => this.anew(), 200);
    else if (steps(k) !== this.scale) return this.anew();
    this.place();
  }

  anew() {
    this.scale = steps(this.at.k);
    this.redraw();
  }

  place() {
    const { k, x, y } = this.at;
    this.world.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${(k / this.scale).toFixed(4)})`);
  }

  get size() {
    return [this.svg.clientWidth || 600, this.svg.clientHeight || 400];
  }

  /** Everything, until somebody looks elsewhere. */
  fit() {
    const [all, h] = this.size;
    // The buttons stand at the right.
    const w = all - 40;
    const { x0, y0, x1, y1 } = this.bounds();
    const k = within(Math.min((w - Math.min(170, w * 0.27)) / Math.max(1, x1 - x0), (h - 80) / Math.max(1, y1 - y0), 1.5));
    this.at = { k, x: w / 2 - (k * (x0 + x1)) / 2, y: h / 2 - (k * (y0 + y1)) / 2, own: false };
    this.apply();
  }

  zoom(by, [x, y] = this.size.map((side) => side / 2)) {
    const k = within(this.at.k * by);
    const part = k / this.at.k;
    this.at = { k, x: x - (x - this.at.x) * part, y: y - (y - this.at.y) * part, own: true };
    this.apply();
  }

  pan(x, y) {
    this.at = { ...this.at, x: this.at.x + x, y: this.at.y + y, own: true };
    this.apply();
  }

  /** Brings a place into the middle, near enough to be read. */
  centre({ x, y }) {
    const k = Math.max(this.at.k, 0.7);
    const [w, h] = this.size;
    this.at = { k, x: w / 2 - k * x, y: h / 2 - k * y, own: true };
    this.apply();
  }

  /** Brings a place into the middle where it is not seen. */
  show(place) {
    const [w, h] = this.size;
    const [x, y] = [place.x * this.at.k + this.at.x, place.y * this.at.k + this.at.y];
    if (x < 30 || y < 20 || x > w - 30 || y > h - 20) this.centre(place);
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  wheel = (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), this.point(event));
  };

  down = (event) => {
    if (event.button !== 0) return;
    if (this.pointers.size === 0) this.moved = false;
    this.pointers.set(event.pointerId, this.point(event));
  };

  move = (event) => {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.point(event);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    // A hand that shakes a little clicks, and does not drag.
    if (!this.moved && Math.hypot(dx, dy) < 4) return;
    if (!this.moved) this.svg.setPointerCapture(event.pointerId);
    this.moved = true;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (!other) return this.pan(dx, dy);
    const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
    this.pan(dx / 2, dy / 2);
    this.zoom(apart(now) / apart(before), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
  };

  up = (event) => {
    this.pointers.delete(event.pointerId);
    // The click that ends a drag comes right after this.
    if (this.pointers.size === 0) setTimeout(() => (this.moved = false));
  };

  /** Whether a key was meant for this. */
  key({ key, ctrlKey, metaKey, altKey }) {
    if (ctrlKey || metaKey || altKey) return false;
    const does = {
      '+': () => this.zoom(1.3),
      '=': () => this.zoom(1.3),
      '-': () => this.zoom(1 / 1.3),
      '0': () => this.fit(),
      ArrowLeft: () => this.pan(60, 0),
      ArrowRight: () => this.pan(-60, 0),
      ArrowUp: () => this.pan(0, 60),
      ArrowDown: () => this.pan(0, -60),
    }[key];
    does?.();
    return does !== undefined;
  }
}
