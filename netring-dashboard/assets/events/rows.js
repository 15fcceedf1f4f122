// Events as a list: the newest first, by hours of the last day and by days before.
import { html } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { tip } from '../look/tip.js';
import { clock, count, eventWords, span } from '../look/words.js';
import { KINDS, placesOf } from './kinds.js';

/** The first `most` of `list`. `found` are ids that are marked; those after `since` are new. */
export function Rows({ list, most, now, found, since, locate, inPanel }) {
  const words = faultWords(list);
  const groups = [];
  for (const event of list.slice(0, most)) {
    const title = titleOf(event.at, now);
    if (groups.at(-1)?.title !== title) groups.push({ title, events: [] });
    groups.at(-1).events.push(event);
  }
  return groups.map(({ title, events }) => html`
    <section key=${title} aria-label=${title}>
      <h3>${title}</h3>
      <ol>
        ${events.map((event) => html`<${Row} key=${event.id} event=${event} word=${words.get(event.id)} locate=${locate} inPanel=${inPanel}
          look=${found.includes(event.id) ? 'found' : event.id > since ? 'fresh' : ''} />`)}
      </ol>
    </section>
  `);
}

function titleOf(at, now) {
  if (at === undefined) return 'At an unknown time';
  const date = new Date(at * 1000);
  const today = date.toDateString() === new Date(now * 1000).toDateString();
  const day = today ? 'Today' : date.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
  return now - at < 86_400 ? `${day}, from ${date.toLocaleTimeString('en-GB').slice(0, 2)}:00` : day;
}

/** A fault is opened anew where more is known of it, or where it is back: a map from the id of an event to its words. */
function faultWords(list) {
  const [before, words] = [new Map(), new Map()];
  for (const { id, kind, fault } of [...list].reverse()) {
    if (!fault) continue;
    const last = before.get(fault.id);
    if (last && kind === 'fault_opened') words.set(id, last === kind ? 'fault: more known' : 'fault again');
    before.set(fault.id, kind);
  }
  return words;
}

function Row({ event, word, look, locate, inPanel }) {
  const { id, at, kind, fault } = event;
  const { shape, word: usual, look: state } = KINDS[kind] ?? { shape: '·', word: kind, look: 'unknown' };
  return html`
    <li id=${`event-${id}`} class=${look} tabindex="-1" data-event=${id} data-kind=${kind}>
      <time class="dim number" datetime=${at && new Date(at * 1000).toISOString()}>${at ? new Date(at * 1000).toLocaleTimeString('en-GB') : '?'}</time>
      <span class="state ${state}" data-shape=${shape}>${word ?? usual}</span>
      <span class="what">${eventWords(event)} <span class="dim">${more(event)}</span></span>
      <span class="links">
        ${(!fault || inPanel.has(fault.id)) && html`<${Open} event=${event} />`}
        ${placesOf(event, locate).slice(0, 2).map((place) => html`<a class="at" href=${addressOf({ location: place })} ...${tip(`Only events that concern ${place}`)}>${place}</a>`)}
      </span>
    </li>
  `;
}

function Open({ event: { fault, source, target, instance_id: member } }) {
  const [word, what, at] = fault
    ? ['evidence', 'The pairs that show it, and what their paths share', { fault: fault.id }]
    : source
      ? ['pair', 'Both directions of this pair', { source: source.instance_id, target: target.instance_id }]
      : ['member', 'How this member stands', { member }];
  return html`<a href=${addressOf({ source: '', target: '', fault: '', member: '', ...at })} ...${tip(what)}>${word}</a>`;
}

/** What the sentence leaves out. */
function more({ kind, fault, change, at }) {
  if (change) return changed(change);
  if (kind === 'fault_closed') return `It lasted ${span(fault.closed_at - fault.since)}, from ${clock(fault.since)} on.`;
  return fault && at - fault.since >= 1 && `Since ${clock(fault.since)}.`;
}

/** Routers that the paths gained and lost. */
function changed({ before, after }) {
  const [old, now] = [before, after].map((paths) => [...new Set(paths.flat(2))]);
  const listed = (word, all) => all.length > 0 && `${word} ${all.slice(0, 3).join(', ')}${all.length > 3 ? ` and ${count(all.length - 3, 'other')}` : ''}`;
  const parts = [listed('now by', now.filter((ip) => !old.includes(ip))), listed('no longer by', old.filter((ip) => !now.includes(ip)))];
  return `– ${parts.filter(Boolean).join(', ') || 'the same routers, in another order'}`;
}
