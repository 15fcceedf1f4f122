// Which members should be there, and which are.
import { html } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { useClock, useValue } from '../data/observable.js';
import { expected, grid, health } from '../data/ring.js';
import { useSteadyFocus } from '../parts/steady.js';
import { tip } from '../look/tip.js';
import { ago, clock, count, STATUS_SHAPES } from '../look/words.js';

// The worst first. What is missing within its grace period is healthy to the registry, and has a word of its own here.
const STATUS = {
  missing: ['✕', 'down', 'Members are missing for longer than the grace period'],
  grace: ['◷', 'degraded', 'Members are missing, but not for longer than the grace period as yet'],
  unexpected: ['?', 'degraded', 'Members are here, but nobody expects any here'],
  extra: ['+', 'unknown', 'More members are here than expected'],
  healthy: ['✓', 'up', 'As many members as expected'],
  unknown: ['?', 'unknown', 'How it stands is not told in words that this page knows'],
};
const ORDER = Object.keys(STATUS);
const CRITICALITY = ['high', 'medium', 'low', undefined];
const LEVELS = { error: ['✕', 'down', ''], warning: ['▲', 'degraded', 'lesser'], info: ['i', 'unknown', 'over'], unknown: ['?', 'degraded', 'lesser'] };

export function ExpectedView() {
  const known = useValue(expected);
  if (useValue(health)?.analysis?.expected_members === false) return html`<${Setup} />`;
  return known ? html`<${Counted} known=${known} />` : html`<p class="empty">Nothing is known of expected members as yet.</p>`;
}

function Setup() {
  return html`
    <section class="panel" id="expected-setup" aria-labelledby="setup-title">
      <header><h2 id="setup-title">This registry expects no members in particular</h2></header>
      <p>It knows who is in the ring, but not who should be: a member that never started is missed by nobody. Tell the registry how many
        members belong to each location, and it tells here, and at <code>/metrics</code>, where some are missing.</p>
      <pre>${`# The registry's configuration
registry:
  expected_members:
    enable_missing_detection: true

# config/expected-members.yaml
expected_members:
  locations:
    us1: { expected_count: 3 }`}</pre>
      <p class="dim">Then start it anew. More of it: “Expected members” in docs/configuration.md.</p>
    </section>
  `;
}

function Counted({ known: { at, locations, alerts, summary } }) {
  const now = useClock(5_000);
  useSteadyFocus();
  const status = new Map(useValue(grid)?.members.map((member) => [member.instance_id, member.status]));
  const all = Object.entries(locations).map(([name, place]) => ({ name, ...place, shown: shownStatus(place) }));
  all.sort(worstFirst);
  const tiles = [
    [summary.total_missing, 'missing', 'missing'],
    [summary.missing_within_grace, 'missing, in grace', 'grace'],
    [summary.critical_locations_missing, 'critical locations short', 'missing'],
    [summary.unexpected_locations, 'unexpected locations', 'unexpected'],
  ];
  return html`
    <div class="tiles" id="expected-summary">
      ${tiles.map(([number, text, when]) => {
        const [shape, look] = STATUS[number > 0 ? when : number === 0 ? 'healthy' : 'unknown'];
        return html`<div class="tile"><b class="state ${look}" data-shape=${shape}>${number ?? ''}</b> <span class="dim">${number === 1 ? text.replace('ns', 'n') : text}</span></div>`;
      })}
    </div>
    <section class="panel faults" aria-labelledby="expected-alerts-title">
      <header><h2 id="expected-alerts-title">${count(alerts?.length, 'alert')}</h2><span class="dim">counted at ${clock(at)}, ${ago(now - at)}</span></header>
      <ul aria-live="polite">${alerts?.map(({ level, message }) => {
        const [shape, look, edge] = LEVELS[level];
        return html`<li key=${message} class=${edge} data-level=${level}>
          <span class="state ${look}" data-shape=${shape}>${level}</span><span class="what">${message}</span></li>`;
      })}</ul>
      ${!alerts && html`<p class="dim">The registry does not say what somebody should know.</p>`}
      ${alerts?.length === 0 && html`<p class="dim"><span class="good">✓</span> No location is short of members, and none is unexpected.</p>`}
    </section>
    <section class="panel" aria-labelledby="expected-title">
      <header><h2 id="expected-title">${count(all.length, 'location')}</h2><span class="dim">the worst first</span></header>
      <table id="expected">
        <thead><tr><th>Status</th><th>Location</th><th>Members here</th></tr></thead>
        <tbody>${all.map((place) => html`<${Row} key=${place.name} place=${place} now=${now} status=${status} />`)}</tbody>
      </table>
    </section>
  `;
}

const shownStatus = ({ status, missing_count: missing }) => (status === 'healthy' && missing > 0 ? 'grace' : status);

function worstFirst(a, b) {
  return (
    ORDER.indexOf(a.shown) - ORDER.indexOf(b.shown) ||
    CRITICALITY.indexOf(a.criticality) - CRITICALITY.indexOf(b.criticality) ||
    (b.missing_count ?? 0) - (a.missing_count ?? 0) ||
    (a.name < b.name ? -1 : 1)
  );
}

function Row({ place, now, status }) {
  const { name, shown, criticality, description, since, grace_ends: end, missing_count: missing } = place;
  const [shape, look, what] = STATUS[shown];
  return html`
    <tr data-location=${name} data-status=${shown}>
      <td><span class="state ${look}" data-shape=${shape} tabindex="0" ...${tip(what)}>${missing ? `${missing} missing` : shown}${shown === 'grace' && ', in grace'}</span>
        ${since && html`<div class="dim">since ${clock(since)}, ${ago(now - since)}; ${end > now ? 'grace until' : 'its grace ended at'} ${clock(end)}</div>`}</td>
      <td class="name"><b>${name}</b> <a href=${addressOf({ view: 'events', location: name, kind: '' })} ...${tip('What has happened here')}>events</a>
        <div class="dim">${criticality && `${criticality} criticality`}${description && `; ${description}`}</div></td>
      <td class="name"><${Here} place=${place} status=${status} /></td>
    </tr>
  `;
}

function Here({ place: { shown, expected_count: wanted, actual_count: here, members }, status }) {
  const words = shown === 'unexpected' ? `${here ?? '?'}, none expected` : `${here ?? '?'} of ${wanted ?? '?'}`;
  if (members.length === 0) return words;
  return html`<details><summary ...${tip('Who is there')}>${words}</summary>
    ${members.map((id) => html`<div><a href=${addressOf({ member: id, source: '', target: '', fault: '' })} ...${tip('How this member stands')}>${id}</a>${' '}
      <span class="state ${status.get(id)}" data-shape=${STATUS_SHAPES[status.get(id)]}>${status.get(id)}</span></div>`)}
    ${here > members.length && html`<div class="dim">and ${here - members.length} more</div>`}
  </details>`;
}
