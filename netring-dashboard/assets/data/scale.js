// Where values stand on a scale. The worker needs it as well as what draws.

/**
 * Where a value stands on a scale from 0 (best) to 1 (worst). The scale is logarithmic: from 1 ms to 2 ms is as far as
 * from 100 ms to 200 ms.
 */
export function scaled(value, [best, worst]) {
  if (!(value > 0)) return 0;
  const at = Math.log(value / best) / Math.log(worst / best);
  return at < 0 ? 0 : at > 1 ? 1 : at;
}

/** What is shown for a metric: the values in the order of their weight, how they are written, and their scale. */
export const SCALES = {
  latency_seconds: [0.001, 0.4],
  loss_ratio: [0.001, 0.2],
  download_bits_per_second: [1e9, 1e6],
  hops: [1, 30],
};

/** The same in whole steps, for arrays that have a byte for each of a million. */
export const STEPS = 255;

/** The value that would stand at `place` if `list` were sorted: Hoare's quickselect, for there may be a million. */
export function nth(list, place) {
  let [from, to] = [0, list.length - 1];
  while (from < to) {
    const middle = list[(from + to) >> 1];
    let [left, right] = [from, to];
    while (left <= right) {
      while (list[left] < middle) left++;
      while (list[right] > middle) right--;
      if (left > right) break;
      const other = list[left];
      list[left++] = list[right];
      list[right--] = other;
    }
    if (place <= right) to = right;
    else if (place >= left) from = left;
    else break;
  }
  return list[place];
}
