// A value that others can watch.
import { useLayoutEffect, useState } from '../lib/htm-preact.js';

export function observable(value) {
  const watchers = new Set();
  return {
    get: () => value,
    set(next) {
      if (next === value) return;
      value = next;
      for (const watcher of [...watchers]) watcher();
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** The value of `source`; the component is drawn anew whenever it changes. */
export function useValue(source) {
  const [, redraw] = useState(0);
  useLayoutEffect(() => {
    redraw((count) => count + 1);
    return source.watch(() => redraw((count) => count + 1));
  }, [source]);
  return source.get();
}

/** Notes in the browser's own time line when something was there first. */
export function first(name) {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}

let ahead = 0;

/** The time by the registry's clock, in seconds since 1970: what it tells of is older or newer by no other. */
export const registryNow = () => Date.now() / 1000 + ahead;

/** By how many seconds the registry's clock is ahead of this browser's. */
export const registryAhead = () => ahead;

/** The registry's clock says that it is `at` now. */
export function learnClock(at) {
  // Below that it may be the time that the answer took.
  const found = at - Date.now() / 1000;
  ahead = Math.abs(found) < 2 ? 0 : found;
}

/** The time by the registry's clock, once every `period` milliseconds. */
export function useClock(period = 1000) {
  const [now, tick] = useState(registryNow());
  useLayoutEffect(() => {
    const timer = setInterval(() => tick(registryNow()), period);
    return () => clearInterval(timer);
  }, [period]);
  return now;
}
