// Locations, the routers between them, and where time and packets are lost on the way.
import { html, useEffect, useMemo, useRef, useState } from '../lib/htm-preact.js';
import { address, contact } from '../data/ask.js';
import { lookAt, lookedAt } from '../data/looked-at.js';
import { observable, useValue } from '../data/observable.js';
import { topology } from '../data/ring.js';
import { hideTip, tip } from '../look/tip.js';
import { clock, count } from '../look/words.js';
import { arrange, isArranged, places } from '../topology/arrange.js';
import { Details, Severity } from '../topology/details.js';
import { save } from '../topology/export.js';
import { Graph } from '../topology/graph.js';
import { Legend } from '../topology/legend.js';
import { find, graphOf, idOfEdge } from '../topology/model.js';
import { useRefusal } from '../topology/refusal.js';
import { Viewport } from '../topology/viewport.js';

/** The id of the node or edge that is open; kept when the theme changes. */
const opened = observable(null);

export function TopologyView() {
  const answer = useValue(topology);
  const room = useRef(null);
  const graph = useArranged(answer, room);
  const refusal = useRefusal(answer);
  return html`
    <section class="panel topology" aria-labelledby="topology-title" ref=${room}>
      ${!answer || answer.traces === 0 || !graph ? html`<${Nothing} answer=${answer} refusal=${refusal} />` : html`<${Known} graph=${graph} refusal=${refusal} />`}
    </section>
  `;
}

function Nothing({ answer, refusal }) {
  const { reached, trouble } = useValue(contact);
  const title = html`<header><h2 id="topology-title">Topology</h2></header>`;
  if (answer?.traces === 0) {
    return html`${title}<div class="empty">
      <p>No traceroutes as yet.</p>
      <p>Members make one to every other member every 5 minutes, unless they are told otherwise. None comes if traceroute is not among what
        they probe: see <code>member.checks.probes</code> of the members.</p>
    </div>`;
  }
  if (answer) {
    const all = answer.locations.length + answer.routers.length;
    return html`${title}<p class="empty" role="status">Arranging ${count(all, 'location and router', 'locations and routers')}…</p>`;
  }
  const said = refusal ?? trouble;
  const why = reached === false ? 'The registry cannot be reached.' : said ? `The registry says: ${said}.` : 'Loading…';
  return html`${title}<p class="empty" role="status">${why === 'Loading…' ? why : `Nothing is known of the topology as yet. ${why}`}</p>`;
}

/** The newest graph whose nodes all have a place. */
function useArranged(answer, room) {
  const newest = useRef(null);
  const running = useRef(false);
  const gone = useRef(false);
  // The registry gives the same answer for some time.
  const graph = useMemo(() => answer && graphOf(answer), [answer?.at]);
  newest.current = graph;
  const [, redraw] = useState(0);
  const shown = useRef(null);
  if (graph && isArranged(graph)) shown.current = graph;
  useEffect(() => {
    gone.current = false;
    return () => (gone.current = true);
  }, []);
  useEffect(() => {
    const next = async () => {
      running.current = true;
      const wide = (room.current?.clientWidth ?? 900) / Math.max(300, innerHeight * 0.6);
      while (!gone.current && newest.current && !isArranged(newest.current)) {
        await arrange(newest.current, Math.min(1.9, Math.max(0.5, wide)), () => gone.current);
      }
      running.current = false;
      if (!gone.current) redraw((turn) => turn + 1);
    };
    if (graph && !isArranged(graph) && !running.current) next();
  }, [graph]);
  return shown.current;
}

function Known({ graph, refusal }) {
  const { search } = useValue(lookedAt);
  const chosen = useValue(opened);
  const [eye, beside] = [useRef(null), useRef(null)];
  eye.current ??= new Viewport(() => {});
  const matches = useMemo(() => find(graph, search), [graph, search]);
  const turn = useRef(0);
  const next = () => {
    if (matches?.length) eye.current.centre(places.get(matches[turn.current++ % matches.length]));
  };
  useEffect(() => {
    turn.current = 0;
    next();
  }, [search]);
  const choose = (id, look = false) => {
    const before = opened.get();
    opened.set(id);
    if (id === null) document.querySelector(`.graph [data-id="${CSS.escape(before)}"]`)?.focus({ preventScroll: true });
    if (look && id !== null) lookTo(graph, eye.current, id);
  };
  useEffect(() => {
    const onKey = (event) => event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('.side') && opened.set(null);
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return html`
    <${Head} graph=${graph} matches=${matches} next=${next} eye=${eye.current} />
    <${Notes} graph=${graph} refusal=${refusal} />
    <button type="button" class="skip" onclick=${() => beside.current.focus()}>Skip the graph</button>
    <div class="stage">
      <${Graph} graph=${graph} eye=${eye.current} matches=${matches} chosen=${chosen} choose=${choose} />
      <div class="beside" tabindex="-1" ref=${beside}>
        ${chosen !== null && html`<${Details} graph=${graph} chosen=${chosen} choose=${choose} />`}
        <${Bottlenecks} graph=${graph} chosen=${chosen} choose=${choose} />
      </div>
    </div>
    <${Legend} />
  `;
}

/** Brings a node, or both ends of an edge, into sight. */
function lookTo({ nodes, edges }, eye, id) {
  const [node, edge] = [nodes.get(id), edges.get(id)];
  if (node) eye.show(places.get(id));
  if (!edge) return;
  const [a, b] = [places.get(edge.from.id), places.get(edge.to.id)];
  eye.show({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
}

function Head({ graph, matches, next, eye }) {
  const { search } = useValue(lookedAt);
  const { answer } = graph;
  const onInput = (event) => {
    hideTip();
    lookAt({ search: event.target.value }, true);
  };
  const found = matches === null ? '' : count(matches.length, 'match', 'matches');
  return html`
    <header class="controls">
      <h2 id="topology-title">Topology</h2>
      <span class="dim" ...${tip(`As of ${clock(answer.at)}, from the newest traceroute of each pair`)} tabindex="0">
        ${count(answer.locations.length, 'location')}, ${count(answer.routers.length, 'router')}, ${count(answer.traces, 'trace')}
      </span>
      <div class="group" role="search">
        <label class="find">find
          <input type="search" id="search" value=${search} placeholder="location, member or ip" maxlength="256"
            ...${tip('Locations, members and addresses of routers. Enter shows the next match')}
            oninput=${onInput} onkeydown=${(event) => event.key === 'Enter' && next()} />
        </label>
        <span class="dim number" id="matches" role="status">${found}</span>
      </div>
      <div class="group end">
        <button type="button" id="save-svg" ...${tip('Downloads the graph as it is drawn here')} onclick=${() => save(eye.svg, answer.at)}>Save as SVG</button>
        <a href=${address('api/v1/topology.svg')} target="_blank" rel="noreferrer" ...${tip('A smaller picture, drawn by the registry')}>the registry’s own</a>
        <a href=${address('api/v1/topology')} target="_blank" rel="noreferrer">JSON</a>
      </div>
    </header>
  `;
}

function Notes({ graph: { answer, nodes, edges, left, leftEdges }, refusal }) {
  const routers = [...nodes.values()].filter(({ kind }) => kind === 'router').length;
  return html`
    ${refusal && html`<p class="note" role="status"><span class="state degraded" data-shape="◪">old</span>
      ${' '}This is from ${clock(answer.at)}. There is no newer one, the registry says: ${refusal}.</p>`}
    ${answer.truncated && html`<${Less}>The ring has more than the registry tells: it gives the 5,000 locations and routers and the 20,000 edges
      that most pairs use.<//>`}
    ${left > 0 && html`<${Less}>${left} of ${answer.locations.length + answer.routers.length} locations and routers are not drawn: these
      are the ${count(routers, 'router')} that most pairs use, and those of bottlenecks.<//>`}
    ${leftEdges > 0 && html`<${Less}>${leftEdges} edges between them are not drawn: these are the ${edges.size} that most pairs use.<//>`}
  `;
}

function Less({ children }) {
  return html`<p class="note"><span aria-hidden="true">◐</span> ${children}</p>`;
}

function Bottlenecks({ graph, chosen, choose }) {
  const { bottlenecks } = graph.answer;
  if (bottlenecks.length === 0) {
    return html`<h3>No bottlenecks</h3>
      <p class="dim">No edge adds as much latency, or loses as many packets, as the registry warns of.</p>`;
  }
  return html`
    <h3>${count(bottlenecks.length, 'bottleneck')}${bottlenecks.length >= 50 ? ', the worst' : ''}</h3>
    <ul class="bottlenecks">
      ${bottlenecks.map((one) => {
        const id = idOfEdge(one);
        return html`<li key=${id}><button type="button" class=${one.severity} aria-pressed=${chosen === id} onclick=${() => choose(id, true)}>
          <${Severity} severity=${one.severity} /> ${one.sentence}</button></li>`;
      })}
    </ul>
  `;
}
