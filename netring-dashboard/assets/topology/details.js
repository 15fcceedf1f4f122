// What is known of one node or one edge of the graph.
import { html, useEffect, useRef } from '../lib/htm-preact.js';
import { addressOf, lookAt } from '../data/looked-at.js';
import { tip } from '../look/tip.js';
import { count, latency } from '../look/words.js';
import { short } from './geometry.js';
import { addedWords, importance, lossWords, MARKS } from './model.js';

const SOME = 40;
const STATES = { info: 'up', warning: 'degraded', critical: 'down' };

/** `choose` takes the id of another; null closes. */
export function Details({ graph, chosen, choose }) {
  const [node, edge] = [graph.nodes.get(chosen), graph.edges.get(chosen)];
  const box = useRef(null);
  useEffect(() => {
    // On a phone it stands below the graph, and may not be seen.
    const below = box.current.getBoundingClientRect().top - innerHeight * 0.6;
    if (matchMedia('(max-width: 760px)').matches && below > 0) scrollBy(0, below);
  }, [chosen]);
  const part = node ? (node.kind === 'location' ? OfLocation : OfRouter) : edge && OfEdge;
  return html`
    <section class="details" role="region" ref=${box} tabindex="-1" aria-label="Details" aria-live="polite">
      <button type="button" class="plain close" aria-label="Close the details" ...${tip('Close (Esc)')} onclick=${() => choose(null)}>✕</button>
      ${part ? html`<${part} graph=${graph} node=${node} edge=${edge} choose=${choose} />` : html`<p class="dim">This is no longer on any way that was traced.</p>`}
    </section>
  `;
}

function Go({ to, choose, children }) {
  const go = (event) => {
    // This button goes away with what it stands in: the focus stays in the box.
    event.currentTarget.closest('.details').focus({ preventScroll: true });
    choose(to, true);
  };
  return html`<button type="button" class="plain go" onclick=${go}>${children}</button>`;
}

export function Severity({ severity }) {
  if (severity === 'info') return html`<span class="dim">within the limits</span>`;
  return html`<span class="state ${STATES[severity]}" data-shape=${MARKS[severity]}>${severity}</span>`;
}

function OfEdge({ edge, graph, choose }) {
  const back = [...graph.edges.values()].filter(({ from, to, id }) => id !== edge.id && from === edge.to && to === edge.from);
  return html`
    <h3><${Go} to=${edge.from.id} choose=${choose}>${edge.from.name}<//> → <${Go} to=${edge.to.id} choose=${choose}>${edge.to.name}<//></h3>
    <${Numbers} edge=${edge} />
    ${back.map(
      (other) => html`
        <h4>The way back ${edge.way === other.way ? '(alike, drawn as one line)' : ''}
          ${edge.way !== other.way && html`<${Go} to=${other.id} choose=${choose}>show<//>`}</h4>
        <${Numbers} edge=${other} />
      `,
    )}
    <p class="dim note">Added latency is a hint, and no measurement of the link: routers answer when they have nothing better to do.</p>
  `;
}

function Numbers({ edge }) {
  const { uncertainty_seconds: unsure, lasting_latency_seconds: lasting, loss_ratio: loss } = edge;
  const sure = edge.added_latency_seconds === undefined || edge.clamped ? '' : unsure === undefined ? ', from one trace' : ` ± ${latency(unsure)}`;
  return html`
    <table>
      <tr><th scope="row" ...${tip('The round trip to the farther end, less that to the nearer one')}>Added latency</th>
        <td>${addedWords(edge)}${sure}${edge.clamped && html` <span class="dim">the farther end answered sooner than the nearer one</span>`}</td></tr>
      <tr><th scope="row" ...${tip('What of it stays in the round trips to all hops after it: bottlenecks go by this')}>Lasting</th>
        <td>${lasting === undefined ? 'unknown' : latency(lasting)}</td></tr>
      <tr><th scope="row">Loss</th><td>${loss === undefined ? 'unknown' : lossWords(loss)}</td></tr>
      ${edge.silent > 0 && html`<tr><th scope="row">Silent</th><td>${count(edge.silent, 'hop does not answer', 'hops do not answer')}</td></tr>`}
      <tr><th scope="row">Used by</th><td>${count(edge.pairs, 'pair')}</td></tr>
      <tr><th scope="row">Severity</th><td><${Severity} severity=${edge.severity} /></td></tr>
    </table>
  `;
}

function OfRouter({ node, choose }) {
  return html`
    <h3>Router ${node.name}</h3>
    <table>
      ${node.realm !== undefined && html`<tr><th scope="row">Private address of</th><td class="name"><${Go} to=${`l ${node.realm}`} choose=${choose}>${node.realm}<//></td></tr>`}
      <tr><th scope="row">On the way of</th><td>${count(node.pairs, 'pair')}</td></tr>
    </table>
    <${Edges} node=${node} choose=${choose} />
  `;
}

function Edges({ node, choose }) {
  const worst = [...node.edges].sort((a, b) => importance(b) - importance(a) || b.pairs - a.pairs);
  return html`
    <h4>${worst.length ? count(worst.length, 'edge') : 'No edges'}</h4>
    <table class="edges">
      ${worst.slice(0, SOME).map((edge) => {
        const [arrow, other] = edge.from === node ? ['→', edge.to] : ['←', edge.from];
        return html`<tr key=${edge.id}><td class="name"><${Go} to=${edge.id} choose=${choose}>${arrow} ${short(other.name)}<//></td>
          <td class="number">${MARKS[edge.severity]} ${addedWords(edge)}</td></tr>`;
      })}
    </table>
    ${worst.length > SOME && html`<p class="dim">And ${worst.length - SOME} more.</p>`}
  `;
}

function OfLocation({ node, graph, choose }) {
  const { connections } = graph.answer;
  const others = new Map();
  for (const one of connections) {
    if (one.source_location === node.name) others.set(one.target_location, { ...others.get(one.target_location), there: one });
    if (one.target_location === node.name) others.set(one.source_location, { ...others.get(one.source_location), back: one });
  }
  return html`
    <h3>Location ${node.name}</h3>
    <p class="members">${count(node.members.length, 'member')}: ${node.members.slice(0, SOME).join(', ')}${node.members.length > SOME ? ', …' : ''}</p>
    <h4>Traced connections</h4>
    ${others.size === 0 && html`<p class="dim">None as yet.</p>`}
    <table>
      ${others.size > 0 && html`<tr><th scope="col">Location</th><th scope="col" class="number">to it</th><th scope="col" class="number">from it</th></tr>`}
      ${[...others].sort(([a], [b]) => (a < b ? -1 : 1)).map(
        ([name, { there, back }]) => html`<tr key=${name}>
          <td class="name">${name === node.name ? html`<span class="dim">within</span>` : html`<${Go} to=${`l ${name}`} choose=${choose}>${short(name)}<//>`}</td>
          <td class="number"><${Connection} one=${there} graph=${graph} /></td><td class="number"><${Connection} one=${back} graph=${graph} /></td></tr>`,
      )}
    </table>
    <${Edges} node=${node} choose=${choose} />
  `;
}

/** The round trip from one location to another; it leads to a pair that has it on its way. */
function Connection({ one, graph }) {
  if (!one) return html`<span class="dim">–</span>`;
  const { source_location: from, target_location: to, pairs, reached, round_trip_time_seconds: time } = one;
  const [source, target] = pairBetween(graph, from, to);
  const words = html`${reached < pairs && html`<span class="state ${reached ? 'degraded' : 'unknown'}" data-shape=${reached ? '◪' : '?'}><span class="hidden">${reached ? 'partly reached' : 'not reached'}</span></span>`}${
    time === undefined ? 'not reached' : latency(time)
  }`;
  if (!source || !target) return words;
  const more = `${reached} of ${count(pairs, 'trace')} from ${from} to ${to} got there. Opens ${source} → ${target}${pairs > 1 ? ', one of the pairs' : ''}`;
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    lookAt({ source, target, fault: '' });
  };
  return html`<a href=${addressOf({ source, target, fault: '' })} data-pair onclick=${go} ...${tip(more)}>${words}</a>`;
}

function pairBetween({ nodes }, from, to) {
  const source = nodes.get(`l ${from}`)?.members[0];
  return [source, nodes.get(`l ${to}`)?.members.find((member) => member !== source)];
}
