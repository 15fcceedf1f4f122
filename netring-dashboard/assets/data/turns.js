// Many small changes instead of a large one: what would take longer than a frame is spread over several.
import { useEffect, useState } from '../lib/htm-preact.js';

const waiting = new Set();
let going = false;

function turn() {
  const [next] = waiting;
  going = Boolean(next);
  if (!going) return;
  waiting.delete(next);
  next();
  requestAnimationFrame(turn);
}

/** `value`, or what it was before until it is its turn: one a frame. At once where it is not one of `many`. */
export function useInTurn(value, many) {
  const [shown, show] = useState(value);
  useEffect(() => {
    if (!many || shown === value) return;
    const change = () => show(value);
    waiting.add(change);
    // One a frame, however many come and go meanwhile.
    if (!going) requestAnimationFrame(turn);
    going = true;
    return () => waiting.delete(change);
  }, [value, many]);
  return many ? shown : value;
}
