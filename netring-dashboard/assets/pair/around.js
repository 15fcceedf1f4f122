// What is at fault around the two members, and what has happened to them.
import { html, useEffect, useState } from '../lib/htm-preact.js';
import { ask } from '../data/ask.js';
import { addressOf } from '../data/looked-at.js';
import { useClock, useValue } from '../data/observable.js';
import { events, faults } from '../data/ring.js';
import { KINDS } from '../events/kinds.js';
import { ago, clock, eventWords, SYMPTOM_SHAPES } from '../look/words.js';

const NEWEST = 20;
const OTHER = { shape: '·', look: 'unknown' };

/** Whether a fault is about these two members: `ids`, who stand at `places`, in either direction. */
export function concerns(fault, ids, places) {
  if (fault.of === 'ring' || fault.pairs?.some(({ source, target }) => ids.includes(source) && ids.includes(target))) return true;
  const of = fault.of ?? {};
  const named = [fault.instance_id, fault.source, fault.target, of.source, of.target, ...(of.pair ?? [])].filter(Boolean);
  if (named.length > 0) return isOf(named, ids);
  const from = [fault.location, fault.source_location, fault.target_location, ...(fault.locations ?? []), ...(of.direction ?? [])];
  return isOf(from.filter(Boolean), places);
}

/** One of the two, or the two: two locations may be the same one. */
function isOf(list, two) {
  const sorted = (some) => JSON.stringify([...some].sort());
  return list.length === 1 ? two.includes(list[0]) : list.length > 0 && sorted(list) === sorted(two);
}

export function FaultsAround({ ids, places }) {
  const known = useValue(faults);
  const now = useClock(5_000);
  const open = known?.open.filter((fault) => concerns(fault, ids, places)) ?? [];
  if (open.length === 0) return null;
  return html`
    <section class="faults" aria-labelledby="pair-faults">
      <h3 id="pair-faults">Open faults of this pair, or of one of the two <span class="old-mark">old</span></h3>
      <ul>
        ${open.map((fault) => html`<${Fault} key=${fault.id} fault=${fault} now=${now} />`)}
      </ul>
    </section>
  `;
}

function Fault({ fault: { id, symptom, sentence, since }, now }) {
  const lesser = symptom !== 'unreachable';
  return html`<li class=${lesser ? 'lesser' : ''}>
    <span class="state ${lesser ? 'degraded' : 'down'}" data-shape=${SYMPTOM_SHAPES[symptom] ?? '!'}>${symptom}</span>
    <span class="what"><a href=${toFault(id)}>${sentence}</a></span>
    <span class="when">${ago(now - since)}</span>
  </li>`;
}

function toFault(id) {
  return addressOf({ fault: id, source: '', target: '' });
}

/** The stream has what is new; in a large ring what was before has to be asked for, by location. */
function useEarlier(places) {
  const [earlier, set] = useState([]);
  useEffect(() => {
    let over = false;
    const asked = [...new Set(places)].map((location) => ask('api/v1/events', { location, limit: 200 }));
    // What cannot be had is missing, and `contact` says why.
    Promise.allSettled(asked).then((answers) => over || set(answers.flatMap(({ value }) => value?.events ?? [])));
    return () => (over = true);
  }, [places.join('\n')]);
  return earlier;
}

export function EventsAround({ ids, places }) {
  const told = useValue(events);
  const earlier = useEarlier(places);
  const now = useClock(5_000);
  const mine = (event) => {
    if (event.fault) return concerns(event.fault, ids, places);
    if (event.source) return ids.includes(event.source.instance_id) && ids.includes(event.target.instance_id);
    return ids.includes(event.instance_id);
  };
  const all = new Map([...earlier, ...told].filter(mine).map((event) => [event.id, event]));
  const shown = [...all.values()].sort((a, b) => b.id - a.id).slice(0, NEWEST);
  return html`
    <section aria-labelledby="pair-events">
      <h3 id="pair-events">What happened to the two, newest first <span class="old-mark">old</span></h3>
      ${shown.length === 0 && html`<p class="dim">Nothing is known to have happened to them.</p>`}
      <table class="pair-events"><tbody>
        ${shown.map((event) => html`<${Event} key=${event.id} event=${event} now=${now} />`)}
      </tbody></table>
    </section>
  `;
}

function Event({ event, now }) {
  const words = eventWords(event);
  const { shape, word, look } = KINDS[event.kind] ?? OTHER;
  return html`<tr data-event=${event.id}>
    <td class="number"><time datetime=${new Date(event.at * 1000).toISOString()}>${clock(event.at)}</time></td>
    <td class="number dim">${ago(now - event.at)}</td>
    <td><span class="state ${look}" data-shape=${shape}>${word ?? event.kind}</span></td>
    <td class="name">${event.fault ? html`<a href=${toFault(event.fault.id)}>${words}</a>` : words}</td>
  </tr>`;
}
