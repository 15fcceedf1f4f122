// The frame: what stands on every view, the view that is chosen, and what is open at the side.
import { html, useEffect } from '../lib/htm-preact.js';
import { lookedAt } from '../data/looked-at.js';
import { useValue } from '../data/observable.js';
import { Banner, useOld } from './banner.js';
import { EventsView } from '../views/events.js';
import { ExpectedView } from '../views/expected.js';
import { FaultPanel } from './fault-panel.js';
import { Faults } from './faults.js';
import { faults } from '../data/ring.js';
import { Guard } from './guard.js';
import { Header } from './header.js';
import { MatrixView } from '../views/matrix.js';
import { MemberPanel } from './member-panel.js';
import { PairPanel } from '../pair/panel.js';
import { RingView } from '../views/ring.js';
import { covers, panelOf } from './side.js';
import { TopologyView } from '../views/topology.js';

const VIEWS = { ring: RingView, matrix: MatrixView, topology: TopologyView, events: EventsView, expected: ExpectedView };

export function App() {
  const state = useValue(lookedAt);
  const { view, source, target, fault, member, theme } = state;
  const panel = panelOf(state);
  const covered = useValue(covers) && Boolean(panel);
  const old = useOld();
  const open = useValue(faults)?.open.length;
  useEffect(() => {
    document.title = `${open ? `(${open < 200 ? open : '200+'}) ` : ''}netring – ${view}`;
  }, [open, view]);
  const View = VIEWS[view];
  // The key has the view start anew where the theme changes: a canvas keeps its colours else.
  return html`
    <div class=${old ? 'old' : ''}>
      <${Header} covered=${covered} />
      <${Banner} />
      <main id="main" tabindex="-1" data-view=${view} inert=${covered}>
        <${Faults} />
        <${Guard} key=${`${view} ${theme}`}><${View} /><//>
      </main>
      <${Guard} key=${panel}>${source && target
        ? html`<${PairPanel} source=${source} target=${target} />`
        : fault
          ? html`<${FaultPanel} id=${fault} />`
          : member && html`<${MemberPanel} id=${member} />`}<//>
    </div>
  `;
}
