// Every member as a card, by locations.
import { Component, html, useMemo } from '../lib/htm-preact.js';
import { CODE, countsOf } from '../data/grid.js';
import { lookAt } from '../data/looked-at.js';
import { useClock } from '../data/observable.js';
import { SHOWN } from '../data/selection.js';
import { useInTurn } from '../data/turns.js';
import { hideTip, showTip } from '../look/tip.js';
import { ago, clock, count, spelled, STATUS_SHAPES } from '../look/words.js';
import { MemberTip } from './member-tip.js';

const HOUR = 3_600;

/** From so many members on they are drawn in parts, and so many at a time. */
const MANY = 200;
const PART = 30;

export function Cards({ grid, state }) {
  const now = useClock(grid.members.length > MANY ? 10_000 : 1_000);
  const { from, to, offline } = state;
  const places = useMemo(() => placesOf(grid, { from, to, offline }, now), [grid, from, to, offline, now]);
  if (places.length === 0) return html`<p class="empty">${grid.members.length === 0 ? 'No member has joined as yet.' : 'The filters leave no member.'}</p>`;
  // Small locations stand beside each other, large ones below.
  const wide = (members) => (members > 6 ? 'place wide' : 'place');
  return html`<div class="places">${places.map(
    ({ location, members, parts }) => html`
      <div class=${wide(members)} key=${location} data-location=${location}>
        <h3>${location} <span class="dim">${count(members, 'member')}</span></h3>
        <div class="cards">${parts.map((part, i) => html`<${Part} key=${i} part=${part} many=${grid.members.length > MANY} />`)}</div>
      </div>
    `,
  )}</div>`;
}

function Part({ part, many }) {
  const shown = useInTurn(part, many);
  return useMemo(
    () => shown.members.map((member) => html`<${Card} key=${member.instance_id} member=${member} line=${shown.line(member)} />`),
    [shown],
  );
}

/** The members that the filters leave, by location. */
function placesOf(grid, { from, to, offline }, now) {
  const gone = (member) => member.status === 'deregistered' && now - (member.deregistered_at ?? member.last_seen) > HOUR;
  const away = (member) => member.status === 'offline' || member.status === 'deregistered';
  const all = new Map();
  for (const member of grid.members) {
    const { location } = member;
    // A member belongs to the picture where it may be a source or a target of what is looked at.
    if ((from || to) && location !== from && location !== to) continue;
    if (gone(member) || (!offline && away(member))) continue;
    if (!all.has(location)) all.set(location, []);
    all.get(location).push(member);
  }
  const figures = figuresOf(grid);
  const line = (member) => second(member, figures.get(member), grid.metric, now);
  return [...all].map(([location, members]) => {
    const parts = [];
    for (let at = 0; at < members.length; at += PART) parts.push({ members: members.slice(at, at + PART), line });
    return { location, members: members.length, parts };
  });
}

/** A card is drawn again only where it says something else: there may be a thousand. */
class Card extends Component {
  shouldComponentUpdate({ member, line }) {
    return line !== this.props.line || member.status !== this.props.member.status;
  }

  render({ member, line }) {
    const { instance_id: id, status } = member;
    const show = ({ currentTarget }) => showTip(currentTarget, html`<${MemberTip} key=${id} id=${id} />`, currentTarget);
    const hide = ({ currentTarget }) => hideTip(currentTarget);
    return html`
      <button type="button" class=${`card ${status}`} data-member=${id} data-status=${status} aria-describedby="tip"
        onmouseenter=${show} onfocus=${show} onmouseleave=${hide} onblur=${hide}
        onclick=${() => lookAt({ member: id, source: '', target: '', fault: '' })}>
        <span class="name">${id}</span>
        <span class=${`state ${status}`} data-shape=${STATUS_SHAPES[status]}>${status}</span>
        <span class="dim">${line}</span>
      </button>
    `;
  }
}

function second(member, figures, metric, now) {
  if (member.status === 'deregistered') return `left at ${clock(member.deregistered_at ?? member.last_seen)}`;
  if (member.status === 'offline') return `last seen ${ago(now - member.last_seen)}`;
  if (!figures || figures.all === 0) return 'no other member to probe';
  const unknown = figures.all - figures.known;
  const reaches = `reaches ${figures.up} of ${figures.known}${unknown > 0 ? `, ${unknown} unknown` : ''}`;
  const [field] = SHOWN[metric][0];
  if (figures.known === 0) return 'nothing known of whom it reaches';
  return Number.isFinite(figures.value) ? `${reaches}, ${spelled(field, figures.value)}` : reaches;
}

/** For each member: how many others it reaches, of how many, and the mean of the metric's first value. */
function figuresOf(grid) {
  const figures = new Map();
  const { rows } = countsOf(grid);
  grid.sources.forEach((place, row) => {
    const of = (name) => rows[row * 5 + CODE[name]];
    const known = of('up') + of('degraded') + of('down');
    const mean = grid.means[row];
    const value = grid.metric === 'traceroute' ? Math.round(mean) : mean;
    figures.set(grid.members[place], { up: of('up'), known, all: known + of('unknown'), value });
  });
  return figures;
}
