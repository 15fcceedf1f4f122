// What the filters leave of the grid, and what is shown of each pair.
import { CODE } from './grid.js';

/** The values of a metric that are shown, the one that a cell is shaded by first: field, name, and unit by its function. */
export const SHOWN = {
  all: [['latency_seconds', 'latency']],
  tcp: [
    ['latency_seconds', 'round trip'],
    ['round_trip_time_p95_seconds', 'p95 of the last hour'],
  ],
  http: [
    ['latency_seconds', 'round trip'],
    ['round_trip_time_p95_seconds', 'p95 of the last hour'],
  ],
  loss: [
    ['loss_ratio', 'loss'],
    ['interarrival_jitter_seconds', 'jitter'],
    ['latency_seconds', 'round trip'],
  ],
  bandwidth: [
    ['download_bits_per_second', 'download'],
    ['upload_bits_per_second', 'upload'],
  ],
  traceroute: [
    ['hops', 'hops'],
    ['latency_seconds', 'round trip'],
  ],
};

/**
 * The rows and columns that the filters by location leave, and whether a cell is one of those that the others leave.
 * `rows` and `columns` are places in `sources` and `targets` of the grid.
 */
export function select(grid, state) {
  const at = (places, wanted) =>
    places.flatMap((place, i) => (!wanted || grid.members[place].location === wanted ? [i] : []));
  const above = state.above === '' ? -Infinity : Number(state.above) / 1000;
  const below = state.below === '' ? Infinity : Number(state.below) / 1000;
  const latency = grid.values.latency_seconds;
  const byLatency = latency !== undefined && (above > -Infinity || below < Infinity);
  const takes = (cell) => {
    const code = grid.cells[cell];
    if (code === CODE.none) return false;
    if (state.failures && code < CODE.degraded) return false;
    // A pair without a latency is neither above nor below one.
    return !byLatency || (latency[cell] >= above && latency[cell] <= below);
  };
  return { rows: at(grid.sources, state.from), columns: at(grid.targets, state.to), takes, all: !state.failures && !byLatency };
}

/** The member of a row, and of a column. */
export const source = (grid, row) => grid.members[grid.sources[row]];
export const target = (grid, column) => grid.members[grid.targets[column]];

/** Why these members are no pair; undefined where there are some that could be. */
export function noPair(members) {
  if (members.length === 0) return 'No member has joined as yet.';
  const active = members.filter(({ status }) => status !== 'offline' && status !== 'deregistered').length;
  if (active === 0) return 'Nobody probes: all members are offline, or have left.';
  return active === 1 ? 'There is one member alone, and no other to probe.' : undefined;
}
