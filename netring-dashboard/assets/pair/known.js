// What is known of a pair, and how it is asked for.
import { html, useEffect, useState } from '../lib/htm-preact.js';
import { ask, Refused } from '../data/ask.js';

/**
 * What `path` says, asked every `every` milliseconds while `wanted`: `data` is the last good answer, `at` when it came, in
 * seconds since 1970, and `refused` why there is no newer one; `none` where there is nothing to be had.
 */
export function usePolled(path, query, every, wanted = true) {
  const [known, set] = useState({});
  useEffect(() => {
    if (!wanted) return;
    let over = false;
    let timer = null;
    const turn = async () => {
      let wait = every;
      try {
        const data = document.hidden ? null : await ask(path, query);
        if (data && !over) set({ data, at: Date.now() / 1000 });
      } catch (error) {
        // That the registry cannot be reached is told by `contact`.
        if (error instanceof Refused && !over) set((before) => ({ ...before, refused: error }));
        // What is not there now will hardly be there in a few seconds.
        if (error.status === 404) wait = 30_000;
      }
      if (!over) timer = setTimeout(turn, wait);
    };
    turn();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [path, JSON.stringify(query), every, wanted]);
  return { ...known, none: !wanted || known.refused?.status === 404 };
}

/** Why there is nothing newer. */
export function Trouble({ of }) {
  const one = of.find(({ refused, none }) => refused && !none);
  return one && html`<p class="why">Could not be had: ${one.refused.message}.</p>`;
}

// A kind of one's own stands where 'own' is.
const KINDS = { tcp: 'TCP', http: 'HTTP', own: '', udp: 'UDP', icmp: 'ICMP', bandwidth: 'Bandwidth', traceroute: 'Traceroute' };
const rank = ({ kind }) => Object.keys(KINDS).indexOf(kind in KINDS ? kind : 'own');

/** The checks of both ways, the most telling first: each with its name, its kind, and what is known of it each way. */
export function byName(lists) {
  const all = new Map();
  lists.forEach((list, way) => {
    for (const check of list) {
      const { kind, endpoint = '' } = check;
      const name = `${KINDS[kind] ?? kind} ${endpoint}`.trim();
      if (!all.has(name)) all.set(name, { name, kind, both: [null, null] });
      all.get(name).both[way] = check;
    }
  });
  return [...all.values()].sort((a, b) => rank(a) - rank(b));
}
