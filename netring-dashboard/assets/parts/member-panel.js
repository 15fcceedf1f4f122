// One member: how it stands, whom it reaches and who reaches it, and what happened to it.
import { html } from '../lib/htm-preact.js';
import { address } from '../data/ask.js';
import { CODE, STATES } from '../data/grid.js';
import { addressOf, lookAt } from '../data/looked-at.js';
import { useClock, useValue } from '../data/observable.js';
import { events, grid, tooLarge } from '../data/ring.js';
import { SHOWN } from '../data/selection.js';
import { ago, clock, count, eventWords, METRIC_NAMES, SHAPES, spelled, STATUS_SHAPES } from '../look/words.js';
import { Side } from './side.js';
import { useSteadyFocus } from './steady.js';
import { tip } from '../look/tip.js';

const close = () => lookAt({ member: '' });
const BOTH = tip('Both directions of this pair');
const MOST_PAIRS = 200;
const MOST_EVENTS = 20;

export function MemberPanel({ id }) {
  const known = useValue(grid);
  const refused = useValue(tooLarge);
  const told = useValue(events);
  const now = useClock();
  const place = known ? known.members.findIndex((member) => member.instance_id === id) : -1;
  if (place < 0) {
    return html`<${Side} title=${id} close=${close}><p>${known ? 'There is no such member in the ring: it left, or was not heard of for a day.' : (refused ?? 'Loading…')}</p><//>`;
  }
  const member = known.members[place];
  const own = told.filter((event) => event.instance_id === id || event.source?.instance_id === id || event.target?.instance_id === id);
  return html`
    <${Side} title=${`${id} (${member.location})`} close=${close}
      acts=${html`<a href=${address('api/v1/matrix', { source: id })} target="_blank" rel="noreferrer" ...${tip('Its part of the matrix, as the API has it')}>JSON</a>`}>
      <table class="facts">
        <tr><th scope="row">Status</th><td><span class=${`state ${member.status}`} data-shape=${STATUS_SHAPES[member.status]}>${member.status}</span></td></tr>
        <tr><th scope="row">Address</th><td>${member.address}</td></tr>
        <tr><th scope="row">Last heartbeat</th><td>${clock(member.last_seen)} (${ago(now - member.last_seen)})</td></tr>
        ${member.deregistered_at && html`<tr><th scope="row">Said goodbye</th><td>${clock(member.deregistered_at)} (${ago(now - member.deregistered_at)})</td></tr>`}
      </table>
      <${Pairs} grid=${known} place=${place} />
      <section>
        <h3>Last events</h3>
        ${own.length === 0 && html`<p class="dim">None that is known.</p>`}
        <table>${own.slice(0, MOST_EVENTS).map((event) => html`<tr><td class="number">${clock(event.at)}</td><td class="name">${eventWords(event)}</td></tr>`)}</table>
      </section>
    <//>
  `;
}

function Pairs({ grid, place }) {
  useSteadyFocus();
  const [row, column] = [grid.sources.indexOf(place), grid.targets.indexOf(place)];
  if (row < 0) return null;
  const width = grid.targets.length;
  const [[field, name]] = SHOWN[grid.metric];
  const { instance_id: id } = grid.members[place];
  // The rows and the columns of a whole grid are the same members.
  const at = (row, column) => (column < 0 ? -1 : row * width + column);
  const others = grid.sources
    .map((other, i) => ({ other: grid.members[other], there: at(row, grid.targets.indexOf(other)), back: at(i, column) }))
    .filter(({ other }) => other.instance_id !== id);
  const worst = ({ there, back }) => Math.max(grid.cells[there] ?? 0, grid.cells[back] ?? 0);
  others.sort((a, b) => worst(b) - worst(a));
  const cell = (at, from, to) => {
    const state = STATES[grid.cells[at] ?? CODE.none];
    return html`<td><a href=${addressOf({ source: from, target: to, member: '' })} ...${BOTH} class=${`state ${state}`} data-shape=${SHAPES[state]}>${state}</a>
      <span class="number">${grid.cells[at] === CODE.none ? '' : spelled(field, grid.values[field]?.[at])}</span></td>`;
  };
  return html`
    <section>
      <h3>${METRIC_NAMES[grid.metric]}: ${count(others.length, 'other member')}, the worst first</h3>
      <table class="pairs">
        <thead><tr><th>Other member</th><th>It reaches, ${name}</th><th>Is reached from, ${name}</th></tr></thead>
        ${others.slice(0, MOST_PAIRS).map(
          ({ other, there, back }) => html`<tr key=${other.instance_id}><td class="name">${other.instance_id} <span class="dim">${other.location}</span></td>
            ${cell(there, id, other.instance_id)}${cell(back, other.instance_id, id)}</tr>`,
        )}
      </table>
      ${others.length > MOST_PAIRS && html`<p class="dim">The first ${MOST_PAIRS} of them.</p>`}
    </section>
  `;
}
