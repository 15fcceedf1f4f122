// Everything about one pair of members, in both directions.
import { html, useState } from '../lib/htm-preact.js';
import { address } from '../data/ask.js';
import { lookAt } from '../data/looked-at.js';
import { tip } from '../look/tip.js';
import { clock } from '../look/words.js';
import { useOld } from '../parts/banner.js';
import { Side } from '../parts/side.js';
import { EventsAround, FaultsAround } from './around.js';
import { History } from './history.js';
import { usePolled } from './known.js';
import { Ends, Now } from './now.js';
import { Paths } from './paths.js';

const MATRIX = 'api/v1/matrix';
const close = () => lookAt({ source: '', target: '' });

export function PairPanel(ends) {
  const { source, target } = ends;
  const two = source !== target;
  return html`<${Side} title=${`${source} ⇄ ${target}`} close=${close} acts=${two && html`<${Acts} ...${ends} />`}>
    ${two ? html`<${Pair} ...${ends} />` : html`<p>A member is not probed by itself.</p>`}
  <//>`;
}

/** One direction: as it is (`now`, and `pair` of it), and as it was. */
function useWay(source, target) {
  const now = usePolled(MATRIX, { source, target }, 4_000);
  const pair = now.data?.pairs.find((one) => one.source === source && one.target === target);
  // What is not in the ring, or was never probed, has no history: asking would be an error.
  const there = [source, target].every((id) => now.data?.members.some((member) => member.instance_id === id));
  const past = usePolled('api/v1/history', { source, target }, 10_000, there && pair?.checks.length !== 0);
  return { name: `${source} → ${target}`, now, pair, past };
}

function Pair({ source, target }) {
  const old = useOld();
  const ids = [source, target];
  // Asked for in an order of its own, so that what is known stays when the two are swapped.
  const [first, second] = [...ids].sort();
  const both = [useWay(first, second), useWay(second, first)];
  const ways = source === first ? both : both.reverse();
  const { data, at } = ways.map(({ now }) => now).find((now) => now.data) ?? {};
  const members = new Map(data?.members.map((member) => [member.instance_id, member]));
  const paths = usePolled('api/v1/topology/path', { source, target }, 10_000, ids.every((id) => members.has(id)));
  const places = [first, second].flatMap((id) => members.get(id)?.location ?? []);
  if (!ways.some(({ now }) => now.at || now.refused)) {
    return html`<div class="pair"><p class="dim">${old ? 'The registry does not answer.' : 'Loading…'}</p></div>`;
  }
  // Results have the registry's time, and the clock here may be wrong: hence `ahead`.
  return html`<div class="pair">
    ${old && at && html`<p class="doubt">◐ The registry does not answer: this is from ${clock(at)}.</p>`}
    ${data && html`<${Ends} ids=${ids} members=${members} />`}
    <${FaultsAround} ids=${ids} places=${places} />
    <${Now} ways=${ways} />
    <${History} ways=${ways} ahead=${data ? data.at - at : 0} />
    <${Paths} ways=${ways} known=${paths} />
    <${EventsAround} ids=${ids} places=${places} />
  </div>`;
}

function Acts({ source, target }) {
  const [copied, setCopied] = useState('');
  const copy = () => {
    navigator.clipboard.writeText(location.href).then(() => setCopied('✓ copied'), () => setCopied('✕ not copied'));
    setTimeout(setCopied, 4_000, '');
  };
  // Over plain HTTP there is no clipboard to write to.
  return html`
    <button type="button" id="pair-swap" ...${tip('Swap source and target')}
      onclick=${() => lookAt({ source: target, target: source })}>⇄ swap</button>
    ${navigator.clipboard &&
    html`<button type="button" id="pair-copy" aria-live="polite" ...${tip('Copy a link to what you see')}
      onclick=${copy}>${copied || 'copy link'}</button>`}
    <a href=${address(MATRIX, { source, target })} target="_blank" rel="noreferrer"
      ...${tip(`What the API says of ${source} → ${target}`)}>JSON</a>
  `;
}
