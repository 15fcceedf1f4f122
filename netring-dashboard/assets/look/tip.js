// Tooltips: one box for the whole page, beside what it is about and always inside of the screen.
import { html, render } from '../lib/htm-preact.js';

const GAP = 8;
let box = null;
let owner = null;
let anchored = null;

function element() {
  if (!box) {
    box = document.createElement('div');
    box.id = 'tip';
    box.className = 'tip';
    box.setAttribute('role', 'tooltip');
    box.hidden = true;
    document.body.append(box);
    // What it says may come later, and be longer.
    new ResizeObserver(follow).observe(box);
  }
  return box;
}

/** Shows `content` beside `anchor`: an element, or {left, top, right, bottom} on the screen. */
export function showTip(anchor, content, by = anchor) {
  const box = element();
  owner = by;
  render(typeof content === 'string' ? html`<span>${content}</span>` : content, box);
  box.hidden = false;
  anchored = anchor;
  follow();
}

/** Hides the tooltip of `by`; that of another stays. */
export function hideTip(by) {
  if (by && owner !== by) return;
  owner = null;
  if (!box) return;
  box.hidden = true;
  // Else what it said last would describe all that can have one.
  render(null, box);
}

function follow() {
  if (!owner) return;
  const at = anchored instanceof Element ? anchored.getBoundingClientRect() : anchored;
  if (at.bottom < 0 || at.top > innerHeight || (anchored instanceof Element && !anchored.isConnected)) hideTip();
  else place(box, at);
}

/**
 * Right of it where there is room, else left, else below or above, and in any case pushed into the screen.
 */
function place(box, at) {
  box.style.left = '0';
  box.style.top = '0';
  const { offsetWidth: width, offsetHeight: height } = box;
  const [right, bottom] = [document.documentElement.clientWidth, innerHeight];
  const inside = (value, most) => Math.max(GAP, Math.min(value, most - GAP));
  let [left, top] = [at.right + GAP, at.top];
  if (left + width > right - GAP) left = at.left - GAP - width;
  if (left < GAP) {
    left = at.left;
    top = at.bottom + GAP;
    if (top + height > bottom - GAP) top = at.top - GAP - height;
  }
  box.style.left = `${inside(left, right - width)}px`;
  box.style.top = `${inside(top, bottom - height)}px`;
}

/** What gives a control a tooltip: by mouse and by keyboard. */
export function tip(content) {
  const show = (event) => showTip(event.currentTarget, content, event.currentTarget);
  const hide = (event) => hideTip(event.currentTarget);
  return { onmouseenter: show, onfocus: show, onmouseleave: hide, onblur: hide, onclickcapture: hide, 'aria-describedby': 'tip' };
}

addEventListener('keydown', (event) => event.key === 'Escape' && hideTip());
// The focus may scroll what it comes to into view: its tooltip goes with it. A place on the screen is another one then.
const onScroll = () => (anchored instanceof Element ? follow() : hideTip());
addEventListener('scroll', onScroll, { capture: true, passive: true });
