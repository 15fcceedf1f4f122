// The matrix on a canvas that is as large as the screen, however large the ring is.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../lib/htm-preact.js';
import { lookAt, lookedAt } from '../data/looked-at.js';
import { first, useValue } from '../data/observable.js';
import { palette } from '../look/palette.js';
import { hideTip, showTip, tip } from '../look/tip.js';
import { SHAPES } from '../look/words.js';
import { summary } from './boards.js';
import { draw } from './draw.js';
import { fitting, margins } from './frame.js';
import { picture } from './picture.js';

const ZOOMS = 1.5;
const SMALLEST = 0.2;
const LARGEST = 120;
const KEYS = 'Arrow keys, Home, End, Page Up and Page Down go from cell to cell, Enter opens a pair, + and − zoom, 0 fits all. Where cells are too small for shapes, each shape is that of the worst pairs around it.';

export function Board({ board, marks }) {
  const field = useRef(null);
  const canvas = useRef(null);
  const [space, setSpace] = useState(null);
  const zoom = Number(useValue(lookedAt).zoom || 1);
  const [at, setAt] = useState(null);
  // Keys may come faster than frames.
  const pointed = useRef(null);
  const point = (cell) => setAt((pointed.current = cell));
  const [scrolled, setScrolled] = useState({ x: 0, y: 0 });

  useLayoutEffect(() => {
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = field.current;
      setSpace((before) => (before?.width === width && before?.height === height ? before : { width, height }));
    };
    const watcher = new ResizeObserver(measure);
    watcher.observe(field.current);
    measure();
    return () => watcher.disconnect();
  }, []);

  const fits = space && fitting(board, space);
  const size = space && sized(fits * zoom);
  const shown = useMemo(
    () => space && picture(board, palette(), size >= 1 ? { width: Infinity, height: Infinity } : { width: board.columns.length * size, height: board.rows.length * size }),
    [board, space, size < 1 && size],
  );
  const view = space && { ...space, ...margins(board, space, size), size, ...scrolled };
  const current = useRef(null);
  current.current = { view, board, fits };
  const zoomBy = (by) => {
    const { fits } = current.current;
    const size = sized(fits * (lookedAt.get().zoom || 1) * by);
    lookAt({ zoom: String(Number((size / fits).toPrecision(4))) });
  };
  const fit = () => lookAt({ zoom: '' });

  useLayoutEffect(() => {
    if (!space) return;
    const frame = requestAnimationFrame(() => {
      const dense = devicePixelRatio || 1;
      const [width, height] = [Math.round(space.width * dense), Math.round(space.height * dense)];
      if (canvas.current.width !== width || canvas.current.height !== height) Object.assign(canvas.current, { width, height });
      const context = canvas.current.getContext('2d');
      context.setTransform(dense, 0, 0, dense, 0, 0);
      draw(context, board, shown, view, palette(), inside(at, board), found(board, marks));
      first('netring: matrix');
    });
    return () => cancelAnimationFrame(frame);
  }, [board, shown, space, size, scrolled, at, marks]);

  const cellAt = (event) => {
    const { view, board } = current.current;
    const box = canvas.current.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - view.left, event.clientY - box.top - view.top];
    if (x < 0 || y < 0) return null;
    return inside({ row: Math.floor((y + view.y) / view.size), column: Math.floor((x + view.x) / view.size) }, board);
  };
  const onScreen = ({ row, column }) => {
    const { view } = current.current;
    const box = canvas.current.getBoundingClientRect();
    const left = box.left + view.left - view.x + column * view.size;
    const top = box.top + view.top - view.y + row * view.size;
    return { left, top, right: left + view.size, bottom: top + view.size };
  };
  const tell = (cell) => {
    point(cell);
    if (cell) showTip(onScreen(cell), html`<${Cell} board=${board} cell=${cell} />`, canvas.current);
    else hideTip(canvas.current);
  };
  // Keys go on from where the mouse was last.
  const leave = () => {
    setAt(null);
    hideTip(canvas.current);
  };
  // Who comes by keys is told what they do.
  const onFocus = () => canvas.current.matches(':focus-visible') && showTip(field.current.previousElementSibling, KEYS, canvas.current);
  const choose = (cell) => {
    if (!cell || board.codes[cell.row * board.columns.length + cell.column] === 0) return;
    hideTip();
    lookAt(board.choose(cell.row, cell.column), true);
  };
  const onKey = (event) => {
    if (event.altKey || event.metaKey || (event.ctrlKey && !['Home', 'End'].includes(event.key))) return;
    const cell = reached(event, inside(pointed.current, board), board, Math.max(1, Math.floor((view.height - view.top) / size)));
    if (event.key === 'Enter' || event.key === ' ') choose(inside(pointed.current, board));
    else if (event.key === '+' || event.key === '=') zoomBy(ZOOMS);
    else if (event.key === '-') zoomBy(1 / ZOOMS);
    else if (event.key === '0') fit();
    else if (!cell) return;
    event.preventDefault();
    if (!cell) return;
    follow(field.current, view, cell);
    // Where the cell is on the screen is known after the next frame.
    point(cell);
    requestAnimationFrame(() => tell(pointed.current));
  };
  // A wheel zooms only with Ctrl: without it the page scrolls. Preact's listeners are passive here, this one is not.
  useEffect(() => {
    const onWheel = (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    };
    field.current.addEventListener('wheel', onWheel, { passive: false });
    return () => field.current?.removeEventListener('wheel', onWheel);
  }, []);

  const whole = space && {
    width: `${view.left + board.columns.length * size + 2}px`,
    height: `${view.top + board.rows.length * size + 2}px`,
  };
  const words = at && inside(at, board) ? board.words(at.row, at.column) : null;
  // Values change every few seconds: that alone is not read aloud.
  const told = useMemo(
    () => (words ? `${words.title}: ${words.state}. ${words.values.map((pair) => pair.join(' ')).join(', ')}` : ''),
    [words?.title, words?.state, words?.values[0]?.[0]],
  );
  return html`
    <div class="matrix">
      <div class="group zoom" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom in" ...${tip('Zoom in (+)')} onclick=${() => zoomBy(ZOOMS)}>+</button>
        <button type="button" aria-label="Zoom out" ...${tip('Zoom out (-)')} onclick=${() => zoomBy(1 / ZOOMS)}>−</button>
        <button type="button" ...${tip('Fit all into the screen (0)')} onclick=${fit}>fit</button>
      </div>
      <div class="field" ref=${field} onscroll=${({ currentTarget: here }) => setScrolled({ x: here.scrollLeft, y: here.scrollTop })}>
        <div class="whole" style=${whole}>
          <canvas ref=${canvas} tabindex="0" role="application" aria-describedby="tip" onfocus=${onFocus} aria-roledescription="matrix" aria-label=${summary(board)}
            data-size=${size} data-left=${view?.left} data-top=${view?.top}
            style=${space && { width: `${space.width}px`, height: `${space.height}px` }}
            onmousemove=${(event) => tell(cellAt(event))} onmouseleave=${leave} onblur=${() => hideTip(canvas.current)}
            onclick=${(event) => choose(cellAt(event))} onkeydown=${onKey}></canvas>
        </div>
      </div>
      <p class="hidden" aria-live="polite">${told}</p>
    </div>
  `;
}

function Cell({ board, cell }) {
  const { title, state, values } = board.words(cell.row, cell.column);
  if (state === 'none') return html`<span class="dim">${title}: no pair</span>`;
  return html`
    <strong>${title}</strong>
    <table>
      <tr><th scope="row">state</th><td><span class=${`state ${state}`} data-shape=${SHAPES[state]}>${state}</span></td></tr>
      ${values.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}
    </table>
  `;
}

const sized = (size) => Math.min(LARGEST, Math.max(SMALLEST, size));

/** The cell that a key leads to from `at`; `page` is how many rows are on the screen. */
function reached({ key, ctrlKey }, at, { rows, columns }, page) {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-page, 0], PageDown: [page, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  const ends = { Home: -Infinity, End: Infinity };
  if (!step && !(key in ends)) return null;
  const [down, right] = step ?? [ctrlKey ? ends[key] : 0, ends[key]];
  const clamp = (value, most) => Math.max(0, Math.min(most - 1, value));
  // The first key comes to the first cell.
  const { row, column } = at ?? { row: step ? -down : 0, column: step ? -right : 0 };
  return { row: clamp(row + down, rows.length), column: clamp(column + right, columns.length) };
}

/** A ring that has become smaller may no longer have the cell that is pointed to. */
function inside(cell, board) {
  return cell && cell.row < board.rows.length && cell.column < board.columns.length ? cell : null;
}

function found(board, marks) {
  if (!marks?.length) return [];
  const row = new Map(board.rows.map(({ name }, i) => [name, i]));
  const column = new Map(board.columns.map(({ name }, i) => [name, i]));
  return marks
    .map(({ source, target }) => ({ row: row.get(source), column: column.get(target) }))
    .filter((cell) => cell.row !== undefined && cell.column !== undefined);
}

/** Scrolls so that the cell can be seen. */
function follow(field, view, { row, column }) {
  const keep = (from, room, start) => (start < from ? start : start + view.size > from + room ? start + view.size - room : from);
  field.scrollLeft = keep(field.scrollLeft, view.width - view.left, column * view.size);
  field.scrollTop = keep(field.scrollTop, view.height - view.top, row * view.size);
}
