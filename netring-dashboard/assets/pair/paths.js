// Both paths, hop by hop, and what differs.
import { html } from '../lib/htm-preact.js';
import { useClock } from '../data/observable.js';
import { ago, clock, count, latency, percent } from '../look/words.js';
import { wayName } from './names.js';

const ENDS = {
  silent: 'from there on nothing answers',
  loop: 'the path runs in a circle',
  administratively_prohibited: 'a filter forbids it',
  fragmentation_needed: 'the packet is too large for a link',
};
const NOTE = `An address that is seen one way only is no sign that the ways part: a router answers by the address that the packet
  came in at.`;

/** `known` is what `usePolled` has of the paths; `ways` has the ends of each way. */
export function Paths({ ways, known: { data, at, refused }, asked }) {
  const now = useClock(5_000);
  const none = !asked || refused?.status === 404 || (data && !data.forward && !data.backward);
  return html`
    <section aria-labelledby="pair-paths">
      <h3 id="pair-paths">Paths <span class="old-mark">old</span></h3>
      ${refused && refused.status !== 404 && html`<p class="pair-why">Could not be had: ${refused.message}.</p>`}
      ${none && html`<p class="dim">There are no traceroutes between the two${asked ? ' yet' : ''}.</p>`}
      ${!none && !data && !refused && html`<p class="dim">Loading…</p>`}
      ${!none && data && html`<${Both} ways=${ways} data=${data} since=${now - at} />`}
    </section>
  `;
}

function Both({ ways, data, since }) {
  const { sentences, forward_only, backward_only } = data.differences;
  const alone = [...forward_only, ...backward_only];
  return html`
    ${sentences.length > 0 && html`<ul class="pair-sentences">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
    <div class="pair-two">
      <${Way} way=${ways[0]} path=${data.forward} alone=${forward_only} end=${data.target} since=${since} />
      <${Way} way=${ways[1]} path=${data.backward} alone=${backward_only} end=${data.source} since=${since} />
    </div>
    ${alone.length > 0 && !sentences.some((sentence) => sentence.includes('no sign')) && html`<p class="pair-note dim">${NOTE}</p>`}
  `;
}

function Way({ way, path, alone, end, since }) {
  if (!path) return html`<div><h4>${wayName(way)}</h4><p class="dim">There is no traceroute this way yet.</p></div>`;
  const host = end.address.replace(/:\d+$/, '').replace(/[[\]]/g, '');
  const reached = path.hops !== undefined;
  const words = reached ? `${count(path.hops, 'hop')}, ${latency(path.round_trip_time_seconds)}` : 'did not reach its end';
  return html`<div>
    <h4>${wayName(way)}</h4>
    <p><span class="state ${reached ? 'up' : 'down'}" data-shape=${reached ? '✓' : '✕'}>${words}</span>
      <span class="dim"> by ${path.mode.toUpperCase()}, ${ago(path.age_seconds + since)}</span></p>
    ${path.stale && html`<p class="doubt">◐ old: the way may be another by now</p>`}
    ${path.tainted && html`<p class="doubt">◐ tainted: the member was too late itself to trust the times and losses</p>`}
    ${path.flows.length === 1
      ? html`<${Hops} flow=${path.flows[0]} alone=${alone} host=${host} />`
      : path.flows.map((flow, i) => html`<details key=${i} open=${i === 0}>
          <summary>Flow ${i + 1} of ${path.flows.length} <span class="dim">${flowWords(flow)}</span></summary>
          <${Hops} flow=${flow} alone=${alone} host=${host} />
        </details>`)}
    ${path.last_change && html`<${Change} change=${path.last_change} />`}
  </div>`;
}

function flowWords({ flow, end, hops }) {
  const name = flow.ports ? `port ${flow.ports.source} → ${flow.ports.destination}` : flow.echo ? `echo ${flow.echo.identifier}` : '';
  return `${name}, ${end === 'reached' ? count(hops.length, 'hop') : 'did not reach'}`;
}

function Hops({ flow, alone, host }) {
  return html`<table class="pair-hops">
    <thead><tr>
      <th scope="col" aria-label="Hop">#</th><th scope="col">Router</th>
      <th scope="col" class="number">round trip</th><th scope="col" class="number">loss</th>
    </tr></thead>
    <tbody>
      ${flow.hops.map((hop, i) => html`<${Hop} hop=${hop} lost=${loses(flow, i)} alone=${alone} host=${host} />`)}
      ${flow.end !== 'reached' &&
      html`<tr><td></td><td colspan="3" class="pair-why">✕ ${ENDS[flow.end] ?? flow.end.replaceAll('_', ' ')}</td></tr>`}
    </tbody>
  </table>`;
}

/** Routers limit how often they answer: loss says something of the way only where all hops after it lose as well. */
function loses({ hops }, at) {
  return hops.slice(at).every(({ loss_ratio, routers }) => loss_ratio > 0 || !routers?.length) && hops[at].routers?.length > 0;
}

/** A row for each router that answered at this distance: there may be several. */
function Hop({ hop, lost, alone, host }) {
  const number = html`<td class="number">${hop.ttl}</td>`;
  const loss = html`<td class="number ${lost ? 'lost' : 'dim'}">${percent(hop.loss_ratio)}</td>`;
  const routers = hop.routers ?? [];
  if (routers.length === 0) return html`<tr>${number}<td class="dim" colspan="3">· no answer</td></tr>`;
  return routers.map((router, i) => html`<tr>
    ${i === 0 ? number : html`<td></td>`}
    <td class="pair-router">${router.ip}
      ${router.ip === host && html` <span class="dim">◎ the target</span>`}
      ${alone.includes(router.ip) && html` <span class="pair-alone">◇ only this way</span>`}
      ${router.mpls?.length > 0 && html` <span class="dim">MPLS ${router.mpls.map(({ label }) => label).join(', ')}</span>`}
    </td>
    <td class="number">${latency(router.round_trip_time_seconds)}</td>
    ${i === 0 ? loss : html`<td></td>`}
  </tr>`);
}

function Change({ change }) {
  const now = useClock(5_000);
  return html`<details class="pair-change">
    <summary>The path has changed ${ago(now - change.at)} <span class="dim">at ${clock(change.at)}</span></summary>
    <dl>
      <dt>Before</dt>${change.before.map((path) => html`<dd>${pathWords(path)}</dd>`)}
      <dt>After</dt>${change.after.map((path) => html`<dd>${pathWords(path)}</dd>`)}
    </dl>
  </details>`;
}

/** A path is a list of hops, and a hop a list of the routers that answered there. */
function pathWords(path) {
  return path.map((routers) => routers.join(' or ') || 'no answer').join(' → ');
}
