// Every member as a card, by locations.
import { Component, html, useMemo } from '../lib/htm-preact.js';
import { CODE, countsOf } from '../data/grid.js';
import { lookAt } from '../data/looked-at.js';
import { useClock } from '../data/observable.js';
import { SHOWN } from '../data/selection.js';
import { hideTip, showTip } from '../look/tip.js';
import { ago, clock, count, spelled, STATUS_SHAPES } from '../look/words.js';
import { MemberTip } from './member-tip.js';

const HOUR = 3_600;

export function Cards({ grid, state }) {
  const now = useClock(grid.members.length > 200 ? 10_000 : 1_000);
  const figures = useMemo(() => figuresOf(grid), [grid]);
  const gone = (member) => member.status === 'deregistered' && now - (member.deregistered_at ?? member.last_seen) > HOUR;
  const away = (member) => member.status === 'offline' || member.status === 'deregistered';
  // A member belongs to the picture where it may be a source or a target of what is looked at.
  const place = ({ location }) => (!state.from && !state.to) || location === state.from || location === state.to;
  const shown = grid.members.flatMap((member, i) => (place(member) && !gone(member) && (state.offline || !away(member)) ? [i] : []));
  const places = new Map();
  for (const i of shown) {
    const { location } = grid.members[i];
    places.set(location, [...(places.get(location) ?? []), i]);
  }
  if (shown.length === 0) return html`<p class="empty">${grid.members.length === 0 ? 'No member has joined as yet.' : 'The filters leave no member.'}</p>`;
  // Small locations stand beside each other, large ones below.
  const wide = (members) => (members.length > 6 ? 'place wide' : 'place');
  return html`<div class="places">${[...places].map(
    ([location, members]) => html`
      <div class=${wide(members)} key=${location} data-location=${location}>
        <h3>${location} <span class="dim">${count(members.length, 'member')}</span></h3>
        <div class="cards">
          ${members.map((i) => html`<${Card} key=${grid.members[i].instance_id} member=${grid.members[i]} line=${second(grid.members[i], figures[i], grid.metric, now)} />`)}
        </div>
      </div>
    `,
  )}</div>`;
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
  const figures = {};
  const { rows } = countsOf(grid);
  grid.sources.forEach((place, row) => {
    const of = (name) => rows[row * 5 + CODE[name]];
    const known = of('up') + of('degraded') + of('down');
    const mean = grid.means[row];
    figures[place] = { up: of('up'), known, all: known + of('unknown'), value: grid.metric === 'traceroute' ? Math.round(mean) : mean };
  });
  return figures;
}
