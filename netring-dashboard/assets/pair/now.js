// How both ways are now: check by check, side by side.
import { html } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { useClock } from '../data/observable.js';
import { tip } from '../look/tip.js';
import { ago, latency, percent, rate, SHAPES, span, STATUS_SHAPES } from '../look/words.js';
import { byName, Missing, Part } from './known.js';

const UNPROBED = 'Nobody probes it, and it probes nobody.';
const GONE = { stale: 'It has missed heartbeats: what it says may be old.', offline: UNPROBED, deregistered: UNPROBED };

/** Who the two are, and whether they are there at all. */
export function Ends({ ids, members }) {
  return html`<table class="facts">
    ${ids.map((id) => {
      const { status = 'not in the ring', location, address } = members.get(id) ?? {};
      return html`<tr>
        <th scope="row">${address ? html`<a href=${addressOf({ member: id, source: '', target: '', fault: '' })} ...${tip('How this member stands')}>${id}</a>` : id}</th>
        <td><span class="state ${address ? status : 'offline'}" data-shape=${STATUS_SHAPES[status] ?? '✕'}>${status}</span></td>
        <td>${address && html`<span class="dim">${location} · ${address}</span> ${GONE[status]}`}</td>
      </tr>`;
    })}
  </table>`;
}

export function Now({ ways }) {
  const now = useClock();
  const rows = byName(ways.map(({ pair }) => pair?.checks ?? []));
  return html`
    <${Part} name="now" title="Now">
      <table class="now" aria-labelledby="pair-now">
        <thead><tr>
          <th scope="col"><span class="hidden">Check</span></th>
          ${ways.map((way) => html`<th scope="col"><${Head} ...${way} /></th>`)}
        </tr></thead>
        <tbody>
          ${rows.map(
            ({ name, both }) => html`<tr key=${name} data-check=${name}>
              <th scope="row">${name}</th>
              ${ways.map((way, i) => html`<td><${Check} check=${both[i]} since=${now - way.now.at} /></td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
      ${rows.length === 0 &&
      ways.every((way) => way.now.at) &&
      html`<p class="dim">${ways.some(({ pair }) => pair) ? 'No check has been reported as yet.' : 'This pair is not probed at present.'}</p>`}
    <//>
  `;
}

function Head({ name, now, pair }) {
  const { state = 'unknown' } = pair ?? {};
  return html`${name} <span class="state ${state}" data-shape=${pair && SHAPES[state]}>${pair ? state : now.at && 'not probed'}</span>
    <${Missing} of=${[now]} />`;
}

function Check({ check, since }) {
  if (!check) return html`<span class="dim">nothing is known this way</span>`;
  const left = check.next_check_seconds - since;
  const due = left >= 0.5 ? ` · next in ${span(left)}` : Number.isFinite(left) ? ' · next is due' : '';
  const why = [check.reason?.replaceAll('_', ' '), check.message].filter(Boolean).join(': ');
  return html`<div class="check small">
    <span class="state ${check.state}" data-shape=${SHAPES[check.state] ?? '?'}>${check.state}</span>
    <div>
      ${FACTS.map(([field, name, write, settled]) => Number.isFinite(check[field]) && telling(check, field) && html`
        <span class="fact"><span class="dim">${name}</span> <span class="number">${write(check[field])}</span>
        ${check[settled] === false && html` <span class="doubt">◐ not settled: the test was too short</span>`}</span> `)}
      <div class="dim">${ago(check.age_seconds + since)}${due}</div>
      <div class="why">${why}</div>
      ${check.tainted && html`<div class="doubt">◐ tainted: the member itself was too late to trust it</div>`}
    </div>
  </div>`;
}

const FACTS = [
  ['round_trip_time_seconds', 'last', latency],
  ['round_trip_time_p50_seconds', 'p50', latency],
  ['round_trip_time_p95_seconds', 'p95', latency],
  ['loss_ratio', 'loss', percent],
  ['interarrival_jitter_seconds', 'jitter', latency],
  ['download_bits_per_second', 'download', rate, 'download_settled'],
  ['upload_bits_per_second', 'upload', rate, 'upload_settled'],
  ['hops', 'hops', String],
  ['duration_seconds', 'took', latency],
];

/** What a burst, a trace or a throughput test takes is set by what it sends, and says nothing. Of TCP it is the latency. */
function telling({ kind }, field) {
  return field !== 'duration_seconds' || !['tcp', 'udp', 'icmp', 'bandwidth', 'traceroute'].includes(kind);
}
