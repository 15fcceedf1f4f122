// What the parts of the panel share: how they are asked for, and what checks are called.
import { html, useEffect, useState } from '../lib/htm-preact.js';
import { ask, Refused } from '../data/ask.js';

/** Asks while `wanted`: `data` is the last good answer, `at` when it came, `refused` why none is newer; `none`: there is nothing. */
export function usePolled(path, query, every, wanted = true) {
  const [last, set] = useState({});
  const asked = JSON.stringify([path, query]);
  // What was asked before is no answer to this.
  const known = last.asked === asked ? last : {};
  useEffect(() => {
    if (!wanted) return;
    let over = false;
    let timer = null;
    const turn = async () => {
      let wait = every;
      try {
        const data = document.hidden ? null : await ask(path, query);
        if (data && !over) set({ asked, data, at: Date.now() / 1000 });
      } catch (error) {
        // That the registry cannot be reached is told by `contact`.
        if (error instanceof Refused && !over) set((before) => ({ ...(before.asked === asked && before), asked, refused: error }));
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
  }, [asked, every, wanted]);
  return { ...known, none: !wanted || known.refused?.status === 404 };
}

export function Part({ name, title, children, ...more }) {
  const id = `pair-${name}`;
  return html`<section aria-labelledby=${id} ...${more}><h3 id=${id}>${title} <span class="old-mark">old</span></h3>${children}</section>`;
}

/** Says why there is nothing to show, or nothing newer: `text` where there is nothing to be had. */
export function Missing({ of, text, nothing = of.every(({ none }) => none) }) {
  const trouble = of.find(({ refused, none }) => refused && !none);
  if (trouble) return html`<p class="why">Could not be had: ${trouble.refused.message}.</p>`;
  if (nothing) return html`<p class="dim">${text}</p>`;
  return !of.some(({ data }) => data) && html`<p class="dim">Loading…</p>`;
}

const KINDS = { tcp: 'TCP', http: 'HTTP', udp: 'UDP', icmp: 'ICMP', bandwidth: 'Bandwidth', traceroute: 'Traceroute' };

/** The checks of both ways: each with its name and what is known of it each way. */
export function byName(lists) {
  const all = new Map();
  lists.forEach((list, way) => {
    for (const check of list) {
      const { kind, endpoint = '' } = check;
      const name = `${KINDS[kind] ?? kind} ${endpoint}`.trim();
      if (!all.has(name)) all.set(name, { name, both: [null, null] });
      all.get(name).both[way] = check;
    }
  });
  return [...all.values()];
}
