// The last hour and the last day of both ways.
import { html, useMemo, useState } from '../lib/htm-preact.js';
import { lookAt, lookedAt } from '../data/looked-at.js';
import { useValue } from '../data/observable.js';
import { tip } from '../look/tip.js';
import { clock, count, latency, percent, rate } from '../look/words.js';
import { byName, Missing, Part } from './known.js';
import { Plot, Stroke } from './plot.js';

const TIERS = {
  hour: { text: 'Last hour', length: 3600, step: 900, what: 'Each result of the last hour', failure: 'a check that failed', when: 'at' },
  day: {
    text: 'Last day', length: 86_400, step: 21_600, what: 'The median of each half hour of the last day',
    failure: 'half an hour with failed checks', when: '½ h from',
  },
};
// Title, field of a result, what a half hour has of it, how it is written, the least end of the scale, and what measures it.
const CHARTS = [
  ['Latency', 'round_trip_time_seconds', 'median', latency, 1e-5, 'a check that is good'],
  ['Loss', 'loss_ratio', 'mean', percent, 0.02, 'bursts by UDP or ICMP'],
  ['Download', 'download_bits_per_second', 'median', rate, 1e3, 'throughput tests'],
  ['Upload', 'upload_bits_per_second', 'median', rate, 1e3, 'throughput tests'],
];

export function History({ ways, ahead }) {
  const { tier } = useValue(lookedAt);
  const past = ways.map((way) => way.past);
  const nothing = past.every(({ none, data }) => none || data?.checks.length === 0);
  return html`
    <${Part} name="history" title="History">
      <div class="controls">
        <div class="group" role="group" aria-label="How long">
          ${Object.entries(TIERS).map(
            ([name, { text, what }]) => html`<button type="button" data-tier=${name} aria-pressed=${tier === name} ...${tip(what)}
              onclick=${() => lookAt({ tier: name })}>${text}</button>`,
          )}
        </div>
        ${ways.map(({ name }, i) => html`<span><${Stroke} way=${i} /> ${name}</span>`)}
        <span class="dim">✕ ${TIERS[tier].failure}</span>
      </div>
      <${Missing} of=${past} nothing=${nothing} text="Nothing is remembered of this pair." />
      ${!nothing && past.some(({ data }) => data) && html`<${Charts} ways=${ways} past=${past} tier=${tier} ahead=${ahead} />`}
    <//>
  `;
}

function Charts({ ways, past, tier, ahead }) {
  const { check: chosen } = useValue(lookedAt);
  // The time that the cursor is at, in all charts.
  const [at, setAt] = useState(null);
  const charts = useMemo(() => {
    const to = ahead + Math.max(...past.map((one) => one.at ?? 0));
    const checks = byName(past.map(({ data }) => data?.checks ?? []));
    return CHARTS.map(([title, name, mean, write, least, by]) => {
      const field = tier === 'hour' ? name : `${mean}_${name}`;
      const some = checks.filter(({ both }) => both.some((check) => check?.[tier]?.some((sample) => Number.isFinite(sample[field]))));
      const check = (title === 'Latency' && some.find((one) => one.name === chosen)) || some[0];
      const lines = [0, 1].map((way) => line(check?.both[way]?.[tier] ?? [], field));
      const { length, step } = TIERS[tier];
      return { title, write, least, by, lines, from: to - length, to, step, tier, names: some.map((one) => one.name), name: check?.name };
    });
  }, [past[0].data, past[1].data, tier, chosen]);
  return html`<div class="two">
    ${charts.map((chart) => html`<${Chart} key=${chart.title + tier} ...${chart} ways=${ways} at=${at} setAt=${setAt} />`)}
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

function Chart({ title, by, ways, names, name, at, setAt, ...what }) {
  const { lines, write, tier } = what;
  // At the cursor; without one the newest.
  const points = lines.map(({ x }) =>
    at === null ? x.length - 1 : x.reduce((best, time, i) => (Math.abs(time - at) < Math.abs(x[best] - at) ? i : best), 0),
  );
  const time = lines[0].x[points[0]] ?? lines[1].x[points[1]];
  const words = ways.map((way, i) => `${way.name}: ${inWords(lines[i], write, tier)}`).join('. ');
  return html`<figure>
    <figcaption>
      <b>${title}</b> ${title === 'Latency' && names.length > 1
        ? html`<select aria-label="Of which check" ...${tip('Which check the latency is of')} onchange=${(event) => lookAt({ check: event.target.value })}>
            ${names.map((one) => html`<option value=${one} selected=${one === name}>${one}</option>`)}</select>`
        : title === 'Loss' && html`<span class="dim">${name}</span>`}
      ${time && html`<div class="small">
        ${lines.map(({ x, y, bad }, i) => html`<${Stroke} way=${i} /> ${
          y[points[i]] === null && bad.includes(x[points[i]]) ? '✕ failed' : write(y[points[i]])
        } `)}
        <span class="dim">${at === null && 'newest, '}${TIERS[tier].when} ${clock(time)}</span></div>`}
    </figcaption>
    ${time
      ? html`<${Plot} ...${what} label=${`${title}. ${words}.`} at=${at} setAt=${setAt} />`
      : html`<p class="dim">Nothing is remembered: it takes ${by}.</p>`}
  </figure>`;
}

function inWords({ y, bad }, write, tier) {
  const values = y.filter(Number.isFinite).sort((a, b) => a - b);
  const [least, median, most] = [values[0], values[values.length >> 1], values.at(-1)].map(write);
  return `least ${least}, median ${median}, most ${most}, ${count(bad.length, 'time')} ${TIERS[tier].failure}`;
}
