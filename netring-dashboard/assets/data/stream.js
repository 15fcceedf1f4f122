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
  const again = (after) => void setTimeout(() => listen(begin, onEvent, onGap), after);
  // A browser has but six connections to a host, for all of its tabs: those that nobody sees keep none.
  if (document.hidden) return void document.addEventListener('visibilitychange', () => again(0), { once: true });
  const last = await begin();
  // The registry is not there: the browser would try without an end, and say so in its console each time.
  if (last === null) return again(AGAIN);
  const source = new EventSource(address('api/v1/stream', { last_event_id: String(last) }));
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
  for (const kind of KINDS) source.addEventListener(kind, ({ data }) => onEvent(kind, JSON.parse(data)));
  source.addEventListener('reset', anew);
  source.addEventListener('error', anew);
}
