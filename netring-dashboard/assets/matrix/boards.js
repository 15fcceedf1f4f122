// What the matrix draws, whether of members or of locations: rows and columns with names, a state and a value for each cell.
import { CODE, STATES } from '../data/grid.js';
import { select, SHOWN, source, target } from '../data/selection.js';
import { scaled, SCALES } from '../look/palette.js';
import { count, latency, percent, rate, spelled } from '../look/words.js';

/**
 * A board has `rows` and `columns`: lists of {name, group}; `codes`: the state of each cell, `none` where there is no pair;
 * `left`: whether the filters leave it; `values`: what is shown of it; `shades`: where that stands from 0 (best) to 1;
 * `brief` and `words`: a cell as a few characters, and in full; `note`: what is said of a cell that is not up; `choose`: what
 * to look at where it is clicked; `largest`: how large a cell may become.
 */
export function ofMembers(grid, state) {
  const { rows, columns, takes, all } = select(grid, state);
  const width = grid.targets.length;
  const [field] = SHOWN[grid.metric][0];
  const cell = (y, x) => rows[y] * width + columns[x];
  const names = (y, x) => [source(grid, rows[y]), target(grid, columns[x])];
  const label = (member) => ({ name: member.instance_id, group: member.location });
  return {
    rows: rows.map((row) => label(source(grid, row))),
    columns: columns.map((column) => label(target(grid, column))),
    ...filled(rows.length, columns.length, field, cell, grid.cells, grid.values[field], all ? null : takes),
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
  const flat = () => {
    const all = rows.flatMap((_, y) => columns.map((_, x) => pair(y, x)));
    return [all.map((one) => (one ? CODE[one.state] : CODE.none)), all.map((one) => one?.[field]?.[which]), (i) => all[i] && takes(all[i])];
  };
  return {
    rows: rows.map((name) => ({ name, group: name })),
    columns: columns.map((name) => ({ name, group: name })),
    ...filled(rows.length, columns.length, field, (y, x) => y * columns.length + x, ...flat()),
    largest: 110,
    brief: (value) => spell(value),
    note(y, x) {
      const { state: is, up, down, degraded, unknown } = pair(y, x);
      const those = { down, degraded, unknown }[is];
      return `${those} of ${up + down + degraded + unknown}`;
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

/** The arrays of a board. There may be a million cells: nothing is made for each. */
function filled(height, width, field, cell, cells, known, takes) {
  const codes = new Uint8Array(height * width);
  const left = new Uint8Array(height * width).fill(1);
  const values = new Float32Array(height * width).fill(NaN);
  const shades = new Float32Array(height * width);
  const scale = SCALES[field];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const from = cell(y, x);
      codes[at] = cells[from];
      if (takes && !takes(from)) left[at] = 0;
      if (!known) continue;
      values[at] = known[from];
      shades[at] = scaled(values[at], scale);
    }
  }
  return { codes, left, values, shades };
}

/** What a board shows, for those who do not see it. */
export function summary({ rows, columns, codes }) {
  const counts = {};
  for (const code of codes) counts[STATES[code]] = (counts[STATES[code]] ?? 0) + 1;
  const parts = ['up', 'degraded', 'down', 'unknown'].map((name) => `${counts[name] ?? 0} ${name}`);
  return `Matrix of ${count(rows.length, 'source')} by ${count(columns.length, 'target')}: ${parts.join(', ')}. Arrow keys, Home, End, Page Up and Page Down move, Enter opens.`;
}
