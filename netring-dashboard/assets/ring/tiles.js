// How many members and pairs there are, and how they stand.
import { html } from '../lib/htm-preact.js';
import { CODE, countsOf } from '../data/grid.js';
import { tip } from '../look/tip.js';
import { latency, SHAPES, STATUS_SHAPES } from '../look/words.js';

const STATUSES = {
  online: 'Heard of within its time',
  stale: 'Has missed heartbeats',
  offline: 'Not heard of for longer than its time to live',
  deregistered: 'Said goodbye within the last hour',
  unknown: 'How they stand is not told in words that this page knows',
};
const PAIRS = {
  up: 'Pairs of which every check that counts is up',
  degraded: 'Pairs of which some checks are up and others down',
  down: 'Pairs of which every check that counts is down',
  unknown: 'Pairs of which nothing is known: no report, or an old one',
};

export function Tiles({ grid }) {
  const pairs = countsOf(grid).all;
  const members = (status) => grid.members.filter((member) => member.status === status).length;
  return html`
    <section class="tiles" aria-label="The ring in numbers">
      ${Object.entries(STATUSES).map(
        ([status, what]) => (status !== 'unknown' || members(status) > 0) && html`<${Tile} key=${status} number=${members(status)} words=${status} state=${status} shape=${STATUS_SHAPES[status]} what=${what} />`,
      )}
      ${Object.entries(PAIRS).map(
        ([name, what]) => html`<${Tile} key=${name} number=${pairs[CODE[name]]} words=${`pairs ${name}`} state=${name} shape=${SHAPES[name]} what=${what} />`,
      )}
      ${Number.isFinite(grid.median) &&
      html`<${Tile} number=${latency(grid.median)} words="median latency" state="" shape="" what="Of all pairs of which a latency is known" />`}
    </section>
  `;
}

function Tile({ number, words, state, shape, what }) {
  // What is not there needs no colour.
  const shown = number === 0 ? 'dim' : `state ${state}`;
  return html`<div class="tile" tabindex="0" data-tile=${words} ...${tip(what)}>
    <b class=${shown} data-shape=${number === 0 ? '' : shape}>${number}</b><span class="dim">${words}</span>
  </div>`;
}
