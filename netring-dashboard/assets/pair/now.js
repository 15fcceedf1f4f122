// How both ways are now: check by check, side by side.
import { html } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { useClock } from '../data/observable.js';
import { ago, latency, percent, rate, SHAPES, span, STATUS_SHAPES } from '../look/words.js';
import { allChecks, checkKey, checkName, wayName } from './names.js';

const GONE = {
  stale: 'has missed heartbeats: what it says may be old',
  offline: 'is offline, so that nobody probes it, and it probes nobody',
  deregistered: 'has said goodbye, so that nobody probes it, and it probes nobody',
};

const NO_CHECK = 'No check of this pair has been reported as yet, in either direction.';
const UNSETTLED = `A rate that is not settled is what was seen so far: the test ended before the path could show what it
  carries.`;

/** Who the two are, and whether they are there at all. */
export function Ends({ ids, members }) {
  return html`<ul class="pair-ends" role="list">
    ${ids.map((id) => {
      const member = members.get(id);
      if (!member) {
        return html`<li role="listitem">
          <b>${id}</b><span class="state offline" data-shape="✕">not in the ring</span><span>Nothing newer is known of it.</span>
        </li>`;
      }
      return html`<li role="listitem">
        <b><a href=${addressOf({ member: id, source: '', target: '', fault: '' })}>${id}</a></b>
        <span class="state ${member.status}" data-shape=${STATUS_SHAPES[member.status] ?? '?'}>${member.status}</span>
        <span><span class="dim">${member.location} · ${member.address}</span>${GONE[member.status] && ` It ${GONE[member.status]}.`}</span>
      </li>`;
    })}
  </ul>`;
}

/** `ways` has for each way its ends, its pair of the matrix if there is one, and when that came. */
export function Now({ ways, active }) {
  const now = useClock();
  const rows = allChecks(ways.map((way) => way.pair?.checks ?? []));
  const unsettled = rows.length > 0 && ways.some((way) => way.pair?.checks.some((check) => !settled(check)));
  return html`
    <section aria-labelledby="pair-now">
      <h3 id="pair-now">Now <span class="old-mark">old</span></h3>
      <table class="pair-now" role="table" aria-labelledby="pair-now">
        <thead role="rowgroup"><tr role="row">
          <th role="columnheader" scope="col" class="pair-what"><span class="hidden">Check</span></th>
          ${ways.map((way) => html`<th role="columnheader" scope="col" class="pair-head"><${Head} way=${way} /></th>`)}
        </tr></thead>
        <tbody role="rowgroup">
          ${rows.map(
            (row) => html`<tr role="row" key=${checkKey(row)} data-check=${checkKey(row).trim()}>
              <th role="rowheader" scope="row" class="pair-what">${checkName(row)}</th>
              ${ways.map((way) => html`<td role="cell">
                <span class="pair-way dim" aria-hidden="true">${wayName(way)}</span>
                <${Check} check=${way.pair?.checks.find((check) => checkKey(check) === checkKey(row))} since=${now - way.at} />
              </td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
      ${rows.length === 0 && ways.every((way) => way.at) && html`<p class="dim">${active ? NO_CHECK : 'This pair is not probed at present.'}</p>`}
      ${unsettled && html`<p class="pair-note dim">${UNSETTLED}</p>`}
    </section>
  `;
}

function Head({ way }) {
  const state = way.pair?.state;
  const words = state ?? (way.at ? 'not probed' : '…');
  return html`<span class="pair-name">${wayName(way)}</span>
    <span class="state ${state ?? 'unknown'}" data-shape=${SHAPES[state] ?? ''}>${words}</span>
    ${way.refused && html`<span class="pair-why">Could not be had: ${way.refused.message}.</span>`}`;
}

function settled(check) {
  return check.download_settled !== false && check.upload_settled !== false;
}

function Check({ check, since }) {
  if (!check) return html`<span class="dim">nothing is known this way</span>`;
  const left = check.next_check_seconds - since;
  const due = Number.isFinite(check.next_check_seconds) && (left >= 0.5 ? `next in ${span(left)}` : 'next is due');
  const more = measured(check);
  const why = [check.reason?.replaceAll('_', ' '), check.message].filter(Boolean).join(': ');
  return html`<div class="pair-check">
    <span class="state ${check.state}" data-shape=${SHAPES[check.state] ?? '?'}>${check.state}</span>
    ${times(check).map((fact) => html`<${Fact} ...${fact} />`)}
    ${more.length > 0 && html`<span class="pair-more">${more.map((fact) => html`<${Fact} ...${fact} />`)}</span>`}
    <span class="pair-when dim number">${ago(check.age_seconds + since)}${due ? ` · ${due}` : ''}</span>
    ${why && html`<span class="pair-why">${why}</span>`}
    ${check.tainted && html`<span class="pair-why doubt">◐ tainted: the member itself was too late to trust what it measured</span>`}
  </div>`;
}

function Fact({ name, value, doubt }) {
  return html`<span class="pair-fact"><span class="dim">${name}</span> <span class="number">${value}</span>
    ${doubt && html` <span class="doubt">◐ ${doubt}</span>`}</span>`;
}

function times(check) {
  const [last, p50, p95] = [check.round_trip_time_seconds, check.round_trip_time_p50_seconds, check.round_trip_time_p95_seconds];
  const facts = [{ name: 'last', value: latency(last) }];
  if (Number.isFinite(p50)) facts.push({ name: 'p50', value: latency(p50) }, { name: 'p95', value: latency(p95) });
  return facts;
}

/** What else a check has measured. Only what was measured is there. */
function measured(check) {
  const facts = [];
  const add = (field, name, write, doubt) => {
    if (Number.isFinite(check[field])) facts.push({ name, value: write(check[field]), doubt });
  };
  add('loss_ratio', 'loss', percent);
  add('interarrival_jitter_seconds', 'jitter', latency);
  add('download_bits_per_second', 'download', rate, check.download_settled === false && 'not settled');
  add('upload_bits_per_second', 'upload', rate, check.upload_settled === false && 'not settled');
  add('hops', 'hops', String);
  // What a burst or a throughput test takes is set by what it sends, and says nothing. Of TCP it is the latency.
  if (facts.length === 0 && !['tcp', 'udp', 'icmp', 'bandwidth', 'traceroute'].includes(check.kind)) add('duration_seconds', 'took', latency);
  return facts;
}
