// All events that are known here: the newest, which the stream tells, and older ones that were asked for.
import { ask, Refused } from '../data/ask.js';
import { observable } from '../data/observable.js';
import { events } from '../data/ring.js';

/** The most that the registry gives at once, and that are kept here. */
export const LIMIT = 1_000;
const MOST = 5_000;

/**
 * `list` has the newest first. `reach` says for a filter from when on nothing is missing in it: `-Infinity` where the registry
 * keeps none older. `told` has for a location the ids of events of which the registry says that they concern it.
 */
const NOTHING = { list: [], reach: {}, told: {}, asking: '', trouble: null };
export const known = observable(NOTHING);

const change = (changes) => known.set({ ...known.get(), ...changes });
const keyOf = (kind, location) => (kind || location ? `${kind} ${location}` : '');

/** From when on nothing is missing of what a filter leaves; undefined where nothing is known as yet. */
export function reachOf(kind, location) {
  const { reach } = known.get();
  const all = reach[keyOf('', '')];
  const some = reach[keyOf(kind, location)];
  return some === undefined || all < some ? all : some;
}

function merge(more) {
  const { list, reach } = known.get();
  const ids = new Set(list.map((event) => event.id));
  const fresh = more.filter((event) => !ids.has(event.id));
  if (fresh.length === 0) return;
  const all = [...fresh, ...list].sort((a, b) => b.at - a.at || b.id - a.id);
  if (all.length <= MOST) return change({ list: all });
  const oldest = all[MOST - 1].at;
  const less = Object.entries(reach).map(([key, from]) => [key, Math.max(from, oldest)]);
  change({ list: all.slice(0, MOST), reach: Object.fromEntries(less) });
}

// The newest id that the stream told.
let last = 0;

function follow() {
  const newest = events.get();
  // The ids have begun anew: what was known is of another journal.
  if (newest.length === 0) {
    last = 0;
    return change({ list: [], reach: {}, told: {} });
  }
  merge(newest);
  // Ids have no gaps. Where one is missing, the page was away for so long that it does not know what was in between.
  const fresh = newest.filter((event) => event.id > last);
  if (last > 0 && fresh.length > 0 && fresh.at(-1).id > last + 1) change({ reach: { '': fresh.at(-1).at } });
  last = newest[0].id;
  const { id, at } = newest.at(-1);
  const { reach } = known.get();
  if (reach[''] === undefined || id === 1) change({ reach: { ...reach, '': id === 1 ? -Infinity : at } });
}
events.watch(follow);

/** Asks for all that the registry keeps of some kinds (with commas) and a location. */
export async function askPast(kind, location) {
  const key = keyOf(kind, location);
  change({ asking: key || 'all' });
  try {
    const { events: found } = await ask('api/v1/events', { kind, location, limit: LIMIT });
    merge(found);
    const { reach, told } = known.get();
    const from = found.length < LIMIT ? -Infinity : Math.min(...found.map((event) => event.at));
    const concern = location && { [location]: new Set([...(told[location] ?? []), ...found.map((event) => event.id)]) };
    change({ reach: { ...reach, [key]: from }, told: { ...told, ...concern }, trouble: null });
  } catch (error) {
    change({ trouble: error instanceof Refused ? error.message : 'the registry cannot be reached' });
  }
  if (known.get().asking === (key || 'all')) change({ asking: '' });
}
