// The colours that a canvas draws with. They come from the style sheet, so that there is one place for them.
import { CODE } from '../data/grid.js';

let known = null;

/** All colours of the theme in use, as CSS colours by name, and as [r, g, b] in `rgb`. */
export function palette() {
  const theme = document.documentElement.dataset.theme;
  if (known?.theme === theme) return known;
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ['up', 'up-far', 'unknown', 'degraded', 'down', 'ground', 'raised', 'line', 'text', 'dim', 'accent', 'mark', 'sign'];
  const colours = Object.fromEntries(names.map((name) => [name, of(name)]));
  const rgb = Object.fromEntries(names.map((name) => [name, parse(colours[name])]));
  known = { theme, ...colours, rgb };
  return known;
}

function parse(colour) {
  const hex = colour.slice(1);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/**
 * Where a value stands on a scale from 0 (best) to 1 (worst). The scale is logarithmic: from 1 ms to 2 ms is as far as
 * from 100 ms to 200 ms.
 */
export function scaled(value, [best, worst]) {
  if (!(value > 0)) return 0;
  const at = Math.log(value / best) / Math.log(worst / best);
  return at < 0 ? 0 : at > 1 ? 1 : at;
}

/** What is shown for a metric: the values in the order of their weight, how they are written, and their scale. */
export const SCALES = {
  latency_seconds: [0.001, 0.4],
  loss_ratio: [0.001, 0.2],
  download_bits_per_second: [1e9, 1e6],
  hops: [1, 30],
};

/** The colour of a cell as [r, g, b]: its state, and of what is up also how far it is. */
export function cellColour(code, position, { rgb }) {
  if (code === CODE.up) return rgb.up.map((from, i) => Math.round(from + (rgb['up-far'][i] - from) * position));
  if (code === CODE.down) return rgb.down;
  if (code === CODE.degraded) return rgb.degraded;
  return code === CODE.unknown ? rgb.unknown : rgb.ground;
}
