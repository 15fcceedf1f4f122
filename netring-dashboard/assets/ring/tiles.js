// How many members and pairs there are, and how they stand.
import { html, useMemo } from '../lib/htm-preact.js';
import { CODE, STATES } from '../data/grid.js';
import { tip } from '../look/tip.js';
import { latency, SHAPES, STATUS_SHAPES } from '../look/words.js';

const STATUSES = {
  online: 'Heard of within its time',
  stale: 'Has missed heartbeats',
  offline: 'Not heard of for longer than its time to live',
  deregistered: 'Said goodbye within the last hour',
};
const PAIRS = {
  up: 'Pairs of which every check that counts is up',
  degraded: 'Pairs of which some checks are up and others down',
  down: 'Pairs of which every check that counts is down',
  unknown: 'Pairs of which nothing is known: no report, or an old one',
};

export function Tiles({ grid }) {
  const pairs = useMemo(() => tally(grid), [grid]);
  const members = (status) => grid.members.filter((member) => member.status === status).length;
  return html`
    <section class="tiles" aria-label="The ring in numbers">
      ${Object.entries(STATUSES).map(
        ([status, what]) => html`<${Tile} key=${status} number=${members(status)} words=${status} state=${status} shape=${STATUS_SHAPES[status]} what=${what} />`,
      )}
      ${Object.entries(PAIRS).map(
        ([name, what]) => html`<${Tile} key=${name} number=${pairs[name]} words=${`pairs ${name}`} state=${name} shape=${SHAPES[name]} what=${what} />`,
      )}
      ${Number.isFinite(pairs.median) &&
      html`<${Tile} number=${latency(pairs.median)} words="median latency" state="" shape="" what="Of all pairs of which a latency is known" />`}
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

function tally({ cells, values }) {
  const counts = { none: 0, up: 0, unknown: 0, degraded: 0, down: 0 };
  for (const code of cells) counts[STATES[code]]++;
  const known = values.latency_seconds?.filter((value) => value === value) ?? [];
  return { ...counts, median: known.length > 0 ? nth(known, known.length >> 1) : NaN };
}

/** The value that would stand at `place` if `list` were sorted: Hoare's quickselect, for there may be a million. */
function nth(list, place) {
  let [from, to] = [0, list.length - 1];
  while (from < to) {
    const middle = list[(from + to) >> 1];
    let [left, right] = [from, to];
    while (left <= right) {
      while (list[left] < middle) left++;
      while (list[right] > middle) right--;
      if (left > right) break;
      [list[left], list[right]] = [list[right], list[left]];
      left++;
      right--;
    }
    if (place <= right) to = right;
    else if (place >= left) from = left;
    else break;
  }
  return list[place];
}
