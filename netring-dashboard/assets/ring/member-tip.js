// What a member's tooltip says: how it reaches the others now, and when it probes again.
import { html, useEffect, useState } from '../lib/htm-preact.js';
import { ask } from '../data/ask.js';
import { registryNow, useClock, useValue } from '../data/observable.js';
import { grid } from '../data/ring.js';
import { ago, latency, percent, rate, span, STATUS_SHAPES } from '../look/words.js';

// So long an answer serves a tooltip that is opened again.
const FRESH = 3;
const answers = new Map();

async function pairsOf(source) {
  const known = answers.get(source);
  if (known && registryNow() - known.asked < FRESH) return known;
  const { pairs } = await ask('api/v1/matrix', { source });
  const answer = { asked: registryNow(), pairs };
  answers.set(source, answer);
  if (answers.size > 50) answers.delete(answers.keys().next().value);
  return answer;
}

export function MemberTip({ id }) {
  const member = useValue(grid)?.members.find((one) => one.instance_id === id);
  const status = member?.status;
  const probes = status === 'online' || status === 'stale';
  const [answer, setAnswer] = useState(null);
  const now = useClock();
  useEffect(() => {
    let here = true;
    const refresh = () =>
      pairsOf(id).then(
        (got) => here && setAnswer(got),
        (error) => here && setAnswer({ error: error.message }),
      );
    if (probes) refresh();
    const timer = probes && setInterval(refresh, FRESH * 1000);
    return () => {
      here = false;
      clearInterval(timer);
    };
  }, [id, probes]);
  if (!member) return html`<strong>${id}</strong> is no longer in the ring.`;
  return html`
    <strong>${id}</strong> <span class="dim">${member.location}</span>
    <table>
      <tr><th scope="row">Status</th><td><span class=${`state ${status}`} data-shape=${STATUS_SHAPES[status]}>${status}</span></td></tr>
      <tr><th scope="row">Address</th><td>${member.address}</td></tr>
      <tr><th scope="row">Last heartbeat</th><td>${ago(now - member.last_seen)}</td></tr>
      ${probes && html`<${Figures} answer=${answer} now=${now} />`}
    </table>
  `;
}

function Figures({ answer, now }) {
  if (answer?.error) return html`<tr><td colspan="2">${answer.error}</td></tr>`;
  if (!answer) return html`<tr><td colspan="2" class="dim">Asking for its figures…</td></tr>`;
  const checks = answer.pairs.flatMap((pair) => pair.checks);
  const of = (...kinds) => checks.filter((check) => kinds.includes(check.kind));
  const connectivity = checks.filter((check) => check.kind !== 'bandwidth' && check.kind !== 'traceroute');
  const known = connectivity.filter((check) => check.state !== 'unknown');
  const good = known.filter((check) => check.state === 'up');
  const next = (list) => {
    const due = list.filter((check) => check.next_check_seconds !== undefined).map((check) => check.next_check_seconds);
    return due.length === 0 ? 'unknown' : countdown(Math.min(...due) - (now - answer.asked));
  };
  return html`
    <tr><th scope="row">Average latency</th><td>${latency(mean(answer.pairs.map(latencyOf)))}</td></tr>
    <tr><th scope="row">Success rate</th><td>${known.length === 0 ? 'unknown' : `${percent(good.length / known.length)} of ${known.length} checks`}</td></tr>
    <tr><th scope="row">Bandwidth</th><td>↓ ${rate(mean(of('bandwidth').map((check) => check.download_bits_per_second)))}, ↑ ${rate(mean(of('bandwidth').map((check) => check.upload_bits_per_second)))}</td></tr>
    <tr><th scope="row">Hops</th><td>${hops(of('traceroute'))}</td></tr>
    <tr><th scope="row">Next connectivity check</th><td>${next(connectivity)}</td></tr>
    <tr><th scope="row">Next bandwidth check</th><td>${next(of('bandwidth'))}</td></tr>
    <tr><th scope="row">Next traceroute check</th><td>${next(of('traceroute'))}</td></tr>
  `;
}

/** The latency of a pair, as the matrix defines it. */
function latencyOf({ checks }) {
  const good = checks.filter((check) => check.state === 'up');
  const measured = good.find((check) => check.round_trip_time_seconds !== undefined);
  return measured ? measured.round_trip_time_seconds : good.find((check) => !['bandwidth', 'traceroute'].includes(check.kind))?.duration_seconds;
}

function hops(checks) {
  const known = checks.map((check) => check.hops).filter(Number.isFinite);
  if (known.length === 0) return '–';
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return least === most ? String(least) : `${least} to ${most}`;
}

function mean(values) {
  const known = values.filter(Number.isFinite);
  return known.length === 0 ? NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function countdown(seconds) {
  return seconds <= 0 ? 'now' : `in ${span(Math.ceil(seconds))}`;
}
