// What is known of the ring, and how it is kept up to date: by asking every few seconds, and by the stream in between.
import { ask, Lost, Refused } from './ask.js';
import { askGrid, withChanges } from './grid.js';
import { lookedAt } from './looked-at.js';
import { learnClock, observable } from './observable.js';
import { SHOWN } from './selection.js';
import { listen } from './stream.js';

/** The matrix by members, as `data/grid.js` has it, with the `metric` that it is of. */
export const grid = observable(null);
/** Why there is none, where the ring is too large for one. */
export const tooLarge = observable(null);
/** The matrix by locations. */
export const rollup = observable(null);
/** What is at fault. */
export const faults = observable(null);
/** The newest events, the newest first. */
export const events = observable([]);
/** How the registry itself is. */
export const health = observable(null);
/** Expected members; null before they are known, and where the registry does not expect any. */
export const expected = observable(null);
/** The graph of locations and routers. It is asked for only while it is looked at. */
export const topology = observable(null);

/** Why the newest answer could not be had, by what was asked for: `grid`, `rollup`, `faults`, `health`, `expected`, `events`, `topology`. */
export const troubles = observable({});

const EVERY = 4_000;
const MAX_EVENTS = 1_000;

/** What is asked of the matrix for a metric. */
export const QUERIES = {
  all: { values: 'latency' },
  tcp: { kind: 'tcp', values: 'latency,p95' },
  http: { kind: 'http', values: 'latency,p95' },
  loss: { kind: 'udp,icmp', values: 'loss,jitter,latency' },
  bandwidth: { kind: 'bandwidth', values: 'download,upload' },
  traceroute: { kind: 'traceroute', values: 'hops,latency' },
};

let refusals = 0;

// Each has a loop of its own, so that a slow answer holds up no other.
const loops = {
  grid: loop('grid', async () => {
    const { metric, from, to } = lookedAt.get();
    // Of a ring that is too large for a whole matrix there are parts.
    const part = tooLarge.get() !== null;
    if (part && !from && !to) {
      grid.set(null);
      // It may have become smaller.
      if (++refusals % 15) return;
    }
    try {
      const answer = await askGrid({ ...QUERIES[metric], ...(part && { source_location: from, target_location: to }) }, SHOWN[metric][0][0]);
      if (lookedAt.get().metric !== metric) return;
      if (!from && !to) tooLarge.set(null);
      grid.set({ ...answer, metric });
    } catch (error) {
      if (!(error instanceof Refused && error.status === 422)) throw error;
      grid.set(null);
      tooLarge.set(error.message);
      loops.rollup.now();
    }
  }),
  rollup: loop(
    'rollup',
    async () => {
      const { metric } = lookedAt.get();
      const answer = await ask('api/v1/matrix', { by: 'location', kind: QUERIES[metric].kind });
      if (lookedAt.get().metric === metric) rollup.set({ ...answer, metric });
    },
    () => lookedAt.get().by === 'location' || tooLarge.get() !== null,
  ),
  faults: loop('faults', async () => faults.set(await ask('api/v1/faults'))),
  health: loop('health', async () => {
    const before = health.get();
    health.set(await ask('health'));
    if (health.get().timestamp !== undefined) learnClock(health.get().timestamp);
    if (!before) loops.expected.now();
  }),
  expected: loop(
    'expected',
    async () => expected.set(await ask('api/v1/expected')),
    () => health.get()?.analysis?.expected_members === true,
  ),
  // The stream may hang without a word, as after a laptop has slept.
  events: loop('events', async () => {
    const after = String(events.get()[0]?.id ?? 0);
    addEvents((await ask('api/v1/events', { after, limit: '500' })).events);
  }),
  topology: loop(
    'topology',
    async () => topology.set(await ask('api/v1/topology')),
    () => lookedAt.get().view === 'topology',
  ),
};

/** Asks again and again while `wanted`, and at once when `now` is called. */
function loop(name, once, wanted = () => true) {
  let timer = null;
  let running = false;
  let again = false;
  async function turn() {
    clearTimeout(timer);
    if (running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    try {
      if (wanted() && !document.hidden) {
        await once();
        if (troubles.get()[name]) troubles.set({ ...troubles.get(), [name]: undefined });
      }
    } catch (error) {
      troubles.set({ ...troubles.get(), [name]: error.message });
      // What the registry refuses or cannot do is told above the page. Anything else is a mistake of this page.
      if (!(error instanceof Refused || error instanceof Lost)) console.error(error);
    }
    running = false;
    timer = setTimeout(turn, again ? 300 : EVERY);
  }
  return { now: turn };
}

function addEvents(more) {
  const known = new Set(events.get().map((event) => event.id));
  const fresh = more.filter((event) => !known.has(event.id));
  if (fresh.length === 0) return;
  events.set([...fresh, ...events.get()].sort((a, b) => b.id - a.id).slice(0, MAX_EVENTS));
}

/** Everything from the beginning, and the stream from there on. */
async function begin() {
  try {
    const { events: newest, last_id } = await ask('api/v1/events', { limit: 500 });
    // Ids begin anew where a registry has lost its journal.
    if ((events.get()[0]?.id ?? 0) > last_id) events.set([]);
    addEvents(newest);
    return last_id;
  } catch {
    return null;
  }
}

function onEvent(kind, data) {
  if (!data) return everything();
  if (kind === 'matrix') {
    const known = grid.get();
    if (known && known.metric === 'all' && data.changes_total === data.changes.length) grid.set(withChanges(known, data.changes));
    else loops.grid.now();
    loops.rollup.now();
    return;
  }
  addEvents([data]);
  if (kind.startsWith('fault')) loops.faults.now();
  else if (['joined', 'left', 'stale', 'offline', 'online'].includes(kind)) {
    loops.grid.now();
    loops.rollup.now();
    loops.expected.now();
  }
}

function everything() {
  for (const one of Object.values(loops)) one.now();
}

/** Begins to ask. */
export function start() {
  everything();
  listen(begin, onEvent, everything);
  document.addEventListener('visibilitychange', () => document.hidden || everything());
  let before = lookedAt.get();
  lookedAt.watch(() => {
    const { metric, by, view, from, to } = lookedAt.get();
    const part = tooLarge.get() !== null && (from !== before.from || to !== before.to);
    if (metric !== before.metric || part) loops.grid.now();
    if (metric !== before.metric || by !== before.by) loops.rollup.now();
    if (view !== before.view) loops.topology.now();
    before = lookedAt.get();
  });
}
