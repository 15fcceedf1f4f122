// The ring at a glance: its numbers, its members as cards, and its connections, the worst first.
import { html, useEffect } from '../lib/htm-preact.js';
import { lookedAt } from '../data/looked-at.js';
import { first, useValue } from '../data/observable.js';
import { grid, rollup, tooLarge } from '../data/ring.js';
import { Cards } from '../ring/cards.js';
import { Connections } from '../ring/connections.js';
import { PlaceCards } from '../ring/place-cards.js';
import { Tiles } from '../ring/tiles.js';
import { Filters, Metrics } from '../parts/filters.js';

export function RingView() {
  const known = useValue(grid);
  const refused = useValue(tooLarge);
  const rolled = useValue(rollup);
  const state = useValue(lookedAt);
  const there = known !== null;
  useEffect(() => there && first('netring: ring'), [there]);
  if (refused && !known) {
    return html`
      <section class="panel"><p>${refused}. Here are its locations; a click shows the part of the matrix from there.</p></section>
      ${rolled && html`<${PlaceCards} rollup=${rolled} />`}
    `;
  }
  if (!known) return html`<p class="empty">Waiting for the registry…</p>`;
  return html`
    <${Tiles} grid=${known} />
    <div class="controls"><${Metrics} /><${Filters} offline=${true} /></div>
    <section class="panel" aria-labelledby="cards-title">
      <header><h2 id="cards-title">Members</h2></header>
      <${Cards} grid=${known} state=${state} />
    </section>
    <section class="panel" aria-labelledby="connections-title">
      <${Connections} grid=${known} state=${state} />
    </section>
  `;
}
