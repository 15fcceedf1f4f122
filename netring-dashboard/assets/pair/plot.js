// Lines of both ways over time, drawn with uPlot, which is loaded when it is needed for the first time.
import { html, useEffect, useRef, useState } from '../lib/htm-preact.js';
import { address } from '../data/ask.js';

const HEIGHT = 110;
const WAYS = ['there', 'back'];

/** The dash and colour of a way. */
export function Stroke({ way }) {
  return html`<svg width="22" height="8" aria-hidden="true"><line class=${WAYS[way]} y1="4" x2="22" y2="4" stroke-width="2" /></svg>`;
}

let loading = null;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = address('assets/lib/uPlot.min.css');
    const script = document.createElement('script');
    script.src = address('assets/lib/uPlot.iife.min.js');
    script.onload = resolve;
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error('the charts could not be loaded'));
    };
    document.head.append(style, script);
  });
  return loading;
}

const joined = (lines) => uPlot.join(lines.map(({ x, y }) => [x, y]));

/** `setAt` is told the time that the cursor is at. */
export function Plot({ label, setAt, ...what }) {
  const element = useRef(null);
  const made = useRef(null);
  const newest = useRef(what);
  const [trouble, setTrouble] = useState(null);
  newest.current = what;
  useEffect(() => {
    let over = false;
    const observer = new ResizeObserver(([{ contentRect }]) =>
      made.current?.setSize({ width: Math.round(contentRect.width), height: HEIGHT }),
    );
    load().then(
      () => {
        if (over) return;
        made.current = plot(element.current, newest, setAt);
        observer.observe(element.current);
      },
      (error) => over || setTrouble(error.message),
    );
    return () => {
      over = true;
      observer.disconnect();
      made.current?.destroy();
      made.current = null;
    };
  }, []);
  useEffect(() => {
    made.current?.setData(joined(what.lines));
  }, [what.lines]);
  if (trouble) return html`<p class="dim">Could not be drawn: ${trouble}. ${label}</p>`;
  return html`<div class="plot" role="img" aria-label=${label} ref=${element}></div>`;
}

function plot(element, newest, setAt) {
  const now = () => newest.current;
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const colours = WAYS.map(colour);
  const axis = { stroke: colour('dim'), font: '11px system-ui, "DejaVu Sans", sans-serif', ticks: { show: false }, grid: { stroke: colour('line'), width: 1 } };
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
        { ...axis, size: 66, gap: 4, space: 22, filter: (u, all) => all.map((value) => (value < 0 ? null : value)), values: (u, all) => all.map((value) => (value === null ? '' : now().write(value))) },
      ],
      series: [{}, ...colours.map((stroke, way) => ({ stroke, dash: way ? [5, 3] : [], width: 1.5, points: { size: 3.5, fill: stroke } }))],
      hooks: {
        draw: [(u) => crosses(u, now().lines, colours)],
        setCursor: [(u) => setAt(u.cursor.left < 0 ? null : u.posToVal(u.cursor.left, 'x'))],
      },
    },
    joined(now().lines),
    element,
  );
}

/** From zero on, with room for the rows of failures where there are any. */
function room({ lines, least }, most) {
  const top = Math.max(least, (most ?? 0) * 1.08);
  return [-top * (lines.some(({ bad }) => bad.length > 0) ? 0.34 : 0.03), top];
}

/** Each failure is a ✕ in the row of its way. Where there are many, neighbours are one. */
function crosses(u, lines, colours) {
  const dots = devicePixelRatio || 1;
  const size = 2.5 * dots;
  u.ctx.save();
  u.ctx.lineWidth = 1.5 * dots;
  u.ctx.setLineDash([]);
  lines.forEach(({ bad }, way) => {
    const y = u.bbox.top + u.bbox.height - (1.5 - way) * 9 * dots;
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

function timeOfDay(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
