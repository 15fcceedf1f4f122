// The stream of what happens: events with ids, from which it goes on after a break, and changes of the matrix without.
import { changes, event } from './answers.js';
import { address } from './ask.js';
import { observable } from './observable.js';

const KINDS = [
  'joined',
  'left',
  'stale',
  'offline',
  'online',
  'fault_opened',
  'fault_closed',
  'path_changed',
  'throughput_dropped',
  'matrix',
];
const AGAIN = 5_000;
const SLOWEST = 60_000;
/** A stream that lasted for so long did work. */
const WORKED = 10_000;

/** Since when it cannot be had while all else can, in milliseconds, as behind a proxy that lets no stream through; else null. */
export const cut = observable(null);

let failures = 0;
let failing = 0;

/** How long to wait: each time longer, for the browser writes each failure to its console, and not all pages at once. */
function pause() {
  return Math.min(SLOWEST, AGAIN * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
}

/**
 * Listens for ever. `begin` loads what was before and gives the id to go on from; `onEvent` takes what happens; `onGap` is
 * called where something may have been missed.
 */
export async function listen(begin, onEvent, onGap) {
  const again = (after) => void setTimeout(() => listen(begin, onEvent, onGap), after);
  // A browser has but six connections to a host, for all of its tabs: those that nobody sees keep none.
  if (document.hidden) return void document.addEventListener('visibilitychange', () => again(0), { once: true });
  const last = await begin();
  // The registry is not there: the browser would try without an end, and say so in its console each time.
  if (last === null) return again(AGAIN);
  const source = new EventSource(address('api/v1/stream', { last_event_id: String(last) }));
  const began = Date.now();
  const end = (after) => {
    source.close();
    document.removeEventListener('visibilitychange', onHidden);
    again(after);
  };
  const onHidden = () => document.hidden && end(0);
  document.addEventListener('visibilitychange', onHidden);
  const anew = () => {
    onGap();
    end(AGAIN);
  };
  for (const kind of KINDS) source.addEventListener(kind, ({ data }) => onEvent(kind, read(kind, data)));
  source.addEventListener('open', () => cut.set(null));
  source.addEventListener('reset', anew);
  source.addEventListener('error', () => {
    failures = Date.now() - began > WORKED ? 1 : failures + 1;
    if (failures === 1) failing = Date.now();
    // Once may be a restart.
    else cut.set(failing);
    onGap();
    end(pause());
  });
}

/** Undefined where it is not understood: all is asked for anew then. */
function read(kind, data) {
  try {
    return (kind === 'matrix' ? changes : event)(JSON.parse(data));
  } catch {
    return undefined;
  }
}
