// The last hours as bands: faults as bars, which last, and other events as marks, which do not.
import { html } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { registryNow } from '../data/observable.js';
import { tip } from '../look/tip.js';
import { clock, count, eventWords, span, SYMPTOM_SHAPES } from '../look/words.js';
import { GROUPS, KINDS } from './kinds.js';

const MOST_ROWS = 6;
const ROW = 20;
const RANKS = Object.keys(KINDS);

/** `faults` are those that are open at the time `at`; `lanes` are names of groups. `jump` goes to events in the list. */
export function Bands({ list, faults, at, inPanel, lanes, start, now, step, jump }) {
  const narrow = innerWidth < 720;
  const x = (time) => ((time - start) / (now - start)) * 100;
  // Whatever is drawn is as long as this at least, so that it can be seen and hit.
  const bin = (now - start) / (narrow ? 16 : 72);
  const bars = barsOf(list, faults, at, start, now, bin);
  const { placed, rows } = stack(bars, bin);
  const over = bars.length - placed.length;
  const goTo = (fault) => (event) => {
    if (inPanel.has(fault.id)) return;
    event.preventDefault();
    jump(list.filter((one) => one.fault?.id === fault.id).map(({ id }) => id));
  };
  return html`
    <div class="bands" role="group" aria-label=${`The last ${span(now - start)}`}>
      <div class="times" aria-hidden="true">
        ${roundTimes(start, now, narrow ? step * 2 : step).map(
          (time) => html`<span style=${{ left: `${x(time)}%` }}>${x(time) < (narrow ? 80 : 95) && short(time, step)}</span>`,
        )}
        <b>${registryNow() - now > 15 ? clock(now) : 'now'}</b>
      </div>
      ${lanes.map((name) => html`
        <div class="lane" data-lane=${name}><span>${GROUPS[name].word}</span>
          ${name === 'faults'
            ? html`<div style=${{ height: `${Math.max(rows, 1) * ROW + 6}px` }}>
                ${placed.map((bar) => html`<${Bar} key=${bar.fault.id} ...${bar} x=${x} act=${goTo(bar.fault)} />`)}</div>`
            : html`<div aria-hidden="true">
                ${binsOf(list, GROUPS[name].kinds, start, bin).map(
                  ({ place, events }) => html`<${Mark} key=${place} events=${events} left=${x((place + 0.5) * bin)} jump=${jump} />`,
                )}</div>`}
        </div>`)}
    </div>
    ${over > 0 && html`<p class="dim">${count(over, 'more fault')} at the same time: no room here, but in the list.</p>`}
  `;
}

/** Each fault as it was told last. */
function barsOf(list, open, at, start, now, least) {
  const told = new Map(open.map((fault) => [fault.id, fault]));
  // What was opened before, and is not among those that are open (of which 200 are told), is over.
  for (const { fault, at: then } of list) {
    if (fault && !told.has(fault.id)) told.set(fault.id, then < at && open.length < 200 ? { closed_at: then, ...fault } : fault);
  }
  const bars = [...told.values()].map((fault) => ({ fault, from: Math.max(start, Math.min(fault.since ?? start, now - least)), to: fault.closed_at ?? now }));
  return bars.filter(({ to }) => to >= start).sort((a, b) => a.from - b.from);
}

/** Puts bars in rows so that none hides another. */
function stack(bars, least) {
  const ends = [];
  const placed = [];
  for (const bar of bars) {
    let row = ends.findIndex((end) => end < bar.from);
    if (row < 0) row = ends.length;
    if (row === MOST_ROWS) continue;
    ends[row] = Math.max(bar.to, bar.from + least);
    placed.push({ ...bar, row });
  }
  return { placed, rows: ends.length };
}

/** Events in bins, which stay where they are as time goes on. */
function binsOf(list, kinds, start, size) {
  const bins = new Map();
  for (const event of list) {
    if (!(event.at >= start) || !kinds.includes(event.kind)) continue;
    const place = Math.floor(event.at / size);
    if (!bins.has(place)) bins.set(place, { place, events: [] });
    bins.get(place).events.push(event);
  }
  return [...bins.values()];
}

/** Times that are round by the clock on the wall. */
function roundTimes(start, end, step) {
  const shift = new Date(start * 1000).getTimezoneOffset() * 60;
  const times = [];
  for (let at = Math.ceil((start - shift) / step) * step + shift; at < end; at += step) times.push(at);
  return times;
}

function short(at, step) {
  const date = new Date(at * 1000);
  return step < 86_400 ? date.toLocaleTimeString('en-GB').slice(0, 5) : date.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric' });
}

function Bar({ fault, from, to, row, x, act }) {
  const { id, symptom, sentence, since, closed_at: end } = fault;
  const words = `${sentence} ${end ? `From ${clock(since)} to ${clock(end)}` : `Since ${clock(since)}, still open`} (${span(to - since)})`;
  const look = { left: `${x(from)}%`, width: `${x(to) - x(from)}%`, top: `${row * ROW + 4}px` };
  return html`<a class=${`bar${symptom === 'unreachable' ? '' : ' lesser'}${end ? ' over' : ''}`} style=${look} data-fault=${id} aria-label=${words} ...${tip(words)}
    href=${addressOf({ fault: id, source: '', target: '', member: '' })} onclick=${act}>${SYMPTOM_SHAPES[symptom] ?? '!'} ${sentence}</a>`;
}

// All of it is in the list, too: a mark is a short cut for the mouse.
function Mark({ events, left, jump }) {
  const { shape, look } = KINDS[RANKS.find((kind) => events.some((event) => event.kind === kind))];
  const words = html`<table>${events.slice(0, 4).map((event) => html`<tr><td class="number">${clock(event.at)}</td><td>${eventWords(event)}</td></tr>`)}</table>
    ${events.length > 4 && `and ${events.length - 4} more`}`;
  return html`<span class="state ${look}" data-shape=${shape} style=${{ left: `${left}%` }} ...${tip(words)}
    onclick=${() => jump(events.map(({ id }) => id))}>${events.length > 1 && html`<small>${events.length}</small>`}</span>`;
}
