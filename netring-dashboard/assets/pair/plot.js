// Draws lines with uPlot, which is loaded when it is needed for the first time.
import { address } from '../data/ask.js';

const HEIGHT = 110;
// Below the zero line there is a row for the failures of each way, in pixels.
const ROW = 9;
const DASHES = [[], [5, 3]];

let loading = null;

/** uPlot, once it is there. */
export function loadPlot() {
  loading ??= new Promise((resolve, reject) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = address('assets/lib/uPlot.min.css');
    const script = document.createElement('script');
    script.src = address('assets/lib/uPlot.iife.min.js');
    script.onload = () => resolve(window.uPlot);
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error('the charts could not be loaded'));
    };
    document.head.append(style, script);
  });
  return loading;
}

/** The lines of both ways with the same times, as uPlot takes them; after them the highest values, where there are any. */
export function joined(uPlot, lines) {
  const peaks = lines.filter(({ most }) => most);
  return uPlot.join([...lines.map(({ x, y }) => [x, y]), ...peaks.map(({ x, most }) => [x, most])]);
}

/**
 * `now` says what is shown at the moment: `lines`, `from` and `to` in seconds, `least` (how far the scale goes at least), `write`.
 * `onCursor` is told which point of each line the cursor is at.
 */
export function plot(uPlot, element, now, onCursor) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const colours = [colour('there'), colour('back')];
  const axis = {
    stroke: colour('dim'),
    font: '11px system-ui, "DejaVu Sans", sans-serif',
    ticks: { show: false },
    grid: { stroke: colour('line'), width: 1 },
  };
  const written = (value) => (value === null ? '' : now().write(value));
  const positive = (u, splits) => splits.map((value) => (value < 0 ? null : value));
  return new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      padding: [6, 18, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'pair' }, points: { size: 7 } },
      scales: { x: { range: () => [now().from, now().to] }, y: { range: (u, least, most) => room(now(), most) } },
      axes: [
        { ...axis, size: 20, gap: 2, space: 55, values: (u, splits) => splits.map(timeOfDay) },
        { ...axis, size: 66, gap: 4, space: 22, filter: positive, values: (u, splits) => splits.map(written) },
      ],
      series: [
        {},
        ...colours.map((stroke, way) => ({ stroke, dash: DASHES[way], width: 1.5, points: { size: 3.5, fill: stroke } })),
        ...colours.filter((_, way) => now().lines[way].most).map((stroke) => ({ stroke, dash: [1, 3], width: 1, points: { show: false } })),
      ],
      hooks: { draw: [(u) => crosses(u, now().lines, colours)], setCursor: [(u) => onCursor(u.cursor.idxs)] },
    },
    joined(uPlot, now().lines),
    element,
  );
}

/** From zero on, with room for the rows of failures where there are any. */
function room({ lines, least }, most) {
  const top = Math.max(least, (most ?? 0) * 1.08);
  const below = lines.some(({ bad }) => bad.length > 0) ? 0.34 : 0.03;
  return [-top * below, top];
}

/** Each failure is a ✕ in the row of its way. Where there are many, neighbours are one. */
function crosses(u, lines, colours) {
  const dots = devicePixelRatio || 1;
  const size = 2.5 * dots;
  u.ctx.save();
  u.ctx.lineWidth = 1.5 * dots;
  u.ctx.setLineDash([]);
  lines.forEach(({ bad }, way) => {
    const y = u.bbox.top + u.bbox.height - (lines.length - way - 0.5) * ROW * dots;
    let before = -Infinity;
    u.ctx.strokeStyle = colours[way];
    u.ctx.beginPath();
    for (const at of bad) {
      const x = u.valToPos(at, 'x', true);
      if (x < u.bbox.left || x - before < 5 * dots) continue;
      before = x;
      u.ctx.moveTo(x - size, y - size);
      u.ctx.lineTo(x + size, y + size);
      u.ctx.moveTo(x - size, y + size);
      u.ctx.lineTo(x + size, y - size);
    }
    u.ctx.stroke();
  });
  u.ctx.restore();
}

export function timeOfDay(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
