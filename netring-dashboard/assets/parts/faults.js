// What is at fault, in words, on top of everything.
import { html } from '../lib/htm-preact.js';
import { lookAt, lookedAt } from '../data/looked-at.js';
import { useClock, useValue } from '../data/observable.js';
import { faults, grid } from '../data/ring.js';
import { CODE, countsOf } from '../data/grid.js';
import { noPair } from '../data/selection.js';
import { useSteadyFocus } from './steady.js';
import { tip } from '../look/tip.js';
import { ago, clock, count, percent, SYMPTOM_SHAPES } from '../look/words.js';

const FEW = 5;
/** The registry tells no more than so many, and not how many there are beyond. */
const MOST = 200;

export function Faults() {
  const known = useValue(faults);
  useSteadyFocus();
  const all = useValue(lookedAt).faults === 'all';
  if (!known) return html`<section class="panel faults" aria-label="Faults"><p class="dim">Nothing is known of faults as yet.</p></section>`;
  const { open } = known;
  const shown = all ? open : open.slice(0, FEW);
  return html`
    <section class="panel faults" aria-labelledby="faults-title">
      <header>
        <h2 id="faults-title">${open.length === 0 ? 'No fault is open' : `${open.length < MOST ? '' : 'At least '}${count(open.length, 'fault')} open`}</h2>
        ${open.length === 0 && html`<${Calm} />`}
      </header>
      <p class="hidden" aria-live="polite">${open.map((fault) => fault.sentence).join(' ')}</p>
      <ul>
        ${shown.map((fault) => html`<${Row} key=${fault.id} fault=${fault} />`)}
      </ul>
      ${open.length > FEW &&
      html`<button type="button" class="plain" ...${tip('All faults that are open')} onclick=${() => lookAt({ faults: all ? '' : 'all' })}>
        ${all ? 'Show the first ones only' : `Show ${open.length - FEW} more`}
      </button>`}
    </section>
  `;
}

/** That no fault is open says little where little is known. */
function Calm() {
  const known = useValue(grid);
  if (!known) return null;
  const counts = countsOf(known).all;
  const [up, unknown] = [counts[CODE.up], counts[CODE.unknown]];
  const all = up + unknown + counts[CODE.degraded] + counts[CODE.down];
  if (all === 0) return html`<span class="dim">${noPair(known.members)}</span>`;
  if (unknown === all) return html`<span class="dim">But nothing is known of any pair: no report has come as yet, or all are too old.</span>`;
  return html`<span class="dim">${up === all && html`<span class="good">✓</span>`} ${up} of ${count(all, 'pair')} up${unknown ? `, ${unknown} unknown` : ''}</span>`;
}

function Row({ fault }) {
  const { fault: chosen } = useValue(lookedAt);
  const known = useValue(grid);
  const now = useClock(5_000);
  const lesser = fault.symptom !== 'unreachable';
  return html`
    <li class=${lesser ? 'lesser' : ''} data-fault=${fault.id} data-scope=${fault.scope}>
      <span class="state ${lesser ? 'degraded' : 'down'}" data-shape=${SYMPTOM_SHAPES[fault.symptom] ?? '!'}>${fault.symptom}</span>
      <span class="what">${fault.sentence} <span class="when" title=${clock(fault.since)}>
        Since ${clock(fault.since)} (${ago(now - fault.since)}), ${percent(fault.confidence)} sure${fault.relapses ? `, back ${count(fault.relapses, 'time')}` : ''}.${fault.symptom === 'unreachable' && areUp(fault.pairs, known) ? ' Its pairs are up now; it is closed once that has lasted.' : ''}
      </span></span>
      <span class="acts">
        <button type="button" aria-expanded=${chosen === fault.id} ...${tip('The pairs that show it, and what their paths share')}
          onclick=${() => lookAt({ fault: chosen === fault.id ? '' : fault.id, source: '', target: '' })}>
          Evidence: ${count(fault.pairs_total, 'pair')}
        </button>
      </span>
    </li>
  `;
}

/** Whether all of these pairs are up, as far as the matrix goes. */
function areUp(pairs, grid) {
  if (!grid || pairs.length === 0) return false;
  const place = (list, id) => list.findIndex((at) => grid.members[at].instance_id === id);
  return pairs.every(({ source, target }) => {
    const [row, column] = [place(grid.sources, source), place(grid.targets, target)];
    return row >= 0 && column >= 0 && grid.cells[row * grid.targets.length + column] === CODE.up;
  });
}
