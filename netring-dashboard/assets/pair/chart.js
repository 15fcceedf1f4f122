// A small chart of both ways, with its values in words beside it.
import { html, useEffect, useRef, useState } from '../lib/htm-preact.js';
import { clock } from '../look/words.js';
import { wayName, WAYS } from './names.js';
import { joined, loadPlot, plot, timeOfDay } from './plot.js';
import { HALF_HOUR, hasAny, inWords } from './series.js';

/** The dash and colour of a way, as in the charts. */
export function Stroke({ way }) {
  return html`<svg class="pair-stroke ${WAYS[way]}" width="22" height="8" aria-hidden="true">
    <line x1="0" y1="4" x2="22" y2="4" stroke-dasharray=${way === 0 ? undefined : '5 3'} /></svg>`;
}

/** `empty` is what is said where there is nothing to draw; `control` stands beside the title. */
export function Chart({ title, control, ways, empty, ...what }) {
  const { lines, write } = what;
  const [cursor, setCursor] = useState(null);
  const any = hasAny(lines);
  const words = ways.map((way, at) => `${wayName(way)}: ${inWords(lines[at], write)}`).join('. ');
  return html`
    <figure class="pair-chart">
      <figcaption>
        <b>${title}</b> ${control}
        ${any &&
        html`<span class="pair-values number" aria-live=${cursor?.byKeys ? 'polite' : 'off'}>
          <${Values} lines=${lines} write=${write} cursor=${cursor} /></span>`}
      </figcaption>
      ${any ? html`<${Plot} ...${what} label=${`${title}. ${words}.`} onCursor=${setCursor} />` : html`<p class="dim">${empty}</p>`}
    </figure>
  `;
}

/** At the cursor; without one the newest. */
function Values({ lines, write, cursor }) {
  const newest = (field) => lines.map((line) => line[field]?.at(-1));
  const at = cursor ?? { x: newest('x'), y: newest('y'), most: newest('most') };
  const time = at.x.find(Number.isFinite);
  return html`
    ${lines.map((_, way) => html`<span class="pair-value"><${Stroke} way=${way} />
      ${at.y[way] === null ? '✕ failed' : write(at.y[way])}
      ${Number.isFinite(at.most[way]) && html` <span class="dim">highest ${write(at.most[way])}</span>`}</span>`)}
    <span class="dim pair-at">${time ? `${cursor ? '' : 'newest, '}${when(lines[0].tier, time)}` : ''}</span>
  `;
}

/** A result has a moment; a half hour is as long as it is. */
function when(tier, time) {
  return tier === 'hour' ? `at ${clock(time)}` : `${timeOfDay(time - HALF_HOUR / 2)} to ${timeOfDay(time + HALF_HOUR / 2)}`;
}

function Plot({ label, onCursor, ...what }) {
  const element = useRef(null);
  const chart = useRef(null);
  const newest = useRef(what);
  const keys = useRef(false);
  const [trouble, setTrouble] = useState(null);
  newest.current = what;

  useEffect(() => {
    let over = false;
    const observer = new ResizeObserver(([{ contentRect }]) => {
      if (chart.current) chart.current.u.setSize({ width: Math.round(contentRect.width), height: chart.current.u.height });
    });
    const onIndex = (indices) => {
      const u = chart.current?.u;
      if (!u || u.cursor.left < 0 || !indices) return onCursor(null);
      const value = (line) => u.data[line]?.[indices[line]];
      onCursor({
        byKeys: keys.current,
        x: [1, 2].map((line) => u.data[0][indices[line]]),
        y: [1, 2].map(value),
        most: [3, 4].map(value),
      });
    };
    loadPlot().then(
      (uPlot) => {
        if (over) return;
        chart.current = { uPlot, u: plot(uPlot, element.current, () => newest.current, onIndex) };
        observer.observe(element.current);
      },
      (error) => over || setTrouble(error.message),
    );
    return () => {
      over = true;
      observer.disconnect();
      chart.current?.u.destroy();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    if (chart.current) chart.current.u.setData(joined(chart.current.uPlot, what.lines));
  }, [what.lines]);

  // Left and right move the cursor, as the mouse does.
  const onKey = (event) => {
    const u = chart.current?.u;
    if (!u || !['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    event.preventDefault();
    const width = u.over.clientWidth;
    const from = u.cursor.left >= 0 ? u.cursor.left : width;
    const left = Math.min(width - 1, Math.max(0, from + (event.key === 'ArrowLeft' ? -1 : 1) * (width / 60)));
    keys.current = true;
    u.setCursor({ left, top: 10 }, true, true);
    keys.current = false;
  };
  const leave = () => chart.current?.u.setCursor({ left: -10, top: -10 }, true, true);
  if (trouble) return html`<p class="dim">Could not be drawn: ${trouble}. ${label}</p>`;
  return html`<div class="pair-plot" role="img" tabindex="0" aria-label=${label} ref=${element} onkeydown=${onKey} onblur=${leave}></div>`;
}
