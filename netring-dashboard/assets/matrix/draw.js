// Draws the part of a board that is on the screen.
import { CODE } from '../data/grid.js';
import { blocksOf, blockShapes } from './blocks.js';
import { FONT, groups, isNamed, shortened } from './frame.js';

/** From these sizes of a cell on it has gaps, shapes, and its value. */
const GAPS = 5;
const SHAPES = 7;
const VALUES = 42;

/**
 * `view`: {width, height, left, top, size, x, y}: the screen, the room for names, the size of a cell, and how far it is
 * scrolled. `at`: the cell that is pointed to. `marked`: cells to be outlined.
 */
export function draw(context, board, shown, view, colours, at, marked) {
  const { width, height, left, top, size } = view;
  context.clearRect(0, 0, width, height);
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, width, height);
  const seen = visible(board, view);
  clipped(context, [left, top, width, height], () => {
    context.imageSmoothingEnabled = false;
    const { canvas, by } = shown;
    context.drawImage(canvas, left - view.x, top - view.y, canvas.width * by * size, canvas.height * by * size);
    if (size >= GAPS) gaps(context, board, view, seen, colours);
    if (size >= 2) edges(context, board, view, colours);
    if (size >= SHAPES) shapes(context, board, view, seen, colours);
    else blockShapes(context, blocksOf(board, size), view, colours);
    if (at) pointer(context, board, view, at, colours);
    for (const cell of marked) outline(context, view, cell, colours);
  });
  names(context, board, view, seen, colours, at);
}

export function visible(board, { width, height, left, top, size, x, y }) {
  return {
    rows: [Math.max(0, Math.floor(y / size)), Math.min(board.rows.length, Math.ceil((y + height - top) / size))],
    columns: [Math.max(0, Math.floor(x / size)), Math.min(board.columns.length, Math.ceil((x + width - left) / size))],
  };
}

function clipped(context, [left, top, right, bottom], paint) {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  paint();
  context.restore();
}

const across = (view, column) => view.left - view.x + column * view.size;
const down = (view, row) => view.top - view.y + row * view.size;

function gaps(context, board, view, { rows, columns }, colours) {
  context.fillStyle = colours.ground;
  for (let row = rows[0]; row <= rows[1]; row++) context.fillRect(view.left, down(view, row), view.width, 1);
  for (let column = columns[0]; column <= columns[1]; column++) context.fillRect(across(view, column), view.top, 1, view.height);
}

/** Lines where one location ends and the next begins. */
function edges(context, board, view, colours) {
  context.fillStyle = colours.dim;
  const [right, bottom] = [across(view, board.columns.length), down(view, board.rows.length)];
  for (const { start } of groups(board.rows).slice(1)) context.fillRect(view.left, down(view, start), right - view.left, 1);
  for (const { start } of groups(board.columns).slice(1)) context.fillRect(across(view, start), view.top, 1, bottom - view.top);
}

function shapes(context, board, view, { rows, columns }, colours) {
  const { size } = view;
  const width = board.columns.length;
  const values = size >= VALUES;
  context.font = values ? `${Math.min(13, size / 4.2)}px system-ui, sans-serif` : FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (let row = rows[0]; row < rows[1]; row++) {
    for (let column = columns[0]; column < columns[1]; column++) {
      const i = row * width + column;
      const code = board.codes[i];
      if ((board.left && !board.left[i]) || code === CODE.none) continue;
      const [x, y] = [across(view, column), down(view, row)];
      const note = code !== CODE.up && values ? board.note(row, column) : '';
      if (code !== CODE.up) shape(context, code, x, y, size, note ? size * 0.75 : size, colours);
      if (note) {
        context.fillStyle = code === CODE.unknown ? colours.text : colours.sign;
        context.fillText(note, x + size / 2, y + size * 0.85, size - 4);
      } else if (code === CODE.up && values && Number.isFinite(board.values?.[i])) {
        context.fillStyle = colours.text;
        context.fillText(board.brief(board.values[i]), x + size / 2, y + size / 2, size - 4);
      }
    }
  }
}

/** A cross, a corner, a dot: told apart without colours. It takes the upper part of a cell, as far as `height`. */
function shape(context, code, x, y, size, height, colours) {
  if (code === CODE.down) {
    const arm = height * 0.22;
    const [middle, centre] = [x + size / 2, y + height / 2];
    context.strokeStyle = colours.sign;
    context.lineWidth = Math.max(1.5, height / 9);
    context.beginPath();
    context.moveTo(middle - arm, centre - arm);
    context.lineTo(middle + arm, centre + arm);
    context.moveTo(middle + arm, centre - arm);
    context.lineTo(middle - arm, centre + arm);
    context.stroke();
  } else if (code === CODE.degraded) {
    context.fillStyle = colours.sign;
    context.beginPath();
    context.moveTo(x + size - 1, y + 1);
    context.lineTo(x + size - 1, y + height - 1);
    context.lineTo(x + 1 + size - height, y + height - 1);
    context.fill();
  } else {
    context.fillStyle = colours.text;
    if (size >= 14) context.fillText('?', x + size / 2, y + height / 2);
    else context.fillRect(x + size / 2 - 1, y + size / 2 - 1, 2, 2);
  }
}

function pointer(context, board, view, { row, column }, colours) {
  const [x, y] = [across(view, column), down(view, row)];
  const [right, bottom] = [across(view, board.columns.length), down(view, board.rows.length)];
  context.globalAlpha = 0.16;
  context.fillStyle = colours.mark;
  context.fillRect(view.left, y, right - view.left, view.size);
  context.fillRect(x, view.top, view.size, bottom - view.top);
  context.globalAlpha = 1;
  outline(context, view, { row, column }, colours);
}

function outline(context, view, { row, column }, colours) {
  const size = Math.max(view.size, 3);
  const thick = size > 8 ? 2 : 1;
  // Of two colours, so that one of them is seen on whatever is below.
  for (const [colour, width] of [[colours.ground, thick + 2], [colours.mark, thick]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(across(view, column) + 0.5, down(view, row) + 0.5, size, size);
  }
}

function names(context, board, view, seen, colours, at) {
  const { left, top, width, height, size } = view;
  context.font = FONT;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const ink = (here) => (context.fillStyle = here ? colours.mark : colours.dim);
  clipped(context, [0, top, left, height], () => {
    for (const { name, middle, here } of labels(board.rows, size, seen.rows, at?.row)) {
      ink(here);
      context.fillText(shortened(name, left - 10), left - 6, down(view, middle));
    }
  });
  clipped(context, [left, 0, width, top], () => {
    for (const { name, middle, here } of labels(board.columns, size, seen.columns, at?.column)) {
      ink(here);
      context.save();
      context.translate(across(view, middle), top - 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = 'left';
      context.fillText(shortened(name, top - 10), 0, 0);
      context.restore();
    }
  });
  context.fillStyle = colours.dim;
  context.textAlign = 'left';
  context.fillText('from ↓  to →', 6, top - 10, left - 8);
}

/** The names of rows, or of columns: of each where there is room, else of each location. */
function* labels(list, size, [first, last], pointed) {
  if (isNamed(size)) {
    for (let i = first; i < last; i++) yield { name: list[i].name, middle: i + 0.5, here: i === pointed };
    return;
  }
  for (const { name, start, end } of groups(list)) {
    const [from, to] = [Math.max(start, first), Math.min(end, last)];
    const here = pointed >= start && pointed < end;
    if ((to - from) * size >= 12 || (here && to > from)) yield { name, middle: (from + to) / 2, here };
  }
}
