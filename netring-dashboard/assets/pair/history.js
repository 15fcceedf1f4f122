// The last hour and the last day of both ways.
import { html, useMemo, useState } from '../lib/htm-preact.js';
import { tip } from '../look/tip.js';
import { latency, percent, rate } from '../look/words.js';
import { Chart, Stroke } from './chart.js';
import { allChecks, checkKey, checkName, wayName } from './names.js';
import { FIELDS, series } from './series.js';

const TIERS = {
  hour: ['Last hour', 3600, 'Each result of the last hour'],
  day: ['Last day', 86_400, 'The median of each half hour of the last day'],
};
const CHARTS = [
  { field: 'latency', title: 'Latency', write: latency, least: 1e-5, empty: 'No latency is remembered.' },
  { field: 'loss', title: 'Loss', write: percent, least: 0.02, empty: 'No loss is remembered: that takes bursts by UDP or ICMP.' },
  { field: 'download', title: 'Download', write: rate, least: 1e3, empty: 'No throughput is remembered.' },
  { field: 'upload', title: 'Upload', write: rate, least: 1e3, empty: 'No throughput is remembered.' },
];

/** `ways` has for each way its ends, its history if there is one, and when that came. */
export function History({ ways, asked, ahead }) {
  const [tier, setTier] = useState('hour');
  const [chosen, choose] = useState('');
  const known = ways.filter((way) => way.history);
  const refused = ways.find((way) => way.refused && way.refused.status !== 404)?.refused;
  const none = (way) => way.refused?.status === 404 || way.history?.checks.length === 0;
  const nothing = !asked || ways.every(none);
  return html`
    <section aria-labelledby="pair-history">
      <div class="pair-bar">
        <h3 id="pair-history">History <span class="old-mark">old</span></h3>
        <div class="group" role="group" aria-label="How long">
          ${Object.entries(TIERS).map(
            ([name, [words, , what]]) => html`<button type="button" data-tier=${name} aria-pressed=${tier === name} ...${tip(what)}
              onclick=${() => setTier(name)}>${words}</button>`,
          )}
        </div>
        <div class="pair-key">
          ${ways.map((way, at) => html`<span><${Stroke} way=${at} /> ${wayName(way)}</span>`)}
          <span class="dim">${tier === 'hour' ? '✕ a check that failed' : '✕ half an hour with failed checks; dotted: the highest'}</span>
        </div>
      </div>
      ${refused && html`<p class="pair-why">Could not be had: ${refused.message}.</p>`}
      ${known.length > 0
        ? html`<${Charts} ways=${ways} tier=${tier} chosen=${chosen} choose=${choose} ahead=${ahead} />`
        : html`<p class="dim">${nothing ? `Nothing is remembered of this pair${asked ? ' yet' : ''}.` : refused ? '' : 'Loading…'}</p>`}
    </section>
  `;
}

function Charts({ ways, tier, chosen, choose, ahead }) {
  const histories = ways.map((way) => way.history?.checks ?? []);
  const [first, second] = ways.map((way) => way.history);
  const drawn = useMemo(() => {
    const [, length] = TIERS[tier];
    const to = ahead + Math.max(...ways.map((way) => way.at ?? 0));
    const timed = allChecks(histories).filter((check) => measures(histories, check, 'latency', tier));
    const shown = timed.find((check) => checkKey(check) === chosen) ?? timed.find(({ kind }) => kind === 'tcp') ?? timed[0];
    const charts = CHARTS.map((chart) => ({ ...chart, from: to - length, to, ...lines(histories, chart.field, tier, shown) }));
    return { timed, shown, charts };
  }, [first, second, tier, chosen]);
  const chooser = drawn.timed.length > 1 && html`<select aria-label="Of which check" class="pair-choose" ...${tip('Which check the latency is of')}
    onchange=${(event) => choose(event.target.value)}>
    ${drawn.timed.map((check) => html`<option value=${checkKey(check)} selected=${check === drawn.shown}>${checkName(check)}</option>`)}
  </select>`;
  return html`<div class="pair-charts">
    ${drawn.charts.map((chart) => {
      const control = chart.field === 'latency' ? chooser : chart.of && html`<span class="dim">${chart.of}</span>`;
      return html`<${Chart} key=${`${chart.field} ${tier}`} ...${chart} ways=${ways} control=${control} />`;
    })}
  </div>`;
}

/** The lines of both ways: of the chosen check, or of the first one that measured the field. */
function lines(histories, field, tier, shown) {
  const check = field === 'latency' ? shown : allChecks(histories).find((one) => measures(histories, one, field, tier));
  const of = histories.map((checks) => check && checks.find((one) => checkKey(one) === checkKey(check)));
  return { lines: of.map((one) => series(one, field, tier)), of: field === 'loss' && check ? checkName(check) : '' };
}

function measures(histories, check, field, tier) {
  const name = FIELDS[field][tier];
  const same = histories.flat().filter((one) => checkKey(one) === checkKey(check));
  return same.some((one) => one[tier]?.some((sample) => Number.isFinite(sample[name])));
}
