// Every location as a card, of a ring that is too large for its members.
import { html } from '../lib/htm-preact.js';
import { lookAt } from '../data/looked-at.js';
import { tip } from '../look/tip.js';
import { count, STATUS_SHAPES } from '../look/words.js';

export function PlaceCards({ rollup }) {
  return html`
    <section class="panel" aria-label="Locations"><div class="cards">
      ${rollup.locations.map(({ location, ...counts }) => {
        const worst = ['offline', 'stale', 'online', 'deregistered'].find((status) => counts[status] > 0) ?? 'offline';
        return html`<button type="button" class=${`card ${worst}`} key=${location} ...${tip('Show its part of the matrix')}
          onclick=${() => lookAt({ view: 'matrix', by: 'member', from: location })}>
          <span class="name">${location}</span>
          ${Object.entries(counts).map(
            ([status, number]) => number > 0 && html`<span class=${`state ${status}`} data-shape=${STATUS_SHAPES[status]}>${count(number, status, status)}</span>`,
          )}
        </button>`;
      })}
    </div></section>
  `;
}
