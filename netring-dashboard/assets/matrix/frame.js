// Where everything of the matrix stands on the screen.

const FONT = '12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
/** Names stand beside each row from this size of a cell on; below it only those of groups. */
const NAMED = 11;

export { FONT };

/** The size of a cell where all fits into `space`, and not larger than is good to read. */
export function fitting(board, space) {
  const sides = margins(board, space, NAMED);
  const across = (space.width - sides.left - 2) / Math.max(1, board.columns.length);
  const down = (space.height - sides.top - 2) / Math.max(1, board.rows.length);
  const size = Math.min(across, down, board.largest);
  // Whole pixels, as long as there are some: lines are sharp then.
  return size >= 2 ? Math.floor(size) : Math.max(size, 0.05);
}

/** Room for the names at the left and on top. */
export function margins(board, space, size) {
  const widest = (lines) => Math.max(0, ...lines.map((line) => measure(line)));
  const names = (list) => (size >= NAMED ? list.map((one) => one.name) : groups(list).map((group) => group.name));
  return {
    left: Math.min(widest(names(board.rows)), space.width * 0.3, 170) + 12,
    top: Math.min(widest(names(board.columns)), 130) + 12,
  };
}

let context = null;
const widths = new Map();
function measure(text) {
  if (!widths.has(text)) {
    context ??= new OffscreenCanvas(1, 1).getContext('2d');
    context.font = FONT;
    if (widths.size > 5_000) widths.clear();
    widths.set(text, context.measureText(text).width);
  }
  return widths.get(text);
}

/** `text`, or its beginning where it has no room. */
export function shortened(text, room) {
  if (measure(text) <= room) return text;
  let end = Math.max(1, Math.floor((text.length * room) / measure(text)));
  while (end > 1 && measure(`${text.slice(0, end)}…`) > room) end--;
  return `${text.slice(0, end)}…`;
}

/** Neighbours of one location: {name, start, end}. */
export function groups(list) {
  const out = [];
  list.forEach(({ group }, i) => {
    if (out.at(-1)?.name === group) out.at(-1).end = i + 1;
    else out.push({ name: group, start: i, end: i + 1 });
  });
  return out;
}

export const isNamed = (size) => size >= NAMED;
