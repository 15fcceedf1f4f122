// Locations, the routers between them, and where time and packets are lost on the way.
import { html, useEffect, useMemo, useRef } from '../lib/htm-preact.js';
import { address, contact } from '../data/ask.js';
import { lookAt, lookedAt } from '../data/looked-at.js';
import { observable, useValue } from '../data/observable.js';
import { topology, troubles } from '../data/ring.js';
import { hideTip, tip } from '../look/tip.js';
import { clock, count } from '../look/words.js';
import { arrange, places } from '../topology/arrange.js';
import { Details, severityOf } from '../topology/details.js';
import { save } from '../topology/export.js';
import { Graph } from '../topology/graph.js';
import { find, graphOf, idOfEdge } from '../topology/model.js';
import { eye } from '../topology/viewport.js';

const open = (id) => lookAt({ open: id });
/** The newest graph whose nodes all have a place. */
const arranged = observable(null);
let arranging = false;

topology.watch(async () => {
  if (arranging) return;
  arranging = true;
  while (arranged.get()?.answer.at !== topology.get().at) {
    const graph = graphOf(topology.get());
    await arrange(graph);
    arranged.set(graph);
  }
  arranging = false;
});

export function TopologyView() {
  const [answer, graph, { reached }, { topology: trouble }] = [topology, arranged, contact, troubles].map(useValue);
  const said = reached === false ? 'The registry cannot be reached.' : trouble && `The registry says: ${trouble}.`;
  const none = !answer
    ? said ? `Nothing is known yet. ${said}` : 'Loading…'
    : answer.traces === 0
      ? 'No traceroutes as yet. Members make one to every other every 5 minutes, unless told otherwise.'
      : !graph && 'Arranging…';
  return html`
    <section class="panel topology" aria-labelledby="topology-title">
      ${none ? html`${TITLE}<p class="empty" role="status">${none}</p>` : html`<${Known} graph=${graph} said=${said} />`}
    </section>
  `;
}

const TITLE = html`<h2 id="topology-title">Topology</h2>`;

function Known({ graph, said }) {
  const { answer, nodes, edges } = graph;
  const { locations, routers, traces, bottlenecks, truncated, at } = answer;
  const { search, open: chosen } = useValue(lookedAt);
  const matches = useMemo(() => find(graph, search), [graph, search]);
  const turn = useRef(0);
  const next = () => matches?.length && eye.centre(places.get(matches[turn.current++ % matches.length]), true);
  useEffect(() => {
    turn.current = 0;
    next();
  }, [search]);
  const onInput = ({ target }) => {
    hideTip();
    lookAt({ search: target.value });
  };
  const close = () => {
    document.querySelector(`.graph [data-id="${CSS.escape(chosen)}"]`)?.focus({ preventScroll: true });
    open('');
  };
  const onEscape = (event) => {
    if (event.key !== 'Escape' || !chosen) return;
    // It is the details that are closed, and not a panel, too.
    event.preventDefault();
    close();
  };
  const onGo = ({ target }) => {
    const id = target.closest('[data-go]')?.dataset.go;
    if (!id) return;
    // The button may go away: the focus stays in the box.
    target.closest('.details')?.focus({ preventScroll: true });
    open(id);
    const { from, to } = edges.get(id) ?? { from: { id }, to: { id } };
    const [a, b] = [places.get(from.id), places.get(to.id)];
    if (a && b) eye.centre({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  };
  const all = locations.length + routers.length;
  return html`
    <header class="controls">
      ${TITLE}
      <span class="dim">${count(locations.length, 'location')}, ${count(routers.length, 'router')}, ${count(traces, 'trace')} at ${clock(at)}</span>
      <label class="group dim">find
        <input type="search" id="search" value=${search} placeholder="location, member or ip" maxlength="256"
          ...${tip('Enter shows the next match')} oninput=${onInput} onkeydown=${({ key }) => key === 'Enter' && next()} />
        <span class="dim number" id="matches" role="status">${matches && count(matches.length, 'match', 'matches')}</span>
      </label>
      <div class="group end">
        <button type="button" id="save-svg" ...${tip('The graph as it is drawn here')} onclick=${() => save(at)}>Save as SVG</button>
        <a href=${address('api/v1/topology')} target="_blank" rel="noreferrer" ...${tip('What this view is drawn from')}>JSON</a>
      </div>
    </header>
    ${said && html`<p class="dim" role="status"><span class="state degraded" data-shape="◪">old</span> This is from ${clock(at)}. ${said}</p>`}
    ${(truncated || nodes.size < all || edges.size < answer.edges.length) &&
    html`<p class="dim">◐ The ${nodes.size} nodes and ${edges.size} edges that most pairs use, and all bottlenecks, of
      ${truncated && 'more than'} ${all} and ${answer.edges.length}.</p>`}
    <div class="stage" onkeydown=${onEscape}>
      <${Graph} graph=${graph} matches=${matches} chosen=${chosen} choose=${open} />
      <div class="beside" onclick=${onGo}>
        ${chosen && html`<${Details} graph=${graph} chosen=${chosen} close=${close} />`}
        <h3>${bottlenecks ? count(bottlenecks.length || 'No', 'bottleneck') : 'Bottlenecks: unknown'}${bottlenecks?.length >= 50 && ', the worst'}</h3>
        <ul>
          ${bottlenecks?.map((one) => {
            const id = idOfEdge(one);
            return html`<li key=${id}><button type="button" aria-pressed=${chosen === id} data-go=${id} ...${tip('Show it in the graph')}>
              ${severityOf(one)} ${one.sentence}</button></li>`;
          })}
        </ul>
      </div>
    </div>
    <p class="legend">
      <span>added latency: 1 ms ${sample('', 1.3, 0.25)} ${sample('', 2.9, 0.6)} ${sample('', 4.5)} 150 ms</span>
      <span>${sample('unknown', 1.3)} unknown</span><span>${sample('silent', 2.4)} over silent hops</span>
      <span>${sample('warning', 3)} △ warning</span><span>${sample('critical', 4.5)} ▲ critical</span>
    </p>
  `;
}

const sample = (look, width, opacity) => html`<svg class="way ${look}" width="28" height="10" aria-hidden="true">
  <path class="line" d="M1 5H27" stroke-width=${width} stroke-opacity=${opacity} /></svg>`;
