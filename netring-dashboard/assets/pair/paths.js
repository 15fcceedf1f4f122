// Both paths, hop by hop, and what differs.
import { html } from '../lib/htm-preact.js';
import { useClock } from '../data/observable.js';
import { ago, clock, count, latency, percent } from '../look/words.js';
import { Missing, Part } from './known.js';
import { tip } from '../look/tip.js';

const ENDS = { silent: 'from there on nothing answers', loop: 'the path runs in a circle' };

export function Paths({ ways, known }) {
  const { data, none } = known;
  const drawn = data?.forward || data?.backward;
  return html`
    <${Part} name="paths" title="Paths">
      <${Missing} of=${[known]} nothing=${!drawn && (none || data)} text="There are no traceroutes between the two." />
      ${drawn && html`<${Both} ways=${ways} ...${known} />`}
    <//>
  `;
}

function Both({ ways, data, at }) {
  const now = useClock(5_000);
  const { sentences, forward_only, backward_only } = data.differences;
  const alone = [...forward_only, ...backward_only];
  return html`
    <ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
    <div class="two">
      ${[[data.forward, data.target], [data.backward, data.source]].map(
        ([path, end], i) => html`<${Way} name=${ways[i].name} path=${path} end=${end} alone=${alone} since=${now - at} />`,
      )}
    </div>
    ${alone.length > 0 &&
    !sentences.join().includes('no sign') &&
    html`<p class="small dim">An address that is seen one way only is no sign that the ways part: a router answers by the address that the
      packet came in at.</p>`}
  `;
}

function Way({ name, path, alone, end, since }) {
  if (!path) return html`<div><b>${name}</b><p class="dim">There is no traceroute this way yet.</p></div>`;
  const { hops, flows, last_change: change } = path;
  const listed = (flow) => html`<${Hops} ...${flow} alone=${alone} host=${end.address.replace(/:\d+$|[[\]]/g, '')} />`;
  return html`<div>
    <b>${name}</b>
    <p>${!flows.some(({ end }) => end === 'reached') && hops === undefined
        ? html`<span class="state down" data-shape="✕">did not reach</span>`
        : html`<span class="state up" data-shape="✓">${count(hops, 'hop')}, ${latency(path.round_trip_time_seconds)}</span>`}
      <span class="dim"> by ${path.mode.toUpperCase()}, ${ago(path.age_seconds + since)}</span></p>
    ${path.stale && html`<p class="doubt">◐ old: the way may be another by now</p>`}
    ${path.tainted && html`<p class="doubt">◐ tainted: the member itself was too late to trust it</p>`}
    ${flows.length === 1
      ? listed(flows[0])
      : flows.map((flow, i) => html`<details key=${i} open=${i === 0}>
          <summary ...${tip('The path of packets that routers balance alike')}>Flow ${i + 1} of ${flows.length} <span class="dim">${flowWords(flow)}</span></summary>
          ${listed(flow)}
        </details>`)}
    ${change && html`<details class="small">
      <summary ...${tip('The paths before and after')}>The path changed at ${clock(change.at)}</summary>
      <p><b>Before</b> ${pathWords(change.before)}</p>
      <p><b>After</b> ${pathWords(change.after)}</p>
    </details>`}
  </div>`;
}

function flowWords({ flow: { ports, echo }, end, hops }) {
  const name = ports ? `port ${ports.source} → ${ports.destination}` : `echo ${echo?.identifier}`;
  return `${name}, ${end === 'reached' ? count(hops.length, 'hop') : 'did not reach'}`;
}

/** A row for each router that answered at a distance: there may be several. */
function Hops({ hops, end, alone, host }) {
  return html`<table class="hops small">
    <thead><tr><th scope="col">#</th><th scope="col">Router</th><th scope="col" class="number">round trip</th>
      <th scope="col" class="number">loss</th></tr></thead>
    <tbody>
      ${hops.map(({ ttl, loss_ratio, routers = [] }, at) => {
        if (routers.length === 0) return html`<tr><td>${ttl ?? '?'}</td><td class="dim" colspan="3">· no answer</td></tr>`;
        return routers.map(({ ip, round_trip_time_seconds: time }, i) => html`<tr>
          <td>${i === 0 && (ttl ?? '?')}</td>
          <td class="name">${ip} ${ip === host && html`<span class="dim">◎ the target</span>`}
            ${alone.includes(ip) && html`<span class="alone">◇ only this way</span>`}</td>
          <td class="number">${latency(time)}</td>
          <td class="number ${loses(hops, at) ? 'doubt' : 'dim'}">${i === 0 && percent(loss_ratio)}</td>
        </tr>`);
      })}
      ${end !== 'reached' &&
      html`<tr><td></td><td colspan="3" class="why">✕ ${ENDS[end] ?? end.replaceAll('_', ' ')}</td></tr>`}
    </tbody>
  </table>`;
}

/** Routers limit how often they answer: loss says something of the way only where all hops after it lose as well. */
function loses(hops, at) {
  return hops.slice(at).every(({ loss_ratio, routers }) => loss_ratio > 0 || !routers?.length);
}

/** A way may be several paths, a path is a list of hops, and a hop a list of the routers that answered there. */
function pathWords(paths) {
  return paths.map((path) => path.map((routers) => routers.join(' or ') || 'no answer').join(' → ')).join('; or ');
}
