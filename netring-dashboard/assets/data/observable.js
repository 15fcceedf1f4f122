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

/** The time in seconds since 1970, once every `period` milliseconds. */
export function useClock(period = 1000) {
  const [now, tick] = useState(Date.now() / 1000);
  useLayoutEffect(() => {
    const timer = setInterval(() => tick(Date.now() / 1000), period);
    return () => clearInterval(timer);
  }, [period]);
  return now;
}
