// Lines of both ways over time.
import { html, useMemo } from '../lib/htm-preact.js';

const WAYS = ['there', 'back'];
// Across, a chart is as wide as there is room, and counted in percent; down, in pixels. The failures stand below zero.
const ZERO = 80;
const HEIGHT = 100;
const CROSSES = 60;

/** The dash and colour of a way. */
export function Stroke({ way }) {
  return html`<svg width="22" height="8" aria-hidden="true"><path class=${WAYS[way]} d="M0 4H22" /></svg>`;
}

/** `setAt` is told the time that the pointer is at. */
export function Plot({ lines, from, to, step, least, write, label, at, setAt }) {
  const top = Math.max(least, ...lines.flatMap(({ y }) => y)) * 1.08;
  const across = (time) => ((time - from) / (to - from)) * 100;
  const down = (value) => ZERO * (1 - value / top);
  const drawn = useMemo(() => lines.map((line) => path(line, across, down)), [lines]);
  const [times, values] = [roundTimes(from, to, step), roundValues(top)];
  const move = ({ currentTarget, clientX }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setAt(from + ((clientX - left) / width) * (to - from));
  };
  return html`<div class="plot" role="img" aria-label=${label}>
    <div onpointermove=${move} onpointerdown=${move} onpointerleave=${() => setAt(null)}>
      <svg viewBox="0 0 100 ${HEIGHT}" preserveAspectRatio="none">
        ${times.map((time) => html`<path d="M${across(time)} 0V${ZERO}" />`)}
        ${values.map((value) => html`<path d="M0 ${down(value)}H100" />`)}
        ${drawn.map((d, way) => html`<path class=${WAYS[way]} d=${d} />`)}
        ${at !== null && html`<path class="cursor" d="M${across(at)} 0V${HEIGHT}" />`}
      </svg>
      ${values.map((value) => html`<span class="value" style=${{ top: `${down(value)}px` }}>${write(value)}</span>`)}
      ${times.map((time) => html`<span class="time" style=${{ left: `${across(time)}%` }}>${timeOfDay(time)}</span>`)}
      ${lines.map(({ bad }, way) => {
        // Of many that are side by side one stands for its neighbours.
        const places = new Set(bad.map((time) => Math.round((across(time) / 100) * CROSSES)));
        return [...places].map((place) => place >= 0 && html`<b class=${WAYS[way]} style=${{ left: `${(place / CROSSES) * 100}%` }}>✕</b>`);
      })}
    </div>
  </div>`;
}

/** A gap stays one, and a value between two gaps is a dot. */
function path({ x, y }, across, down) {
  const points = x.map((time, i) => {
    const [left, begins] = [across(time), y[i - 1] === null || !(across(x[i - 1]) >= 0)];
    return y[i] === null || left < 0 ? '' : `${begins ? 'M' : 'L'}${left.toFixed(2)} ${down(y[i]).toFixed(1)}${begins ? 'h.01' : ''}`;
  });
  return points.join('');
}

/** Values that are easily read, from zero on. */
function roundValues(top) {
  const unit = 10 ** Math.floor(Math.log10(top));
  const step = unit * [0.5, 1, 2, 5].find((by) => top / (by * unit) < 4);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step);
}

/** Times that are easily read on the clock of the browser. */
function roundTimes(from, to, step) {
  const midnight = new Date(from * 1000).setHours(0, 0, 0, 0) / 1000;
  const first = midnight + Math.ceil((from - midnight) / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step);
}

function timeOfDay(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
