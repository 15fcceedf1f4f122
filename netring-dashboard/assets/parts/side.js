// A panel at the side. On a wide screen the view makes room for it; else it covers the view, which cannot be reached until
// the panel is closed.
import { html, useEffect, useLayoutEffect, useRef } from '../lib/htm-preact.js';
import { lookedAt } from '../data/looked-at.js';
import { observable, useValue } from '../data/observable.js';
import { tip } from '../look/tip.js';

// As in the style sheet.
const wide = matchMedia('(min-width: 1200px)');
/** Whether a panel covers the view. */
export const covers = observable(!wide.matches);
wide.addEventListener('change', () => covers.set(!wide.matches));

/** Which panel stands for what is looked at. A pair is the same one in both directions. */
export const panelOf = ({ source, target, fault, member }) =>
  source && target ? JSON.stringify(['pair', ...[source, target].sort()]) : fault ? JSON.stringify(['fault', fault]) : member && JSON.stringify(['member', member]);

/** What had the focus when the panel was opened. */
let opener = null;
let panel = panelOf(lookedAt.get());
lookedAt.watch(() => {
  const next = panelOf(lookedAt.get());
  const focused = document.activeElement;
  if (next !== panel && !focused.closest('.side')) opener = focused;
  panel = next;
});

/** Gives the focus back, once nothing is open and the view can be reached again. */
function giveBack() {
  // Who works in the view beside the panel stays there.
  if (document.querySelector('.side') || document.activeElement !== document.body) return;
  if (opener !== document.body) opener?.focus({ preventScroll: true });
  // It may be gone by now.
  if (document.activeElement === document.body) document.getElementById('main').focus({ preventScroll: true });
}

export function Side({ title, close, acts, children }) {
  const side = useRef(null);
  const over = useValue(covers);
  const latest = useRef(close);
  latest.current = close;
  useLayoutEffect(() => {
    side.current.focus({ preventScroll: true });
    const onKey = (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
      setTimeout(giveBack);
    };
  }, []);
  useEffect(() => {
    if (over && !side.current.contains(document.activeElement)) side.current.focus({ preventScroll: true });
  }, [over]);
  return html`
    <aside class="side" role=${over ? 'dialog' : undefined} aria-modal=${over ? 'true' : undefined} aria-labelledby="side-title" tabindex="-1" ref=${side}>
      <header>
        <h2 id="side-title">${title}</h2>
        <div class="end">
          ${acts}
          <button type="button" class="close" aria-label="Close" ...${tip('Close (Esc)')} onclick=${close}>✕</button>
        </div>
      </header>
      ${children}
    </aside>
  `;
}
