// Asks again and again while a part of the page is shown.
import { useEffect, useState } from '../lib/htm-preact.js';
import { ask, Refused } from '../data/ask.js';

const NOTHING = { data: null, at: null, refused: null };
// What is not there now will hardly be there in a few seconds.
const LATER = 30_000;

/**
 * What `path` says, asked every `every` milliseconds while `wanted`: `data` is the last good answer, `at` when it came, in
 * seconds since 1970, and `refused` why there is no newer one. That the registry cannot be reached is told by `contact`.
 */
export function usePolled(path, query, every, wanted = true) {
  const [known, set] = useState(NOTHING);
  useEffect(() => {
    if (!wanted) return;
    let over = false;
    let timer = null;
    const turn = async () => {
      let wait = every;
      try {
        if (!document.hidden) {
          const data = await ask(path, query);
          if (!over) set({ data, at: Date.now() / 1000, refused: null });
        }
      } catch (error) {
        if (error instanceof Refused) {
          if (!over) set((before) => ({ ...before, refused: error }));
          if (error.status === 404) wait = LATER;
        }
      }
      if (!over) timer = setTimeout(turn, wait);
    };
    turn();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [path, JSON.stringify(query), every, wanted]);
  return known;
}
