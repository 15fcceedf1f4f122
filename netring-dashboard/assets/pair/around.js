// What is at fault around the two, and what happened to them.
import { html } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { useClock, useValue } from '../data/observable.js';
import { events, faults } from '../data/ring.js';
import { KINDS } from '../events/kinds.js';
import { ago, clock, eventWords, SYMPTOM_SHAPES } from '../look/words.js';
import { tip } from '../look/tip.js';
import { Part, usePolled } from './known.js';

/** Whether a fault is about these two members: `ids`, who stand at `places`, in either direction. */
export function concerns(fault, ids, places) {
  const { of = {} } = fault;
  if (of === 'ring' || fault.pairs?.some(({ source, target }) => ids.includes(source) && ids.includes(target))) return true;
  const members = [fault.instance_id, fault.source, fault.target, of.source, of.target, ...(of.pair ?? [])].filter(Boolean);
  if (members.length > 0) return areOf(members, ids);
  const from = [fault.location, fault.source_location, fault.target_location, ...(fault.locations ?? of.direction ?? [])];
  return areOf(from.filter(Boolean), places);
}

/** One of the two, or the two. */
function areOf(list, two) {
  if (list.length < 2) return two.includes(list[0]);
  return list.every((one) => two.includes(one)) && two.every((one) => list.includes(one));
}

const faultLink = (fault, words) => html`<a href=${addressOf({ fault: fault.id, source: '', target: '' })} ...${tip('The pairs that show it, and what their paths share')}>${words}</a>`;

export function FaultsAround({ ids, places }) {
  const open = useValue(faults)?.open.filter((fault) => concerns(fault, ids, places)) ?? [];
  const now = useClock(5_000);
  return open.length > 0 && html`
    <${Part} name="faults" title="Open faults of this pair, or of one of the two" class="faults">
      <ul>
        ${open.map((fault) => {
          const { id, symptom, sentence, since } = fault;
          const lesser = symptom !== 'unreachable';
          return html`<li key=${id} class=${lesser ? 'lesser' : ''}>
            <span class="state ${lesser ? 'degraded' : 'down'}" data-shape=${SYMPTOM_SHAPES[symptom] ?? '!'}>${symptom}</span>
            <span class="what">${faultLink(fault, sentence)}</span>
            <span class="when">${ago(now - since)}</span>
          </li>`;
        })}
      </ul>
    <//>
  `;
}

export function EventsAround({ ids, places }) {
  const told = useValue(events);
  const now = useClock(5_000);
  // The stream has what is new; in a large ring what was before has to be asked for, by location.
  const earlier = [0, 1].map((i) =>
    usePolled('api/v1/events', { location: places[i], limit: 200 }, 60_000, Boolean(places[i]) && places[i] !== places[i - 1]),
  );
  const mine = ({ fault, source, target, instance_id: id }) => {
    if (fault) return concerns(fault, ids, places);
    return source ? ids.includes(source.instance_id) && ids.includes(target.instance_id) : ids.includes(id);
  };
  const all = [...earlier.flatMap(({ data }) => data?.events ?? []), ...told].filter(mine);
  const shown = [...new Map(all.map((event) => [event.id, event])).values()].sort((a, b) => b.id - a.id).slice(0, 20);
  return html`
    <${Part} name="events" title="What happened to the two, newest first">
      ${shown.length === 0 && html`<p class="dim">Nothing is known to have happened to them.</p>`}
      <table class="small"><tbody>
        ${shown.map((event) => {
          const { shape = '·', word = event.kind, look = 'unknown' } = KINDS[event.kind] ?? {};
          const words = eventWords(event);
          return html`<tr key=${event.id}>
            <td class="number">${clock(event.at)}</td>
            <td><span class="state ${look}" data-shape=${shape}>${word}</span></td>
            <td class="name">${event.fault ? faultLink(event.fault, words) : words} <span class="dim number">${ago(now - event.at)}</span></td>
          </tr>`;
        })}
      </tbody></table>
    <//>
  `;
}
