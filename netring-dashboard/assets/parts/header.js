// Where one is, where one can go, and how fresh it is.
import { html } from '../lib/htm-preact.js';
import { contact } from '../data/ask.js';
import { addressOf, lookAt, lookedAt } from '../data/looked-at.js';
import { useValue } from '../data/observable.js';
import { useAge, useOld } from './banner.js';
import { health } from '../data/ring.js';
import { tip } from '../look/tip.js';
import { clock, span } from '../look/words.js';

const NAMES = { ring: 'Ring', matrix: 'Matrix', topology: 'Topology', events: 'Events', expected: 'Expected' };
const TIPS = {
  ring: 'Members by location, and their connections',
  matrix: 'Who reaches whom, in which direction, at a glance',
  topology: 'Locations, the routers between them, and where time and packets are lost',
  events: 'What has happened, newest first',
  expected: 'Which members should be there, and which are',
};

export function Header({ covered }) {
  const { view, theme } = useValue(lookedAt);
  const other = theme === 'dark' ? 'light' : 'dark';
  const go = (name) => (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    scrollTo(0, 0);
    lookAt({ view: name, source: '', target: '', fault: '', member: '' });
  };
  return html`
    <header class="head" inert=${covered}>
      <h1><img src="assets/icon.svg" alt="" width="24" height="24" />netring</h1>
      <nav aria-label="Views">
        ${Object.entries(NAMES).map(
          ([name, text]) => html`
            <a href=${addressOf({ view: name, source: '', target: '', fault: '', member: '' })} aria-current=${view === name ? 'page' : undefined}
              data-view=${name} onclick=${go(name)} ...${tip(TIPS[name])}>${text}</a>
          `,
        )}
      </nav>
      <div class="end">
        <${Freshness} />
        <button type="button" id="theme" aria-label=${`Use the ${other} theme`} ...${tip(`Use the ${other} theme`)}
          onclick=${() => lookAt({ theme: other })}>${theme === 'dark' ? '☀' : '☾'}</button>
      </div>
    </header>
  `;
}

function Freshness() {
  const { last } = useValue(contact);
  const old = useOld();
  const age = useAge();
  const version = useValue(health)?.version;
  const words = last === null ? 'connecting…' : age === null ? 'waiting' : old ? `${span(age)} old` : 'live';
  const more = last === null ? 'No answer as yet' : `Last answer of the registry at ${clock(last / 1000)}${version ? `; it runs version ${version}` : ''}`;
  return html`<span class="dim number" id="freshness" tabindex="0" ...${tip(more)}>${old ? '' : html`<span class="old-mark">old</span> `}${words}</span>`;
}
