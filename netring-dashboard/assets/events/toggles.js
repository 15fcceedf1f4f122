// Which events are shown: by kind and location.
import { html, useState } from '../lib/htm-preact.js';
import { lookAt } from '../data/looked-at.js';
import { tip } from '../look/tip.js';
import { useLocations } from '../parts/filters.js';
import { GROUPS, KINDS, writtenKinds } from './kinds.js';

export function Toggles({ kinds, location }) {
  const single = Object.values(GROUPS).some((group) => part(group.kinds, kinds) === 'mixed');
  const [all, showAll] = useState(false);
  const shown = all || single;
  return html`
    <div class="group" role="group" aria-label="Kinds of events">
      <button type="button" data-kind="" aria-pressed=${kinds.size === 0} ...${tip('Events of all kinds')} onclick=${() => lookAt({ kind: '' })}>All</button>
      ${Object.entries(GROUPS).map(
        ([name, group]) => html`<${Toggle} name=${name} word=${group.word} words=${group.tip} within=${group.kinds} kinds=${kinds} />`,
      )}
      <button type="button" class="plain" id="single-kinds" aria-expanded=${shown} aria-disabled=${single} ...${tip('Choose single kinds of events')}
        onclick=${() => showAll(!all)}>${shown ? '▾' : '▸'} single kinds</button>
    </div>
    <div class="group"><${Place} chosen=${location} />
      ${(kinds.size > 0 || location) &&
      html`<button type="button" id="clear" ...${tip('Show all events again')} onclick=${() => lookAt({ kind: '', location: '' })}>clear</button>`}
    </div>
    ${shown &&
    html`<div class="group singles" role="group" aria-label="Single kinds of events">
      ${Object.entries(KINDS).map(
        ([kind, { shape, word, look }]) => html`<${Toggle} name=${kind} word=${html`<span class=${`state ${look}`} data-shape=${shape}>${word}</span>`}
          words=${TIPS[kind]} within=${[kind]} kinds=${kinds} />`,
      )}
    </div>`}
  `;
}

const TIPS = {
  fault_opened: 'Something is at fault, is again, or more is known of it',
  fault_closed: 'A fault is over, or has turned out to be a part of another',
  joined: 'A member has joined the ring',
  left: 'A member has said goodbye',
  stale: 'A member has missed heartbeats',
  offline: 'Nothing was heard of a member for longer than its time to live',
  online: 'A member that was stale or offline is heard of again',
  path_changed: GROUPS.paths.tip,
  throughput_dropped: GROUPS.throughput.tip,
};

/** Whether all of `within` are chosen, some, or none. */
function part(within, kinds) {
  const on = within.filter((kind) => kinds.has(kind)).length;
  return on === 0 ? 'false' : on === within.length ? 'true' : 'mixed';
}

function Toggle({ name, word, words, within, kinds }) {
  const pressed = part(within, kinds);
  const toggle = () => {
    const next = new Set(kinds);
    for (const kind of within) pressed === 'true' ? next.delete(kind) : next.add(kind);
    lookAt({ kind: writtenKinds(next) });
  };
  return html`<button type="button" data-kind=${name} aria-pressed=${pressed} ...${tip(words)} onclick=${toggle}>${word}</button>`;
}

function Place({ chosen }) {
  const all = useLocations();
  // A location that is asked for by the address, and is not there, stays chosen.
  const options = chosen && !all.includes(chosen) ? [chosen, ...all] : all;
  return html`<label>at
    <select id="filter-location" ...${tip('Only events of members there, and faults that concern the location')}
      onchange=${(event) => lookAt({ location: event.target.value })}>
      <option value="" selected=${chosen === ''}>any location</option>
      ${options.map((place) => html`<option value=${place} selected=${place === chosen}>${place}</option>`)}
    </select></label>`;
}
