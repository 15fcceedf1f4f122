// A panel at the side. Escape closes it, and the focus goes back to where it was.
import { html, useEffect, useRef } from '../lib/htm-preact.js';
import { tip } from '../look/tip.js';

export function Side({ title, close, acts, children }) {
  const panel = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current.focus({ preventScroll: true });
    const onKey = (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      close();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
      // What was left may be gone by now, as the link in another panel.
      const back = before?.isConnected && before !== document.body ? before : document.getElementById('main');
      back.focus({ preventScroll: true });
    };
  }, []);
  return html`
    <aside class="side" role="dialog" aria-labelledby="side-title" tabindex="-1" ref=${panel}>
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
