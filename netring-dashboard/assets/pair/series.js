// What is remembered of a check, as a line: times, values, and where the check failed.

import { count } from '../look/words.js';

/** Which field is which in the results of the last hour, and in the half hours of the last day. */
export const FIELDS = {
  latency: { hour: 'round_trip_time_seconds', day: 'median_round_trip_time_seconds', most: 'max_round_trip_time_seconds' },
  loss: { hour: 'loss_ratio', day: 'mean_loss_ratio' },
  download: { hour: 'download_bits_per_second', day: 'median_download_bits_per_second' },
  upload: { hour: 'upload_bits_per_second', day: 'median_upload_bits_per_second' },
};

export const HALF_HOUR = 1800;

/**
 * The line of `field` of a check; `x` and `y` are as long as each other, and a null in `y` is a gap. By half hours there is also
 * the highest value of each, in `most`, where it is known.
 */
export function series(check, field, tier) {
  const names = FIELDS[field];
  const line = { tier, x: [], y: [], bad: [], most: tier === 'day' && names.most ? [] : null };
  const points = check ? (tier === 'hour' ? hour(check.hour, names) : day(check.day, names)) : [];
  const pause = longest(points);
  let before = Infinity;
  for (const { at, value, most, bad } of points) {
    if (bad) line.bad.push(at);
    if (value === undefined) continue;
    // Where nothing came for long nothing is known, and no line is drawn.
    if (at - before > pause) put(line, (at + before) / 2, null);
    put(line, at, value, most);
    before = at;
  }
  return line;
}

function put(line, at, value, most = null) {
  line.x.push(at);
  line.y.push(value);
  line.most?.push(most);
}

function hour(samples, { hour: field }) {
  return (samples ?? []).map((sample) => {
    const bad = sample.state === 'down';
    return { at: sample.at, value: sample[field] ?? (bad ? null : undefined), bad };
  });
}

function day(halves, { day: field, most }) {
  return (halves ?? []).map((half) => ({
    at: half.start + HALF_HOUR / 2,
    value: half[field] ?? (half.bad ? null : undefined),
    most: half[most],
    bad: half.bad > 0,
  }));
}

/** What is longer than any usual time between two points. */
function longest(points) {
  const steps = points.slice(1).map(({ at }, i) => at - points[i].at);
  steps.sort((a, b) => a - b);
  return Math.max(5, 3 * (steps[steps.length >> 1] ?? Infinity));
}

/** Whether there is anything to draw. */
export function hasAny(lines) {
  return lines.some(({ y, bad }) => bad.length > 0 || y.some(Number.isFinite));
}

/** A line in words. */
export function inWords({ tier, y, bad, most }, write) {
  const values = y.filter(Number.isFinite).sort((a, b) => a - b);
  const times = tier === 'hour' ? count(bad.length, 'failure') : `failures in ${count(bad.length, 'half hour')}`;
  const failed = bad.length > 0 ? `, ${times}` : '';
  if (values.length === 0) return `nothing measured${failed}`;
  const highest = Math.max(values.at(-1), ...(most ?? []));
  return `least ${write(values[0])}, median ${write(values[values.length >> 1])}, most ${write(highest)}${failed}`;
}
