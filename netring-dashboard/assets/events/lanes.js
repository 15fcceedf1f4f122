// What the band chart draws: faults as bars, one row for each of those at the same time, and other events as marks.
import { KINDS } from './kinds.js';

/** Each fault as it was told last: `from`, `to`, and whether it is `open` or its end is `lost`. */
export function bars(list, faults, takes, now) {
  const newest = new Map();
  const tell = (fault, at, open) => {
    if (!(newest.get(fault.id)?.at > at)) newest.set(fault.id, { fault, at, open });
  };
  // What the faults say of themselves counts from when they were judged; it names all that are open, but for very many.
  const all = faults !== null && faults.open.length < 200;
  for (const { fault, at, kind } of [...list].reverse()) {
    if (!fault) continue;
    const open = kind === 'fault_opened';
    tell(fault, at, open && all && at < faults.at ? null : open);
  }
  for (const fault of faults?.open ?? []) if (takes(fault)) tell(fault, faults.at, true);
  for (const fault of faults?.closed ?? []) if (takes(fault)) tell(fault, faults.at, false);
  return [...newest.values()]
    .map(({ fault, at, open }) => ({ fault, from: fault.since, to: open ? now : fault.closed_at ?? at, open, lost: open === null }))
    .sort((a, b) => a.from - b.from);
}

/** Puts bars in rows so that none hides another; `over` counts those for which `most` rows are not enough. */
export function stack(all, most, gap) {
  const ends = [];
  const placed = [];
  // Those that are open are drawn in any case.
  for (const bar of [...all].sort((a, b) => Boolean(b.open) - Boolean(a.open) || a.from - b.from)) {
    let row = ends.findIndex((taken) => taken.every((other) => bar.from > other.to + gap || bar.to + gap < other.from));
    if (row < 0) row = ends.push([]) - 1;
    if (row >= most) continue;
    ends[row].push(bar);
    placed.push({ ...bar, row });
  }
  return { placed: placed.sort((a, b) => a.from - b.from), rows: Math.min(most, ends.length), over: all.length - placed.length };
}

/** Events of `kinds` in bins of `size` seconds, which stay where they are as time goes on. The worst gives a bin its look. */
export function bins(list, kinds, start, size) {
  const all = new Map();
  for (const event of list) {
    if (event.at < start || !kinds.includes(event.kind)) continue;
    const place = Math.floor(event.at / size);
    if (!all.has(place)) all.set(place, { place, at: (place + 0.5) * size, events: [], worst: event.kind });
    const bin = all.get(place);
    bin.events.push(event);
    if (KINDS[event.kind].rank > KINDS[bin.worst].rank) bin.worst = event.kind;
  }
  return [...all.values()].sort((a, b) => a.place - b.place);
}

const STEPS = [600, 3_600, 10_800, 86_400];

/** Round times from `start` to `end`, about eight of them at most. */
export function roundTimes(start, end) {
  const step = STEPS.find((length) => (end - start) / length <= 8) ?? STEPS.at(-1);
  // Round by the clock on the wall.
  const shift = new Date(start * 1000).getTimezoneOffset() * 60;
  const times = [];
  for (let at = Math.ceil((start - shift) / step) * step + shift; at < end; at += step) times.push(at);
  return times;
}
