// The last hours as bands: a lane for faults, which last, and one for each group of events, which do not.
import { html, useLayoutEffect, useRef, useState } from '../lib/htm-preact.js';
import { tip } from '../look/tip.js';
import { clock, count, eventWords, span, SYMPTOM_SHAPES } from '../look/words.js';
import { GROUPS, KINDS, subjectOf } from './kinds.js';
import { bars, bins, roundTimes, stack } from './lanes.js';

const [NAMES, END, AXIS, ROW, LANE, BIN, BAR] = [78, 8, 20, 18, 26, 15, 15];
const MOST_ROWS = 6;

/** `takes` says of a fault whether the filters leave it, `kinds` has the kinds that they leave (none for all). */
export function Chart({ list, faults, takes, kinds, start, now, reach, openFault, jump }) {
  const [box, width] = useWidth();
  const lanes = width > 0 ? build({ list, faults, takes, kinds, start, now, room: width - NAMES - END }) : [];
  const height = lanes.reduce((sum, lane) => sum + lane.height, AXIS);
  const x = (at) => NAMES + ((Math.min(Math.max(at, start), now) - start) / (now - start)) * (width - NAMES - END);
  const missing = Math.min(reach, now) - start;
  const over = lanes[0]?.over ?? 0;
  return html`
    <div class="bands" ref=${box}>
      ${width > 0 && html`<svg width=${width} height=${height} role="group" onkeydown=${walk}
        aria-label=${`What happened in the last ${span(now - start)}. Arrow keys go from one to the next, Enter opens it.`}>
        <defs><pattern id="missing" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0V6" class="hatch" /></pattern></defs>
        <${Times} start=${start} now=${now} x=${x} height=${height} />
        ${lanes.map((lane, i) => {
          const top = AXIS + lanes.slice(0, i).reduce((sum, before) => sum + before.height, 0);
          return html`<${Lane} key=${lane.name} lane=${lane} top=${top} x=${x} width=${width} open=${openFault} jump=${jump} first=${i === 0} />`;
        })}
        ${missing > 0 &&
        html`<g class="missing"><rect x=${NAMES} y=${AXIS} width=${x(start + missing) - NAMES} height=${height - AXIS} fill="url(#missing)" />
          <title>Older events are not loaded</title></g>`}
      </svg>`}
      <p class="dim">
        ${missing > 0 && 'Hatched: events from then are not loaded. '}
        ${over > 0 && `${count(over, 'more fault')} at the same time ${over === 1 ? 'has' : 'have'} no room here, but ${over === 1 ? 'is' : 'are'} in the list. `}
      </p>
    </div>
  `;
}

/** An element to measure, and how wide it is. */
function useWidth() {
  const box = useRef(null);
  const [width, measured] = useState(0);
  useLayoutEffect(() => {
    const measure = () => measured(Math.floor(box.current.clientWidth));
    const observer = new ResizeObserver(measure);
    observer.observe(box.current);
    measure();
    return () => observer.disconnect();
  }, []);
  return [box, width];
}

function build({ list, faults, takes, kinds, start, now, room }) {
  const second = (now - start) / Math.max(room, 1);
  const lanes = [];
  const wanted = (name) => kinds.size === 0 || GROUPS[name].kinds.some((kind) => kinds.has(kind));
  if (wanted('faults')) {
    const all = bars(list, faults, takes, now).filter((bar) => bar.to >= start);
    const { placed, rows, over } = stack(all, MOST_ROWS, BAR * second);
    lanes.push({ name: 'faults', bars: placed, over, height: Math.max(1, rows) * ROW + 8 });
  }
  for (const name of ['members', 'paths', 'throughput']) {
    if (wanted(name)) lanes.push({ name, bins: bins(list, GROUPS[name].kinds, start, BIN * second), height: LANE });
  }
  return lanes;
}

const short = (at, long) => {
  const date = new Date(at * 1000);
  if (long) return date.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric' });
  return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
};

function Times({ start, now, x, height }) {
  const times = roundTimes(start, now);
  // Where there is no room for all, every other one has its time, and so on.
  const room = times.length > 1 ? x(times[1]) - x(times[0]) : 99;
  const each = Math.ceil(46 / room);
  return html`<g class="times" aria-hidden="true">
    ${times.map(
      (at, i) => html`<path d=${`M${x(at)} ${AXIS - 4}V${height}`} />
        ${(times.length - i) % each === 0 && x(now) - x(at) > 44 && html`<text x=${x(at)} y="12" text-anchor="middle">${short(at, now - start > 90_000)}</text>`}`,
    )}
    <text x=${x(now)} y="12" text-anchor="end">${Date.now() / 1000 - now > 15 ? short(now) : 'now'}</text>
  </g>`;
}

function Lane({ lane, top, x, width, open, jump, first }) {
  const { name, height } = lane;
  const none = (lane.bars ?? lane.bins).length === 0;
  return html`<g class="lane" role="group" aria-label=${`${GROUPS[name].word}${none ? ': none' : ''}`} data-lane=${name}>
    <path class="edge" d=${`M0 ${top + height - 0.5}H${width}`} />
    <text x="0" y=${top + (lane.bars ? ROW : LANE) / 2 + 6}>${GROUPS[name].word}</text>
    ${lane.bars?.map((bar, i) => html`<${Bar} key=${bar.fault.id} bar=${bar} x=${x} y=${top + 4 + bar.row * ROW} act=${() => open(bar.fault)} stop=${first && i === 0} />`)}
    ${lane.bins?.map((bin, i) => html`<${Mark} key=${bin.place} bin=${bin} x=${x(bin.at)} y=${top + LANE / 2} act=${() => jump(bin.events)} stop=${first && i === 0} />`)}
  </g>`;
}

/** What makes a shape a button: its words, by mouse and keyboard, and what it does. */
const button = (words, content, act, stop) => ({
  role: 'button',
  tabindex: stop ? 0 : -1,
  'aria-label': words,
  onclick: act,
  onkeydown: (event) => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), act()),
  ...tip(content),
});

function Bar({ bar, x, y, act, stop }) {
  const { fault, from, to, open, lost } = bar;
  const long = Math.max(x(to) - x(from), BAR);
  // A short one ends where it ended, so that none goes beyond now.
  const left = x(to) - long;
  const when = open ? `since ${clock(from)}, still open` : lost ? `from ${clock(from)}; its end is not known` : `from ${clock(from)} to ${clock(to)}`;
  const words = `${fault.sentence} ${when[0].toUpperCase()}${when.slice(1)} (${span(to - from)})`;
  const look = `bar ${fault.symptom === 'unreachable' ? 'down' : 'degraded'}${open ? '' : ' over'}${lost ? ' lost' : ''}`;
  return html`<g class=${look} data-fault=${fault.id} ...${button(words, words, act, stop)}>
    <rect x=${left} y=${y} width=${long} height=${ROW - 3} rx="2" />
    <svg x=${left} y=${y} width=${long} height=${ROW - 3} aria-hidden="true">
      <text x="2" y="11.5">${SYMPTOM_SHAPES[fault.symptom] ?? '!'}${long > 84 ? ` ${subjectOf(fault)}` : ''}</text>
    </svg>
  </g>`;
}

function Mark({ bin, x, y, act, stop }) {
  const { events, worst } = bin;
  const { shape, look } = KINDS[worst];
  const more = events.length > 4 ? `and ${events.length - 4} more` : '';
  const words = `${clock(events[0].at)}: ${events.length === 1 ? '' : `${events.length} events, such as: `}${eventWords(events[0])}`;
  const content = html`<table>${events.slice(0, 4).map((event) => html`<tr><td class="number">${clock(event.at)}</td><td>${eventWords(event)}</td></tr>`)}</table>
    ${more}`;
  return html`<g class=${`mark ${look}`} ...${button(words, content, act, stop)}>
    <rect x=${x - BIN / 2} y=${y - LANE / 2 + 2} width=${BIN} height=${LANE - 4} />
    <text x=${x} y=${y + (events.length > 1 ? 1 : 4)} text-anchor="middle">${shape}</text>
    ${events.length > 1 && html`<text class="many" x=${x} y=${y + 10} text-anchor="middle">${events.length > 99 ? '99+' : events.length}</text>`}
  </g>`;
}

/** The arrow keys go from mark to mark, and from lane to lane to what is nearest. */
function walk(event) {
  const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
  if (!step) return;
  event.preventDefault();
  const lanes = [...event.currentTarget.querySelectorAll('.lane')].map((lane) => [...lane.querySelectorAll('[role=button]')]).filter((lane) => lane.length);
  const here = event.target;
  const at = lanes.findIndex((lane) => lane.includes(here));
  if (at < 0) return;
  const left = (mark) => mark.firstElementChild.x.baseVal.value;
  const next = step[0]
    ? lanes[at][lanes[at].indexOf(here) + step[0]]
    : lanes[at + step[1]]?.reduce((best, mark) => (Math.abs(left(mark) - left(here)) < Math.abs(left(best) - left(here)) ? mark : best));
  next?.focus();
}
