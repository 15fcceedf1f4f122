// The cells of a board as a small picture, a pixel a cell. It is drawn large without smoothing; where a screen pixel has
// more than one cell, it shows the worst of them, so that no failure is lost in a large ring.
import { CODE } from '../data/grid.js';
import { cellColour } from '../look/palette.js';

/** Steps of the shade of what is up. */
const STEPS = 64;

export function picture(board, colours, most) {
  const [height, width] = [board.rows.length, board.columns.length];
  const { left } = board;
  const by = Math.max(1, Math.ceil(Math.max(height / most.height, width / most.width)));
  const [rows, columns] = [Math.ceil(height / by), Math.ceil(width / by)];
  const image = new ImageData(Math.max(1, columns), Math.max(1, rows));
  const pixels = new Uint32Array(image.data.buffer);
  const inks = table(colours);
  const blank = inks[CODE.none * STEPS];
  if (by === 1) {
    for (let i = 0; i < pixels.length && i < board.codes.length; i++) pixels[i] = !left || left[i] ? inks[ink(board, i)] : blank;
  } else {
    const worst = new Int16Array(pixels.length).fill(-1);
    for (let y = 0, i = 0; y < height; y++) {
      const line = Math.floor(y / by) * columns;
      for (let x = 0; x < width; x++, i++) {
        const at = line + Math.floor(x / by);
        if ((!left || left[i]) && board.codes[i] > 0) worst[at] = Math.max(worst[at], ink(board, i));
      }
    }
    for (let i = 0; i < pixels.length; i++) pixels[i] = worst[i] < 0 ? blank : inks[worst[i]];
  }
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d').putImageData(image, 0, 0);
  return { canvas, by };
}

/** Worse states have larger numbers, and of what is up the slower. */
function ink({ codes, shades }, i) {
  return codes[i] * STEPS + (codes[i] === CODE.up ? shades[i] >> 2 : 0);
}

function table(colours) {
  const inks = new Uint32Array(5 * STEPS);
  for (let code = 0; code < 5; code++) {
    for (let step = 0; step < STEPS; step++) {
      const [r, g, b] = cellColour(code, step / (STEPS - 1), colours);
      inks[code * STEPS + step] = (255 << 24) | (b << 16) | (g << 8) | r;
    }
  }
  return inks;
}
