// What has happened: the last hours as bands, and every event in words, the newest first.
import { html, useLayoutEffect, useRef, useState } from '../lib/htm-preact.js';
import { contact } from '../data/ask.js';
import { lookAt, lookedAt } from '../data/looked-at.js';
import { registryAhead, registryNow, useClock, useValue } from '../data/observable.js';
import { events, faults, grid } from '../data/ring.js';
import { Bands } from '../events/bands.js';
import { concerns, GROUPS } from '../events/kinds.js';
import { Rows } from '../events/rows.js';
import { tip } from '../look/tip.js';
import { clock, count, eventWords } from '../look/words.js';
import { usePolled } from '../pair/known.js';
import { useLocations } from '../parts/filters.js';

const STEP = 200;
// The most that the registry gives at once.
const LIMIT = 1_000;
/** How long the bands are, and how far their times are apart, in seconds. */
const RANGES = { '1h': [3_600, 600], '6h': [21_600, 3_600], '24h': [86_400, 10_800], '7d': [604_800, 86_400] };
const spaced = (name) => name.replace(/\d+/, '$& ');
const NAMES = Object.keys(GROUPS);

export function EventsView() {
  const { kind, location, range } = useValue(lookedAt);
  const groups = kind.split(',').filter((name) => Object.hasOwn(GROUPS, name));
  return html`
    <section class="panel events" aria-labelledby="events-title">
      <header><h2 id="events-title">Events</h2></header>
      <div class="controls">
        <${Kinds} groups=${groups} />
        <div class="group"><${Place} chosen=${location} /></div>
        <div class="group" role="group" aria-label="How far back the bands go">
          ${Object.keys(RANGES).map((name) => html`<button type="button" data-range=${name} aria-pressed=${range === name} ...${tip(`The bands show the last ${spaced(name)}`)}
            onclick=${() => lookAt({ range: name })}>${spaced(name)}</button>`)}
        </div>
      </div>
      <${Happened} key=${`${groups} ${location}`} groups=${groups} location=${location} range=${RANGES[range]} />
    </section>
  `;
}

function Kinds({ groups }) {
  const toggle = (name) => {
    const next = NAMES.filter((one) => groups.includes(one) !== (one === name));
    lookAt({ kind: next.length < NAMES.length ? next.join(',') : '' });
  };
  return html`<div class="group" role="group" aria-label="Kinds of events">
    <button type="button" data-kind="" aria-pressed=${groups.length === 0} ...${tip('Events of all kinds')} onclick=${() => lookAt({ kind: '' })}>All</button>
    ${NAMES.map((name) => html`<button type="button" data-kind=${name} aria-pressed=${groups.includes(name)} ...${tip(GROUPS[name].what)}
      onclick=${() => toggle(name)}>${GROUPS[name].word}</button>`)}
  </div>`;
}

function Place({ chosen }) {
  // A location that is asked for by the address, and is not there, stays chosen.
  const all = [...new Set([...useLocations(), chosen])].filter(Boolean);
  return html`<label>at
    <select id="filter-location" ...${tip('Only events of members there, and faults that concern the location')} onchange=${(event) => lookAt({ location: event.target.value })}>
      <option value="" selected=${chosen === ''}>any location</option>
      ${all.map((place) => html`<option value=${place} selected=${place === chosen}>${place}</option>`)}
    </select></label>`;
}

function Happened({ groups, location, range: [length, step] }) {
  const live = useValue(events);
  const judged = useValue(faults) ?? { open: [], closed: [], at: 0 };
  const locate = useLocate();
  const { shown, reach, refused } = useKnown(live, groups, location, locate);
  // What is newer than what was there at first is new.
  const first = useRef();
  const since = (first.current ??= shown[0]?.id);
  const [most, showMost] = useState(STEP);
  const [found, jump] = useState([]);
  useLayoutEffect(() => {
    const row = document.getElementById(`event-${found[0]}`);
    row?.scrollIntoView({ block: 'center' });
    row?.focus({ preventScroll: true });
  }, [found]);
  const now = useNow();
  const inPanel = new Set([...judged.open, ...judged.closed, ...live.flatMap(({ fault }) => fault ?? [])].map(({ id }) => id));
  const drawn = Math.max(most, shown.findIndex(({ id }) => id === found[0]) + STEP / 2);
  return html`
    <${Bands} list=${shown} faults=${judged.open.filter((fault) => concerns({ fault }, location, locate))} at=${judged.at} inPanel=${inPanel}
      lanes=${groups.length > 0 ? groups : NAMES} start=${now - length} now=${now} step=${step} jump=${jump} />
    <p class="dim" id="events-count">${reach !== undefined && count(shown.length, 'event')}${Number.isFinite(reach) && `, known from ${clock(reach)} on`}</p>
    ${refused && html`<p role="status"><span class="state degraded" data-shape="!">Older events cannot be had: ${refused.message}.</span> It is tried again every minute.</p>`}
    <p class="hidden" aria-live="polite" id="event-news">${shown[0]?.id > since && eventWords(shown[0])}</p>
    <${Rows} list=${shown} most=${drawn} now=${now} found=${found} since=${since} locate=${locate} inPanel=${inPanel} />
    ${shown.length > drawn
      ? html`<button type="button" id="more" ...${tip('Show older events')} onclick=${() => showMost(drawn + STEP * 2)}>Show more of ${shown.length}</button>`
      : html`<p class="empty">${endOf(shown, reach, groups.length > 0 || location)}</p>`}
  `;
}

/** What the filters leave of all that the registry keeps, and of what the stream tells: from `reach` on nothing is missing. */
function useKnown(live, groups, location, locate) {
  const kinds = groups.flatMap((name) => GROUPS[name].kinds);
  const { data, refused } = usePolled('api/v1/events', { kind: kinds.join(','), location, limit: LIMIT }, 60_000);
  // Ids have no gaps: where one is missing, the page was away for so long that it does not know what was in between.
  const first = live.find(({ id }, i) => live[i + 1]?.id !== id - 1);
  let reach = first?.at;
  if (data && !(first?.id > data.last_id + 1)) reach = data.events.length < LIMIT ? -Infinity : data.events[0].at;
  const all = new Map(data?.events.map((event) => [event.id, event]));
  for (const event of live) {
    if ((kinds.length === 0 || kinds.includes(event.kind)) && concerns(event, location, locate)) all.set(event.id, event);
  }
  return { shown: [...all.values()].filter(({ at }) => !(at < reach)).sort((a, b) => b.id - a.id), reach, refused };
}

/** Where a member stands, as far as is known. */
function useLocate() {
  const places = new Map(useValue(grid)?.members.map((member) => [member.instance_id, member.location]));
  return (member) => places.get(member);
}

/** Until when things are known: now, or when the registry answered last. */
function useNow() {
  useClock(5_000);
  const { reached, last } = contact.get();
  return reached === false && last ? last / 1000 + registryAhead() : registryNow();
}

/** What is to be said after the last row. */
function endOf(shown, reach, filtered) {
  if (reach === undefined) return 'Nothing is known of what has happened as yet.';
  if (shown.length === 0) {
    return `Nothing ${filtered ? 'that the filters leave ' : ''}has happened${Number.isFinite(reach) ? ` since ${clock(reach)}` : ''}. What does will be here.`;
  }
  if (reach === -Infinity) return 'That is all. The registry keeps the newest 10,000 events.';
  return `The registry gives the newest ${LIMIT} at once. A narrower filter goes further back.`;
}
