// What the matrix draws, whether of members or of locations: rows and columns with names, a state and a value for each cell.
import { CODE, countsOf, STATES } from '../data/grid.js';
import { select, SHOWN, source, target } from '../data/selection.js';
import { scaled, SCALES, STEPS } from '../data/scale.js';
import { count, latency, percent, rate, spelled } from '../look/words.js';

/**
 * A board has `rows` and `columns`: lists of {name, group}; `codes`: the state of each cell, `none` where there is no pair;
 * `counts`: how many have each; `left`: whether the filters leave it, where they do not leave all; `values`: what is shown of it;
 * `shades`: where that stands from 0 (best) to `STEPS`; `brief` and `words`: a cell as a few characters, and in full; `note`: what is said of a cell that is not up; `choose`: what
 * to look at where it is clicked; `largest`: how large a cell may become.
 */
export function ofMembers(grid, state) {
  const chosen = select(grid, state);
  const { rows, columns } = chosen;
  const width = grid.targets.length;
  const [field] = SHOWN[grid.metric][0];
  const cell = (y, x) => rows[y] * width + columns[x];
  const names = (y, x) => [source(grid, rows[y]), target(grid, columns[x])];
  const label = (member) => ({ name: member.instance_id, group: member.location });
  return {
    rows: rows.map((row) => label(source(grid, row))),
    columns: columns.map((column) => label(target(grid, column))),
    ...partOf(grid, chosen, field),
    largest: 60,
    brief: (value) => spelled(field, value),
    note: () => '',
    words(y, x) {
      const [from, to] = names(y, x);
      const values = SHOWN[grid.metric].map(([name, text]) => [text, spelled(name, grid.values[name]?.[cell(y, x)])]);
      return { title: `${from.instance_id} → ${to.instance_id}`, state: STATES[grid.cells[cell(y, x)]], values };
    },
    choose(y, x) {
      const [from, to] = names(y, x);
      return { source: from.instance_id, target: to.instance_id, fault: '' };
    },
  };
}

// Which of its rolled-up values a location's cell is shaded by.
const ROLLED = {
  loss: ['loss_ratio', 'worst', percent],
  bandwidth: ['download_bits_per_second', 'median', rate],
};

export function ofLocations(rollup, state) {
  const places = (wanted) => rollup.locations.map((place) => place.location).filter((place) => !wanted || place === wanted);
  const [rows, columns] = [places(state.from), places(state.to)];
  const pairs = new Map(rollup.pairs.map((pair) => [`${pair.source_location}\n${pair.target_location}`, pair]));
  const pair = (y, x) => pairs.get(`${rows[y]}\n${columns[x]}`);
  const [field, which, spell] = ROLLED[rollup.metric] ?? ['latency_seconds', 'median', latency];
  const [above, below] = [Number(state.above || 0) / 1000, state.below === '' ? Infinity : Number(state.below) / 1000];
  const takes = ({ state: is, latency_seconds: times }) => {
    if (state.failures && CODE[is] < CODE.degraded) return false;
    if (rollup.metric === 'bandwidth' || (state.above === '' && state.below === '')) return true;
    return times !== undefined && times.worst >= above && times.best <= below;
  };
  const all = rows.flatMap((_, y) => columns.map((_, x) => pair(y, x)));
  const codes = Uint8Array.from(all, (one) => (one ? CODE[one.state] : CODE.none));
  const values = all.map((one) => one?.[field]?.[which]);
  return {
    rows: rows.map((name) => ({ name, group: name })),
    columns: columns.map((name) => ({ name, group: name })),
    codes,
    counts: tally(codes),
    values,
    shades: values.map((value) => Math.round(scaled(value, SCALES[field]) * STEPS)),
    left: Uint8Array.from(all, (one) => Boolean(one) && takes(one)),
    largest: 110,
    brief: (value) => spell(value),
    note(y, x) {
      const { state: is, up, down, degraded, unknown } = pair(y, x);
      const those = { down, degraded, unknown }[is];
      return Number.isFinite(up + down + degraded + unknown) ? `${those} of ${up + down + degraded + unknown}` : '';
    },
    words(y, x) {
      const known = pair(y, x);
      if (!known) return { title: `${rows[y]} → ${columns[x]}`, state: 'none', values: [['no pair', '']] };
      const of = ['up', 'degraded', 'down', 'unknown'].filter((name) => known[name] > 0).map((name) => `${known[name]} ${name}`);
      const values = [['pairs', of.join(', ')]];
      for (const name of ['worst', 'median', 'best']) if (known[field]) values.push([`${name}`, spell(known[field][name])]);
      return { title: `${rows[y]} → ${columns[x]}`, state: known.state, values };
    },
    choose: (y, x) => ({ by: 'member', from: rows[y], to: columns[x], zoom: '' }),
  };
}

/** The part of the arrays of a grid that is shown: there may be a million cells, and all of them serve as they are. */
function partOf(grid, { rows, columns, takes, all }, field) {
  const { cells, values, shades, targets } = grid;
  const known = values[field];
  if (all && rows.length * columns.length === cells.length) return { codes: cells, counts: countsOf(grid).all, values: known, shades };
  const size = rows.length * columns.length;
  const part = { codes: new Uint8Array(size), values: known && new Float32Array(size), shades: new Uint8Array(size), left: new Uint8Array(size) };
  for (let y = 0, at = 0; y < rows.length; y++) {
    for (let x = 0; x < columns.length; x++, at++) {
      const from = rows[y] * targets.length + columns[x];
      part.codes[at] = cells[from];
      part.shades[at] = shades[from];
      if (known) part.values[at] = known[from];
      part.left[at] = Number(takes(from));
    }
  }
  return { ...part, counts: tally(part.codes) };
}

/** How many cells have each code. */
function tally(codes) {
  const all = new Uint32Array(STATES.length);
  for (const code of codes) all[code]++;
  return all;
}

/** What a board shows, for those who do not see it. */
export function summary({ rows, columns, counts }) {
  const parts = ['up', 'degraded', 'down', 'unknown'].map((name) => `${counts[CODE[name]]} ${name}`);
  return `Matrix of ${count(rows.length, 'source')} by ${count(columns.length, 'target')}: ${parts.join(', ')}. Arrow keys, Home, End, Page Up and Page Down move, Enter opens.`;
}
