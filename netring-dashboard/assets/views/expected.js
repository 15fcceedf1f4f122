// Which members should be there, and which are.
import { html, useState } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { useClock, useValue } from '../data/observable.js';
import { expected, grid, health } from '../data/ring.js';
import { address } from '../data/ask.js';
import { tip } from '../look/tip.js';
import { ago, clock, count, span, STATUS_SHAPES } from '../look/words.js';
import { Setup } from '../events/expected-setup.js';

const STEP = 200;
// The worst first. What is missing within its grace period is healthy to the registry, and has a word of its own here.
const STATUS = {
  missing: { shape: '✕', look: 'down', tip: 'Members are missing for longer than the grace period' },
  grace: { shape: '◷', look: 'degraded', word: 'missing, in grace', tip: 'Members are missing, but not for longer than the grace period as yet' },
  unexpected: { shape: '?', look: 'degraded', tip: 'Members are here, but nobody expects any here' },
  extra: { shape: '+', look: 'unknown', tip: 'More members are here than expected' },
  healthy: { shape: '✓', look: 'up', tip: 'As many members as expected' },
};
const ORDER = Object.keys(STATUS);
const CRITICALITY = ['high', 'medium', 'low'];
const LEVELS = { error: ['✕', 'down'], warning: ['▲', 'degraded'], info: ['i', 'unknown'] };

export function ExpectedView() {
  const known = useValue(expected);
  const used = useValue(health)?.analysis;
  if (used?.expected_members === false) return html`<${Setup} />`;
  if (known) return html`<${Counted} known=${known} />`;
  if (used && used.expected_members === undefined) {
    return html`<p class="empty">This registry does not say whether it expects any members. <a href=${address('api/v1/expected')} target="_blank" rel="noreferrer">Ask it</a>.</p>`;
  }
  return html`<p class="empty">${used ? 'Waiting for the count of members…' : 'Nothing is known of expected members as yet.'}</p>`;
}

function Counted({ known: { at, locations, alerts, summary } }) {
  const [most, showMost] = useState(STEP);
  const all = Object.entries(locations).map(([name, place]) => ({ name, ...place, shown: shownStatus(place) }));
  all.sort(worstFirst);
  return html`
    <div class="expected">
      <div class="tiles" id="expected-summary">
        <${Tile} number=${summary.total_missing} text="missing" status="missing" what="Members that are missing for longer than the grace period of their location" />
        <${Tile} number=${summary.missing_within_grace} text="missing, in grace" status="grace" what="Members that are missing, but not for longer than the grace period as yet" />
        <${Tile} number=${summary.critical_locations_missing} text="critical locations short" status="missing" what="Locations of high criticality where members are missing" />
        <${Tile} number=${summary.unexpected_locations} text="unexpected locations" status="unexpected" what="Locations with members that nobody expects" />
      </div>
    </div>
    <section class="panel expected" aria-labelledby="expected-alerts-title">
      <header><h2 id="expected-alerts-title">${alerts.length === 0 ? 'Nothing to tell' : count(alerts.length, 'alert')}</h2><${Counting} at=${at} /></header>
      <ul class="alerts" aria-live="polite">${alerts.map((alert) => html`<${Alert} key=${alert.message} alert=${alert} />`)}</ul>
      ${alerts.length === 0 && html`<p class="dim"><span class="good">✓</span> No location is short of members, and none is unexpected.</p>`}
    </section>
    <section class="panel expected" aria-labelledby="expected-title">
      <header><h2 id="expected-title">Locations</h2><span class="dim">${count(all.length, 'location')}, the worst first</span></header>
      ${all.length === 0 ? html`<p class="empty">No location is expected, and no member is here.</p>` : html`<${Table} places=${all.slice(0, most)} />`}
      ${all.length > most && html`<button type="button" onclick=${() => showMost(most + STEP * 4)}>Show more of ${all.length}</button>`}
    </section>
  `;
}

const shownStatus = ({ status, missing_count: missing }) => (status === 'healthy' && missing > 0 ? 'grace' : status);

function worstFirst(a, b) {
  const place = (list, value) => (list.includes(value) ? list.indexOf(value) : list.length);
  return (
    place(ORDER, a.shown) - place(ORDER, b.shown) ||
    place(CRITICALITY, a.criticality) - place(CRITICALITY, b.criticality) ||
    b.missing_count - a.missing_count ||
    (a.name < b.name ? -1 : 1)
  );
}

function Tile({ number, text, status, what }) {
  const { shape, look } = STATUS[number > 0 ? status : 'healthy'];
  return html`<div class=${`tile ${look}`} tabindex="0" ...${tip(what)}>
    <b><span class=${`state ${look}`} data-shape=${shape}></span>${number}</b>
    <span class="dim">${number === 1 ? text.replace('locations', 'location') : text}</span></div>`;
}

function Counting({ at }) {
  const now = useClock();
  return html`<span class="dim">counted at ${clock(at)}, ${ago(now - at)}</span>`;
}

function Alert({ alert: { level, message } }) {
  const [shape, look] = LEVELS[level] ?? ['·', 'unknown'];
  return html`<li class=${level} data-level=${level}><span class=${`state ${look}`} data-shape=${shape}>${level}</span><span>${message}</span></li>`;
}

function Table({ places }) {
  const members = useValue(grid)?.members ?? [];
  const by = new Map();
  for (const member of members) {
    if (!by.has(member.location)) by.set(member.location, []);
    by.get(member.location).push(member);
  }
  return html`<div class="scroll"><table class="wide" id="expected">
    <thead><tr><th>Status</th><th>Location</th><th class="number">Expected</th><th class="number">Here</th><th class="number">Missing</th>
      <th>Criticality</th><th>Missing since</th><th>Members here</th></tr></thead>
    <tbody>${places.map((place) => html`<${Row} key=${place.name} place=${place} members=${by.get(place.name) ?? []} />`)}</tbody>
  </table></div>`;
}

function Row({ place, members }) {
  const { name, shown, criticality, description } = place;
  const { shape, look, word, tip: what } = STATUS[shown] ?? { shape: '·', look: 'unknown', tip: shown };
  return html`
    <tr data-location=${name} data-status=${shown}>
      <td class="full"><span class=${`state ${look}`} data-shape=${shape} tabindex="0" ...${tip(what)}>${word ?? shown}</span></td>
      <td class="place full"><b>${name}</b>${description && html` <span class="dim">${description}</span>`}</td>
      <td class="number" data-label="expected">${shown === 'unexpected' ? 'none' : place.expected_count}</td>
      <td class="number" data-label="here">${place.actual_count}</td>
      <td class="number" data-label="missing">${place.missing_count || '–'}</td>
      <td class="full" data-label="criticality">${criticality ?? '–'}</td>
      <td class="full" data-label=${place.since ? 'since' : undefined}>${place.since ? html`<${Since} place=${place} />` : ''}</td>
      <td class="full"><${Here} place=${place} members=${members} /></td>
    </tr>
  `;
}

/** Since when some are missing, and for how long that is nothing to worry about as yet. */
function Since({ place: { since, grace_ends: end } }) {
  const now = useClock();
  const grace = end > now ? `grace until ${clock(end)}, ${span(end - now)} left` : `the grace ended at ${clock(end)}`;
  return html`<span class="number">${clock(since)}</span> <span class="dim">(${ago(now - since)}; ${end ? grace : 'no grace'})</span>`;
}

function Here({ place: { name, actual_count: here, members: ids }, members }) {
  const status = new Map(members.map((member) => [member.instance_id, member.status]));
  // Who was there, and is not, is likely to be who is missing.
  const gone = members.filter((member) => member.status === 'offline' || member.status === 'deregistered');
  return html`
    ${ids.length === 0
      ? html`<span class="dim">${here > 0 ? `${count(here, 'member')}, not named` : 'nobody'}</span>`
      : html`<details><summary>${count(here, 'member')}</summary>
          <ul>${ids.map((id) => html`<li><${Member} id=${id} status=${status.get(id)} /></li>`)}
            ${here > ids.length && html`<li class="dim">and ${here - ids.length} more</li>`}</ul>
          <p><a href=${addressOf({ view: 'ring', from: name })} ...${tip('Connections from this location')}>from here</a>${' '}
            <a href=${addressOf({ view: 'events', location: name, kind: '' })} ...${tip('What has happened here')}>events</a></p>
        </details>`}
    ${gone.length > 0 && html`<div class="gone">Gone: ${gone.slice(0, 5).map((member, i) => html`${i > 0 && ', '}<${Member} id=${member.instance_id} status=${member.status} word=${true} />`)}
      ${gone.length > 5 && ` and ${gone.length - 5} more`}</div>`}
  `;
}

function Member({ id, status, word = false }) {
  return html`<a href=${addressOf({ member: id, source: '', target: '', fault: '' })}>${id}</a>${' '}
    ${status && html`<span class=${`state ${status}`} data-shape=${STATUS_SHAPES[status]} aria-label=${status}>${word || status !== 'online' ? status : ''}</span>`}`;
}
