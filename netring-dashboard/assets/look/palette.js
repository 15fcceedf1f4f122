// The colours that a canvas draws with. They come from the style sheet, so that there is one place for them.
import { CODE } from '../data/grid.js';

export { scaled, SCALES } from '../data/scale.js';

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

/** The colour of a cell as [r, g, b]: its state, and of what is up also how far it is. */
export function cellColour(code, position, { rgb }) {
  if (code === CODE.up) return rgb.up.map((from, i) => Math.round(from + (rgb['up-far'][i] - from) * position));
  if (code === CODE.down) return rgb.down;
  if (code === CODE.degraded) return rgb.degraded;
  return code === CODE.unknown ? rgb.unknown : rgb.ground;
}
