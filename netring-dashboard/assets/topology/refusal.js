// Why there is no topology, or no newer one, where the registry answers all else.
import { useEffect, useRef, useState } from '../lib/htm-preact.js';
import { ask, Refused } from '../data/ask.js';
import { topology } from '../data/ring.js';

const LATE = 9_000;

/** What the registry says; null where it gives a topology, and where it does not answer at all. */
export function useRefusal(answer) {
  const [why, tell] = useState(null);
  const since = useRef(Date.now());
  useEffect(() => {
    since.current = Date.now();
    if (answer) tell(null);
  }, [answer]);
  useEffect(() => {
    const timer = setInterval(async () => {
      if (document.hidden || Date.now() - since.current < (topology.get() ? LATE : 0)) return;
      try {
        topology.set(await ask('api/v1/topology'));
      } catch (error) {
        // That it cannot be reached is told by the banner.
        tell(error instanceof Refused ? error.message : null);
      }
    }, 5_000);
    return () => clearInterval(timer);
  }, []);
  return why;
}
