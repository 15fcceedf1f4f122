// The stream of what happens: events with ids, from which it goes on after a break, and changes of the matrix without.
import { address } from './ask.js';

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

/**
 * Listens for ever. `begin` loads what was before and gives the id to go on from; `onEvent` takes what happens; `onGap` is
 * called where something may have been missed.
 */
export async function listen(begin, onEvent, onGap) {
  const last = await begin();
  // The registry is not there: the browser would try without an end, and say so in its console each time.
  if (last === null) return void setTimeout(() => listen(begin, onEvent, onGap), AGAIN);
  const source = new EventSource(address('api/v1/stream', { last_event_id: String(last) }));
  const anew = () => {
    source.close();
    onGap();
    setTimeout(() => listen(begin, onEvent, onGap), AGAIN);
  };
  for (const kind of KINDS) source.addEventListener(kind, ({ data }) => onEvent(kind, JSON.parse(data)));
  source.addEventListener('reset', anew);
  source.addEventListener('error', anew);
}
