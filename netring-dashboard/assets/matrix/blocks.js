// Where cells are too small for a shape of their own, blocks of them have one: of what is worst there, the larger the more of
// the block is so. So a state is told without its colour however large the ring is.
import { CODE } from '../data/grid.js';

/** A block has room for a shape, and is of whole cells. */
const ROOM = 9;

let last = {};

/** Blocks that are not all up: the code; {x, y} of the middle of those that have it, counted in cells; and from 0 to 1 how many do. */
export function blocksOf(board, size) {
  const side = Math.ceil(ROOM / size);
  if (last.board === board && last.side === side) return last.blocks;
  const { codes, left } = board;
  const [height, width] = [board.rows.length, board.columns.length];
  const across = Math.ceil(width / side);
  const blocks = [];
  for (let top = 0; top < height; top += side) {
    const bottom = Math.min(height, top + side);
    const [counts, xs, ys] = [0, 1, 2].map(() => new Uint32Array(across * 5));
    for (let y = top, i = top * width; y < bottom; y++) {
      for (let x = 0, at = 0, rest = side; x < width; x++, i++) {
        if (!left || left[i]) {
          const of = at + codes[i];
          counts[of]++;
          xs[of] += x;
          ys[of] += y;
        }
        if (--rest === 0) [at, rest] = [at + 5, side];
      }
    }
    for (let block = 0; block < across; block++) {
      const of = (code) => counts[block * 5 + code];
      const code = [CODE.down, CODE.degraded, CODE.unknown].find(of);
      if (!code) continue;
      const all = of(CODE.up) + of(CODE.unknown) + of(CODE.degraded) + of(CODE.down);
      const many = of(code);
      blocks.push({ code, x: xs[block * 5 + code] / many + 0.5, y: ys[block * 5 + code] / many + 0.5, part: many / all });
    }
  }
  last = { board, side, blocks };
  return blocks;
}

/** A cross, a corner, a dot, as cells have them: with a dark edge, to be seen on all colours. */
export function blockShapes(context, blocks, { left, top, width, height, size, x, y }, colours) {
  const paths = { [CODE.down]: new Path2D(), [CODE.degraded]: new Path2D(), [CODE.unknown]: new Path2D() };
  for (const { code, part, ...block } of blocks) {
    const [across, down] = [left - x + block.x * size, top - y + block.y * size];
    if (across < left || down < top || across > width || down > height) continue;
    const arm = 1 + 2 * Math.sqrt(part);
    const path = paths[code];
    if (code === CODE.down) {
      path.moveTo(across - arm, down - arm);
      path.lineTo(across + arm, down + arm);
      path.moveTo(across + arm, down - arm);
      path.lineTo(across - arm, down + arm);
    } else if (code === CODE.degraded) {
      path.moveTo(across + arm, down - arm);
      path.lineTo(across + arm, down + arm);
      path.lineTo(across - arm, down + arm);
      path.closePath();
    } else path.rect(across - 0.5, down - 0.5, 1, 1);
  }
  const inks = { [CODE.unknown]: '#fff', [CODE.degraded]: colours.degraded, [CODE.down]: colours.down };
  for (const [code, ink] of Object.entries(inks)) {
    const cross = Number(code) === CODE.down;
    for (const [colour, line] of [[colours.sign, cross ? 3.4 : 2.4], [ink, cross ? 1.4 : 0.4]]) {
      context.strokeStyle = context.fillStyle = colour;
      context.lineWidth = line;
      context.stroke(paths[code]);
      if (!cross) context.fill(paths[code]);
    }
  }
}
