// What is left of the ring: by metric, location, latency and state.
import { html, useState } from '../lib/htm-preact.js';
import { lookAt, lookedAt, METRICS } from '../data/looked-at.js';
import { useValue } from '../data/observable.js';
import { grid, rollup } from '../data/ring.js';
import { tip } from '../look/tip.js';
import { METRIC_NAMES } from '../look/words.js';

const METRIC_TIPS = {
  all: 'All probes that count for whether a pair is up',
  tcp: 'Whether a TCP connection comes about, and how long the handshake takes',
  http: 'Whether the service answers over HTTP, and the round trip to it; a pair has how long the answer took',
  loss: 'Packets that are lost of bursts by UDP and ICMP, and their jitter',
  bandwidth: 'Throughput from the target (download) and to it (upload)',
  traceroute: 'Hops of the path to the target',
};

export function Metrics() {
  const { metric } = useValue(lookedAt);
  return html`
    <div class="group" role="group" aria-label="Metric">
      ${METRICS.map(
        (name) => html`<button type="button" data-metric=${name} aria-pressed=${metric === name} ...${tip(METRIC_TIPS[name])}
          onclick=${() => lookAt({ metric: name })}>${METRIC_NAMES[name]}</button>`,
      )}
    </div>
  `;
}

export function useLocations() {
  const [members, places] = [useValue(grid)?.members, useValue(rollup)?.locations];
  const all = members ? members.map((member) => member.location) : (places ?? []).map((place) => place.location);
  return [...new Set(all)].sort();
}

export function Filters({ offline = false }) {
  const state = useValue(lookedAt);
  const locations = useLocations();
  // By the throughput of a pair nothing is said of its latency.
  const noLatency = state.metric === 'bandwidth';
  const filtered = ['from', 'to', 'above', 'below', 'failures'].some((name) => state[name]) || state.offline !== '1';
  return html`
    <div class="group" role="group" aria-label="Filters">
      <${Place} name="from" text="from" what="Only pairs whose source stands there" all=${locations} />
      <${Place} name="to" text="to" what="Only pairs whose target stands there" all=${locations} />
      <${Latency} name="above" text="latency ≥" what="Only pairs that take at least so many milliseconds" off=${noLatency} />
      <${Latency} name="below" text="≤" what="Only pairs that take at most so many milliseconds" off=${noLatency} />
      <${Switch} name="failures" text="failures only" what="Only pairs that are down or degraded" />
      ${offline && html`<${Switch} name="offline" text="offline" what="Show members that are offline or deregistered, too" />`}
      ${filtered &&
      html`<button type="button" id="clear" ...${tip('Show everything again')}
        onclick=${() => lookAt({ from: '', to: '', above: '', below: '', failures: '', offline: '1' })}>clear</button>`}
    </div>
  `;
}

function Place({ name, text, what, all }) {
  const chosen = useValue(lookedAt)[name];
  // A location that is asked for by the address, and is not there, stays chosen: else the filter would change by itself.
  const options = chosen && !all.includes(chosen) ? [chosen, ...all] : all;
  return html`<label>${text}
    <select id=${`filter-${name}`} ...${tip(what)} onchange=${(event) => lookAt({ [name]: event.target.value })}>
      <option value="" selected=${chosen === ''}>anywhere</option>
      ${options.map((place) => html`<option value=${place} selected=${place === chosen}>${place}</option>`)}
    </select></label>`;
}

function Latency({ name, text, what, off }) {
  const value = useValue(lookedAt)[name];
  // What is typed stays until it is done with, whatever is drawn meanwhile.
  const [typed, type] = useState(null);
  const change = (event) => {
    type(null);
    lookAt({ [name]: event.target.validity.valid ? event.target.value : '' });
  };
  const words = off ? 'A throughput test says nothing of latency: choose another metric' : what;
  return html`<label>${text}
    <input type="number" id=${`filter-${name}`} min="0" step="any" inputmode="decimal" placeholder="ms" value=${typed ?? value} disabled=${off}
      ...${tip(words)} oninput=${(event) => type(event.target.value)} onfocusout=${() => type(null)} onchange=${change} /></label>`;
}

function Switch({ name, text, what }) {
  const on = useValue(lookedAt)[name] === '1';
  return html`<label><input type="checkbox" id=${`filter-${name}`} checked=${on} ...${tip(what)}
    onchange=${(event) => lookAt({ [name]: event.target.checked ? '1' : '' })} />${text}</label>`;
}
