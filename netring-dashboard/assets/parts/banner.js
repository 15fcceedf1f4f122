// Says where what is shown is old, and since when.
import { html } from '../lib/htm-preact.js';
import { contact } from '../data/ask.js';
import { useClock, useValue } from '../data/observable.js';
import { faults } from '../data/ring.js';
import { clock, span } from '../look/words.js';

/** Whether what is shown is what was known last, and not what is. */
export function useOld() {
  const { reached, trouble, last } = useValue(contact);
  return last !== null && (reached === false || trouble !== null);
}

export function Banner() {
  const { reached, since, last, trouble } = useValue(contact);
  const staleSince = useValue(faults)?.stale_since;
  const now = useClock();
  const from = last === null ? 'Nothing is known as yet.' : `What you see is from ${clock(last / 1000)}, ${span(now - last / 1000)} ago.`;
  if (reached === false) {
    return html`<div class="banner" role="alert">
      ✕ The registry cannot be reached since ${clock(since / 1000)} (${span(now - since / 1000)}). ${from}
    </div>`;
  }
  if (trouble) return html`<div class="banner" role="alert">✕ The registry cannot answer: ${trouble}. ${from}</div>`;
  if (staleSince) {
    return html`<div class="banner lesser" role="alert">
      ◐ The registry has lost its store: what it says of faults is from ${clock(staleSince)}, ${span(now - staleSince)} ago.
    </div>`;
  }
  return null;
}
