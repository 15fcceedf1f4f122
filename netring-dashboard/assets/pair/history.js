// The last hour and the last day of both ways.
import { html, useMemo, useState } from '../lib/htm-preact.js';
import { tip } from '../look/tip.js';
import { clock, count, latency, percent, rate } from '../look/words.js';
import { byName, Trouble } from './known.js';
import { Plot, Stroke } from './plot.js';

const TIERS = {
  hour: { text: 'Last hour', length: 3600, what: 'Each result of the last hour', failure: 'a check that failed' },
  day: { text: 'Last day', length: 86_400, what: 'The median of each half hour of the last day', failure: 'half an hour with failed checks' },
};
const UNTESTED = 'No throughput is remembered.';
// By the names of the API; `least` is how far the scale goes at least.
const CHARTS = [
  { title: 'Latency', hour: 'round_trip_time_seconds', day: 'median_round_trip_time_seconds', write: latency, least: 1e-5, empty: 'No latency is remembered.' },
  { title: 'Loss', hour: 'loss_ratio', day: 'mean_loss_ratio', write: percent, least: 0.02, empty: 'No loss is remembered: that takes bursts by UDP or ICMP.' },
  { title: 'Download', hour: 'download_bits_per_second', day: 'median_download_bits_per_second', write: rate, least: 1e3, empty: UNTESTED },
  { title: 'Upload', hour: 'upload_bits_per_second', day: 'median_upload_bits_per_second', write: rate, least: 1e3, empty: UNTESTED },
];

export function History({ ways, ahead }) {
  const [tier, setTier] = useState('hour');
  const past = ways.map((way) => way.past);
  const nothing = past.every(({ none, data }) => none || data?.checks.length === 0);
  return html`
    <section aria-labelledby="pair-history">
      <h3 id="pair-history">History <span class="old-mark">old</span></h3>
      <div class="controls">
        <div class="group" role="group" aria-label="How long">
          ${Object.entries(TIERS).map(
            ([name, { text, what }]) => html`<button type="button" data-tier=${name} aria-pressed=${tier === name} ...${tip(what)}
              onclick=${() => setTier(name)}>${text}</button>`,
          )}
        </div>
        ${ways.map(({ name }, i) => html`<span><${Stroke} way=${i} /> ${name}</span>`)}
        <span class="dim">✕ ${TIERS[tier].failure}</span>
      </div>
      <${Trouble} of=${past} />
      ${past.some(({ data }) => data) && !nothing
        ? html`<${Charts} ways=${ways} past=${past} tier=${tier} ahead=${ahead} />`
        : html`<p class="dim">${nothing ? 'Nothing is remembered of this pair.' : past.some(({ refused }) => refused) ? '' : 'Loading…'}</p>`}
    </section>
  `;
}

function Charts({ ways, past, tier, ahead }) {
  const [chosen, choose] = useState('');
  // The time that the cursor is at, in all charts.
  const [at, setAt] = useState(null);
  const charts = useMemo(() => {
    const to = ahead + Math.max(...past.map((one) => one.at ?? 0));
    const checks = byName(past.map(({ data }) => data?.checks ?? []));
    return CHARTS.map((chart) => {
      const field = chart[tier];
      const some = checks.filter(({ both }) => both.some((check) => check?.[tier]?.some((sample) => Number.isFinite(sample[field]))));
      const check = (chart === CHARTS[0] && some.find(({ name }) => name === chosen)) || some[0];
      const lines = [0, 1].map((way) => line(check?.both[way]?.[tier] ?? [], field));
      return { ...chart, tier, from: to - TIERS[tier].length, to, lines, names: some.map(({ name }) => name), name: check?.name };
    });
  }, [past[0].data, past[1].data, tier, chosen]);
  return html`<div class="two">
    ${charts.map((chart) => html`<${Chart} key=${chart.title + tier} ...${chart} ways=${ways} choose=${choose} at=${at} setAt=${setAt} />`)}
  </div>`;
}

/** What is remembered of a check: times, values, of which a null is a gap, and the times when it failed. */
function line(samples, field) {
  const [x, y, bad] = [[], [], []];
  const times = samples.map(({ at, start }) => at ?? start);
  const steps = times.slice(1).map((time, i) => time - times[i]).sort((a, b) => a - b);
  const pause = Math.max(5, 3 * (steps[steps.length >> 1] ?? Infinity));
  samples.forEach((sample, i) => {
    const failed = sample.state === 'down' || sample.bad > 0;
    const value = sample[field] ?? (failed ? null : undefined);
    if (failed) bad.push(times[i]);
    if (value === undefined) return;
    // Where nothing came for long nothing is known, and no line is drawn.
    if (times[i] - x.at(-1) > pause) {
      x.push((times[i] + x.at(-1)) / 2);
      y.push(null);
    }
    x.push(times[i]);
    y.push(value);
  });
  return { x, y, bad };
}

function Chart({ title, empty, ways, names, name, choose, at, setAt, ...what }) {
  const { lines, write, tier } = what;
  // At the cursor; without one the newest.
  const points = lines.map(({ x }) => (at === null ? x.length - 1 : nearest(x, at)));
  const time = lines[0].x[points[0]] ?? lines[1].x[points[1]];
  const words = ways.map((way, i) => `${way.name}: ${inWords(lines[i], write, tier)}`).join('. ');
  return html`<figure>
    <figcaption>
      <b>${title}</b> ${title === 'Latency' && names.length > 1
        ? html`<select aria-label="Of which check" ...${tip('Which check the latency is of')} onchange=${(event) => choose(event.target.value)}>
            ${names.map((one) => html`<option value=${one} selected=${one === name}>${one}</option>`)}</select>`
        : title === 'Loss' && html`<span class="dim">${name}</span>`}
      ${time && html`<div class="small">
        ${lines.map(({ x, y, bad }, i) => html`<${Stroke} way=${i} /> ${
          y[points[i]] === null && bad.includes(x[points[i]]) ? '✕ failed' : write(y[points[i]])
        } `)}
        <span class="dim">${at === null && 'newest, '}${tier === 'hour' ? 'at' : 'half hour from'} ${clock(time)}</span></div>`}
    </figcaption>
    ${time ? html`<${Plot} ...${what} label=${`${title}. ${words}.`} at=${at} setAt=${setAt} />` : html`<p class="dim">${empty}</p>`}
  </figure>`;
}

function nearest(x, at) {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (Math.abs(x[i] - at) < Math.abs(x[best] - at)) best = i;
  return best;
}

function inWords({ y, bad }, write, tier) {
  const values = y.filter(Number.isFinite).sort((a, b) => a - b);
  const failed = bad.length > 0 ? `, ${tier === 'hour' ? count(bad.length, 'failure') : `failures in ${count(bad.length, 'half hour')}`}` : '';
  if (values.length === 0) return `nothing measured${failed}`;
  return `least ${write(values[0])}, median ${write(values[values.length >> 1])}, most ${write(values.at(-1))}${failed}`;
}
