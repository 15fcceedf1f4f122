// One fault, and what it rests on.
import { html } from '../lib/htm-preact.js';
import { addressOf, lookAt } from '../data/looked-at.js';
import { useClock, useValue } from '../data/observable.js';
import { events, faults } from '../data/ring.js';
import { address } from '../data/ask.js';
import { clock, count, percent, span } from '../look/words.js';
import { Side } from './side.js';
import { tip } from '../look/tip.js';

const close = () => lookAt({ fault: '' });

export function FaultPanel({ id }) {
  const known = useValue(faults);
  const told = useValue(events);
  const now = useClock();
  const fault =
    known && [...known.open, ...known.closed].find((one) => one.id === id) || told.find((event) => event.fault?.id === id)?.fault;
  if (!fault) {
    return html`<${Side} title="Fault" close=${close}><p>${known ? 'Nothing is known of this fault: it may have been over for more than six hours, or the link is wrong.' : 'Loading…'}</p><//>`;
  }
  const until = fault.closed_at ?? now;
  return html`
    <${Side} title=${fault.closed_at ? 'A fault that is over' : 'Fault'} close=${close}
      acts=${html`<a href=${address('api/v1/faults')} target="_blank" rel="noreferrer" ...${tip('All faults, as the API has them')}>JSON</a>`}>
      <p class="sentence">${fault.sentence}</p>
      <table class="facts">
        <tr><th scope="row">Since</th><td>${clock(fault.since)}</td></tr>
        ${fault.closed_at && html`<tr><th scope="row">Until</th><td>${clock(fault.closed_at)}</td></tr>`}
        <tr><th scope="row">For</th><td>${span(until - fault.since)}${fault.relapses ? `, and back ${count(fault.relapses, 'time')} within it` : ''}</td></tr>
        <tr><th scope="row">Confidence</th><td>${percent(fault.confidence)}</td></tr>
        <tr><th scope="row">Scope</th><td>${fault.scope.replace('_', ' ')}</td></tr>
        <tr><th scope="row">Shows as</th><td>${fault.symptom}</td></tr>
      </table>
      ${fault.suspects?.length > 0 &&
      html`<section>
        <h3>Routers and links that these pairs share, and good ones do not</h3>
        <table>
          ${fault.suspects.map(
            ({ routers, share }) => html`<tr><td class="name">
              <a href=${addressOf({ view: 'topology', search: routers.at(-1), fault: '' })} ...${tip('Where it is in the topology')}>${routers.join(' → ')}</a></td>
              <td class="number">${percent(Math.round(share * 1000) / 1000)} of the votes</td></tr>`,
          )}
        </table>
      </section>`}
      <section>
        <h3>${fault.pairs_total > fault.pairs.length ? `${fault.pairs.length} of the ${fault.pairs_total} pairs that show it` : count(fault.pairs_total, 'pair that shows it', 'pairs that show it')}</h3>
        <table>
          ${fault.pairs.map(
            ({ source, target }) => html`<tr><td class="name"><a href=${addressOf({ source, target })} data-pair ...${tip('Both directions of this pair')}>${source} → ${target}</a></td></tr>`,
          )}
        </table>
      </section>
    <//>
  `;
}
