// Events as a list: the newest first, by hours of the last day and by days before.
import { html, useEffect, useRef, useState } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { tip } from '../look/tip.js';
import { clock, count, eventWords, span } from '../look/words.js';
import { KINDS, placesOf } from './kinds.js';

const DAY = 86_400;

/** Events in a row that are of one hour, or of one day where they are older: [{title, events}]. */
export function grouped(list, now) {
  const groups = [];
  for (const event of list) {
    const title = titleOf(event.at, now);
    if (groups.at(-1)?.title !== title) groups.push({ title, events: [] });
    groups.at(-1).events.push(event);
  }
  return groups;
}

function titleOf(at, now) {
  const date = new Date(at * 1000);
  const day = dayOf(date, now);
  if (now - at > DAY) return day;
  const hour = (number) => `${String(number % 24).padStart(2, '0')}:00`;
  return `${day}, ${hour(date.getHours())} – ${hour(date.getHours() + 1)}`;
}

function dayOf(date, now) {
  const is = (seconds) => new Date(seconds * 1000).toDateString() === date.toDateString();
  if (is(now)) return 'Today';
  if (is(now - DAY)) return 'Yesterday';
  return date.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** What was said of a fault before tells whether it is new: a map from the id of an event to its words. */
export function faultWords(list) {
  const [before, words] = [new Map(), new Map()];
  for (let i = list.length - 1; i >= 0; i--) {
    const { id, kind, fault } = list[i];
    if (!fault) continue;
    if (kind === 'fault_opened' && before.has(fault.id)) words.set(id, before.get(fault.id) === kind ? 'fault: more known' : 'fault again');
    before.set(fault.id, kind);
  }
  return words;
}

/** `found` are ids of events that are marked, `since` is the newest id that was there from the beginning. */
export function Rows({ list, total, now, words, found, since, locate, inPanel }) {
  return grouped(list, now).map(
    ({ title, events }, i, all) => html`
      <section class="hour" key=${title} aria-label=${title}>
        <h3>${title} <span class="dim">${count(events.length, 'event')}${i === all.length - 1 && list.length < total ? ' of those shown' : ''}</span></h3>
        <ol>
          ${events.map(
            (event) => html`<${Row} key=${event.id} event=${event} word=${words.get(event.id)} found=${found.has(event.id)}
              fresh=${event.id > since} locate=${locate} inPanel=${inPanel} />`,
          )}
        </ol>
      </section>
    `,
  );
}

function Row({ event, word, found, fresh, locate, inPanel }) {
  const { id, at, kind, fault } = event;
  const { shape, word: usual, look } = KINDS[kind] ?? { shape: '·', word: kind, look: 'unknown' };
  const places = placesOf(event, locate);
  return html`
    <li id=${`event-${id}`} class=${`${found ? 'found' : ''}${fresh ? ' fresh' : ''}`} tabindex="-1" data-event=${id} data-kind=${kind}>
      <time datetime=${new Date(at * 1000).toISOString()}>${new Date(at * 1000).toLocaleTimeString('en-GB')}</time>
      <span class=${`state ${look}`} data-shape=${shape}>${word ?? usual}</span>
      <span class="what">${eventWords(event)}<${More} event=${event} /></span>
      <span class="links">
        ${fault && inPanel(fault) && html`<a href=${addressOf({ fault: fault.id, source: '', target: '', member: '' })} ...${tip('The pairs that show it, and what their paths share')}>evidence</a>`}
        ${event.source && html`<a href=${addressOf({ source: event.source.instance_id, target: event.target.instance_id, fault: '', member: '' })}
          ...${tip('Both directions of this pair: values, paths, and its last hour')}>pair</a>`}
        ${event.instance_id && html`<a href=${addressOf({ member: event.instance_id, source: '', target: '', fault: '' })}
          ...${tip('How this member stands, whom it reaches, and who reaches it')}>member</a>`}
        ${places.slice(0, 2).map(
          (place) => html`<a class="at" href=${addressOf({ location: place })} ...${tip(`Only events that concern ${place}`)}>${place}</a>`,
        )}
        ${places.length > 2 && html`<span class="dim" ...${tip(places.slice(2, 12).join(', '))} tabindex="0">+${places.length - 2}</span>`}
      </span>
    </li>
  `;
}

const FEW = 3;

/** What the sentence leaves out. */
function More({ event: { kind, fault, change, at } }) {
  let more = '';
  if (kind === 'fault_closed') more = `It lasted ${span((fault.closed_at ?? at) - fault.since)}, from ${clock(fault.since)} on.`;
  else if (kind === 'fault_opened' && at - fault.since >= 1) more = `Since ${clock(fault.since)}.`;
  else if (change) more = changed(change);
  return more && html` <span class="dim">${more}</span>`;
}

/** Routers that the paths gained and lost. */
function changed({ before, after }) {
  const [old, now] = [before, after].map((paths) => [...new Set(paths.flat(Infinity))]);
  const listed = (all) => all.slice(0, FEW).join(', ') + (all.length > FEW ? ` and ${all.length - FEW} more` : '');
  const [gained, lost] = [now.filter((ip) => !old.includes(ip)), old.filter((ip) => !now.includes(ip))];
  if (gained.length === 0 && lost.length === 0) return '– the same routers, in another order';
  if (lost.length === 0) return `– now also by ${listed(gained)}`;
  return gained.length === 0 ? `– no longer by ${listed(lost)}` : `– now by ${listed(gained)}, no longer by ${listed(lost)}`;
}

const QUIET = 5_000;

/** Reads new events aloud, but not more often than every few seconds, and of many the newest alone. */
export function Announce({ newest, list }) {
  const [words, say] = useState('');
  const told = useRef(newest);
  const timer = useRef(null);
  const latest = useRef(list);
  latest.current = list;
  useEffect(() => {
    if (newest <= told.current) told.current = newest;
    else if (!timer.current) timer.current = setTimeout(speak, QUIET / 2);
    function speak() {
      timer.current = null;
      const fresh = latest.current.filter((event) => event.id > told.current);
      if (fresh.length === 0) return;
      told.current = Math.max(...fresh.map((event) => event.id));
      const first = eventWords(fresh[0]).slice(0, 200);
      say(fresh.length === 1 ? first : `${fresh.length} new events, the newest: ${first}`);
    }
  }, [newest]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return html`<p class="hidden" aria-live="polite" id="event-news">${words}</p>`;
}
