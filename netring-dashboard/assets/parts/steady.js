// The focus stays where it is while what has it changes its place.
import { useLayoutEffect } from '../lib/htm-preact.js';

/** For lists whose rows change places: a browser takes the focus from what is moved. */
export function useSteadyFocus() {
  const focused = document.activeElement;
  useLayoutEffect(() => {
    if (document.activeElement === document.body && focused.isConnected) focused.focus({ preventScroll: true });
  });
}
