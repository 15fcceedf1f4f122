// Loads the grid of a large ring and turns it into arrays of numbers, so that the page itself never waits for a parser.
// What is to be told of each of a million values is found here, too.
import { gridOf } from './answers.js';
import { nth, scaled, SCALES, STEPS } from './scale.js';

const CODES = { '.': 0, '+': 1, '?': 2, '~': 3, x: 4 };
const UNKNOWN = CODES['?'];
const VALUES = [
  'latency_seconds',
  'round_trip_time_p95_seconds',
  'loss_ratio',
  'interarrival_jitter_seconds',
  'download_bits_per_second',
  'upload_bits_per_second',
  'hops',
  'age_seconds',
];

async function load(url, field) {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000), cache: 'no-cache' });
  const body = await response.json().catch(() => null);
  const { status, ok } = response;
  if (!ok) return { status, message: typeof body?.error === 'string' ? body.error : `the answer has the status ${status}` };
  const known = gridOf(body);
  return { status, grid: known && pack(known, body, field) };
}

/** `field`: the value that a pair is judged by. */
function pack(known, body, field) {
  const { sources, targets } = known;
  // A table of another size is of other members.
  const rowOf = (table, y) => (table?.length === sources.length && table[y]?.length === targets.length ? table[y] : []);
  const [rows, columns] = [sources.length, targets.length];
  const cells = new Uint8Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const row = rowOf(body.states, y);
    // What is not told, or by a character of another version, is unknown; but nobody probes itself.
    for (let x = 0; x < columns; x++) cells[y * columns + x] = CODES[row[x]] ?? (sources[y] === targets[x] ? 0 : UNKNOWN);
  }
  const values = {};
  for (const name of VALUES) {
    if (!body[name]) continue;
    const packed = (values[name] = new Float32Array(rows * columns).fill(NaN));
    for (let y = 0; y < rows; y++) {
      const row = rowOf(body[name], y);
      for (let x = 0; x < columns; x++) if (Number.isFinite(row[x])) packed[y * columns + x] = row[x];
    }
  }
  return { ...known, cells, values, ...judged(values[field], SCALES[field], rows, columns), median: median(values.latency_seconds) };
}

/** Where each value stands from 0 (best) to `STEPS`, and the mean of each row. */
function judged(values, scale, rows, columns) {
  const shades = new Uint8Array(rows * columns);
  const means = new Float32Array(rows).fill(NaN);
  for (let y = 0; values && y < rows; y++) {
    let [sum, known] = [0, 0];
    for (let at = y * columns; at < (y + 1) * columns; at++) {
      const value = values[at];
      if (value !== value) continue;
      sum += value;
      known++;
      shades[at] = Math.round(scaled(value, scale) * STEPS);
    }
    if (known > 0) means[y] = sum / known;
  }
  return { shades, means };
}

function median(values) {
  const known = values?.filter((value) => value === value) ?? [];
  return known.length > 0 ? nth(known, known.length >> 1) : NaN;
}

self.onmessage = async ({ data: { id, url, field } }) => {
  let answer;
  try {
    answer = await load(url, field);
  } catch (error) {
    answer = { lost: String(error) };
  }
  const { cells, shades, means, values } = answer.grid ?? {};
  const buffers = cells ? [cells, shades, means, ...Object.values(values)].map((array) => array.buffer) : [];
  self.postMessage({ id, ...answer }, buffers);
};
