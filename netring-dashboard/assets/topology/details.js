// What is known of one node or one edge of the graph.
import { html, useEffect, useRef } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { tip } from '../look/tip.js';
import { count, latency, percent, SHAPES } from '../look/words.js';
import { short } from './drawing.js';
import { addedWords, importance, MARKS, wayBack } from './model.js';

export function Details({ graph, chosen, close }) {
  const [node, edge] = [graph.nodes.get(chosen), graph.edges.get(chosen)];
  const box = useRef(null);
  useEffect(() => {
    // On a phone it stands below the graph.
    const below = box.current.getBoundingClientRect().top - innerHeight * 0.6;
    if (below > 0) scrollBy(0, below);
  }, [chosen]);
  return html`
    <section class="panel details" ref=${box} tabindex="-1" aria-label="Details" aria-live="polite">
      <button type="button" class="plain close" aria-label="Close the details" ...${tip('Close (Esc)')} onclick=${close}>✕</button>
      ${edge ? ofEdge(edge) : !node ? 'No trace has this any more.' : node.members ? ofLocation(node, graph) : ofRouter(node)}
    </section>
  `;
}

/** Opens another: the view listens. */
const go = (id, words) => html`<button type="button" class="plain go" data-go=${id} ...${tip('Go there')}>${words}</button>`;

export function severityOf({ severity }) {
  if (severity === 'info') return 'within the limits';
  if (severity === 'unknown') return severity;
  return html`<span class="state ${severity === 'critical' ? 'down' : 'degraded'}" data-shape=${MARKS[severity]}>${severity}</span>`;
}

const fact = (name, told, more) => html`<tr><th scope="row" ...${more && tip(more)}>${name}</th><td class="name">${told}</td></tr>`;

function ofEdge(edge) {
  return html`
    <h3>${go(edge.from.id, edge.from.name)} → ${go(edge.to.id, edge.to.name)}</h3>
    ${numbers(edge)}
    ${wayBack(edge).map((back) => html`<h4>The way back</h4>${numbers(back)}`)}
    <p class="dim note">Added latency is a hint, no measurement: routers answer when they have nothing better to do.</p>
  `;
}

function numbers(edge) {
  const { added, uncertainty_seconds: unsure, lasting_latency_seconds: lasting, loss_ratio: loss, silent } = edge;
  const sure = edge.clamped ? ': the farther end answered sooner' : unsure === undefined ? ', from one trace' : ` ± ${latency(unsure)}`;
  return html`<table>
    ${fact('Added latency', `${addedWords(edge)}${added === undefined ? '' : sure}`, 'The round trip to the farther end, less that to the nearer one')}
    ${fact('Lasting', lasting === undefined ? 'unknown' : latency(lasting), 'What of it all hops after it have, too: bottlenecks go by this')}
    ${fact('Loss', loss === undefined ? 'unknown' : percent(loss))}
    ${silent > 0 && fact('Silent', count(silent, 'hop does not answer', 'hops do not answer'))}
    ${fact('Used by', count(edge.pairs, 'pair'))}${fact('Severity', severityOf(edge))}
  </table>`;
}

function ofRouter(node) {
  const { name, realm, pairs } = node;
  return html`
    <h3>Router ${name}</h3>
    <table>${realm !== undefined && fact('Private address of', go(`l ${realm}`, realm))}${fact('On the way of', count(pairs, 'pair'))}</table>
    ${edgesOf(node)}
  `;
}

function edgesOf(node) {
  const worst = [...node.edges].sort((a, b) => importance(b) - importance(a) || b.pairs - a.pairs);
  return html`
    <h4>${count(worst.length, 'edge')}${worst.length > 40 && ', the first 40'}</h4>
    <table>
      ${worst.slice(0, 40).map((edge) => {
        const [arrow, other] = edge.from === node ? ['→', edge.to] : ['←', edge.from];
        return html`<tr><td class="name">${go(edge.id, `${arrow} ${short(other.name)}`)}</td><td class="number">${MARKS[edge.severity]} ${addedWords(edge)}</td></tr>`;
      })}
    </table>
  `;
}

function ofLocation(node, { answer, nodes }) {
  const { name, members } = node;
  const from = answer.connections.filter(({ source_location: source }) => source === name);
  return html`
    <h3>Location ${name}</h3>
    <p class="members">${count(members.length, 'member')}: ${members.join(', ')}</p>
    <h4>${from.length ? 'Traced' : 'Nothing is traced'} from here</h4>
    <table>
      ${from.map(({ target_location: to, pairs, reached, round_trip_time_seconds: time }) => {
        const target = nodes.get(`l ${to}`)?.members.find((member) => member !== members[0]);
        const state = ['unknown', 'degraded', 'up'][reached ? 1 + (reached === pairs) : 0];
        const more = `${reached} of ${count(pairs, 'trace')} got there. One of the pairs is ${members[0]} → ${target}`;
        return html`<tr><td class="name">${go(`l ${to}`, short(to))}</td>
          <td class="number"><span class="state ${state}" data-shape=${SHAPES[state]}>${time === undefined ? 'not reached' : latency(time)}</span></td>
          <td class="number">${target && html`<a href=${addressOf({ source: members[0], target, fault: '' })} data-pair ...${tip(more)}>pair</a>`}</td></tr>`;
      })}
    </table>
    ${edgesOf(node)}
  `;
}
