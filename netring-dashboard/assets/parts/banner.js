// Says where what is shown is old, and since when. What changes each second is not read aloud each second.
import { html } from '../lib/htm-preact.js';
import { contact } from '../data/ask.js';
import { registryAhead, registryNow, useClock, useValue } from '../data/observable.js';
import { faults, grid, rollup, troubles } from '../data/ring.js';
import { cut } from '../data/stream.js';
import { clock, span } from '../look/words.js';

/** What is older than this is marked. */
const OLD = 15;

/** How many seconds old the oldest is of what is shown, by the registry's clock; null where nothing is known. */
export function useAge() {
  const [members, locations, told] = [useValue(grid), useValue(rollup), useValue(faults)];
  const known = [members ?? locations, told].filter(Boolean);
  useClock();
  return known.length === 0 ? null : Math.max(0, ...known.map(({ at }) => registryNow() - at));
}

/** Whether what is shown is what was known last, and not what is. */
export function useOld() {
  const { reached, last } = useValue(contact);
  const age = useAge();
  return last !== null && (reached === false || age > OLD);
}

const NAMES = { grid: 'the matrix', rollup: 'the locations', faults: 'the faults', expected: 'expected members' };

export function Banner() {
  const { reached, since, last } = useValue(contact);
  const [known, told, failing, alone] = [grid, faults, troubles, cut].map(useValue);
  const age = useAge();
  const local = Date.now() / 1000;
  if (reached === false) {
    return html`<div class="banner">
      <span role="alert">✕ The registry cannot be reached since ${clock(since / 1000)}.
        ${last === null ? 'Nothing is known as yet.' : `What you see is from ${clock(last / 1000)}.`}</span>
      <span aria-hidden="true"> That is ${span(local - (last ?? since) / 1000)} ago.</span>
    </div>`;
  }
  const lines = Object.entries(NAMES).flatMap(([name, text]) => (failing[name] ? [`${text}: ${failing[name]}`] : []));
  if (lines.length === 0 && age > OLD) {
    const at = Math.min(...[known, told].filter(Boolean).map((one) => one.at));
    lines.push(`what it says is from ${clock(at)}${told?.stale_since ? ': it has lost its store' : ''}`);
  }
  if (lines.length > 0) {
    return html`<div class="banner lesser" role="alert">◐ The registry has nothing newer. ${lines.join('; ')}.</div>`;
  }
  if (alone !== null) {
    return html`<div class="banner lesser" role="status">◐ The stream of events cannot be had since ${clock(alone / 1000)}: something on the
      way may let none through. What is here is asked for every few seconds instead.</div>`;
  }
  const ahead = registryAhead();
  if (Math.abs(ahead) > 60) {
    return html`<div class="banner lesser" role="status">◐ The registry's clock is ${span(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} this computer's. Times are by the registry's.</div>`;
  }
  return null;
}
