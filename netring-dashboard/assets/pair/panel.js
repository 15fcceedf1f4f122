// Everything about one pair of members, in both directions.
import { html, useMemo, useState } from '../lib/htm-preact.js';
import { address } from '../data/ask.js';
import { lookAt } from '../data/looked-at.js';
import { tip } from '../look/tip.js';
import { clock } from '../look/words.js';
import { Side } from '../parts/side.js';
import { useOld } from '../parts/banner.js';
import { EventsAround, FaultsAround } from './around.js';
import { copy } from './copy.js';
import { History } from './history.js';
import { Ends, Now } from './now.js';
import { Paths } from './paths.js';
import { usePolled } from './poll.js';

const MATRIX = 'api/v1/matrix';
const HISTORY = 'api/v1/history';
const close = () => lookAt({ source: '', target: '' });

export function PairPanel({ source, target }) {
  const title = `${source} ⇄ ${target}`;
  const acts = html`<${Acts} source=${source} target=${target} />`;
  return html`<${Side} title=${title} close=${close} acts=${source !== target && acts}>
    ${source === target ? html`<p>A member is not probed by itself.</p>` : html`<${Pair} source=${source} target=${target} />`}
  <//>`;
}

function Pair({ source, target }) {
  const old = useOld();
  const ends = [{ source, target }, { source: target, target: source }];
  const matrices = [usePolled(MATRIX, ends[0], 4_000), usePolled(MATRIX, ends[1], 4_000)];
  const members = useMembers(matrices);
  const ids = [source, target];
  const there = ids.every((id) => members.has(id));
  const now = ends.map((end, i) => ({ ...end, ...matrices[i], pair: pairOf(matrices[i].data, end) }));
  // What was never probed has no history, and what is not in the ring no path: asking would be an error.
  const probed = now.some(({ pair, at }) => at && (!pair || pair.checks.length > 0));
  const remembered = there && probed;
  const histories = [usePolled(HISTORY, ends[0], 10_000, remembered), usePolled(HISTORY, ends[1], 10_000, remembered)];
  const past = ends.map((end, i) => ({ ...end, ...histories[i], history: histories[i].data }));
  const paths = usePolled('api/v1/topology/path', ends[0], 10_000, there);
  // Results have the registry's time, and the clock here may be wrong.
  const known = matrices.find(({ at }) => at);
  const ahead = known ? known.data.at - known.at : 0;
  const places = ids.map((id) => members.get(id)?.location).filter((place) => place !== undefined);
  const asked = matrices.some(({ at, refused }) => at || refused);
  if (!asked) return html`<div class="pair"><p class="dim">${old ? 'The registry does not answer.' : 'Loading…'}</p></div>`;
  return html`<div class="pair">
    ${old && html`<p class="doubt">◐ The registry does not answer: this is from ${clock(Math.max(...matrices.map(({ at }) => at ?? 0)))}.</p>`}
    ${matrices.some(({ at }) => at) && html`<${Ends} ids=${ids} members=${members} />`}
    <${FaultsAround} ids=${ids} places=${places} />
    <${Now} ways=${now} active=${now.some(({ pair }) => pair)} />
    <${History} ways=${past} asked=${remembered} ahead=${ahead} />
    <${Paths} ways=${ends} known=${paths} asked=${there} />
    <${EventsAround} ids=${ids} places=${places} />
  </div>`;
}

function pairOf(matrix, { source, target }) {
  return matrix?.pairs.find((pair) => pair.source === source && pair.target === target);
}

/** The members of the newer answer: one that is missing there is gone. */
function useMembers([there, back]) {
  return useMemo(() => {
    const newer = (back.at ?? 0) > (there.at ?? 0) ? back : there;
    return new Map((newer.data?.members ?? []).map((member) => [member.instance_id, member]));
  }, [there.data, back.data]);
}

function Acts({ source, target }) {
  const [copied, setCopied] = useState('');
  const copyLink = async () => {
    setCopied((await copy(location.href)) ? '✓ copied' : '✕ not copied: it is in the address bar');
    setTimeout(() => setCopied(''), 4_000);
  };
  return html`
    <button type="button" id="pair-swap" ...${tip('Swap source and target')}
      onclick=${() => lookAt({ source: target, target: source })}>⇄ swap</button>
    <button type="button" id="pair-copy" aria-live="polite" ...${tip('Copy a link to what you see')}
      onclick=${copyLink}>${copied || 'copy link'}</button>
    <a href=${address(MATRIX, { source, target })} target="_blank" rel="noreferrer"
      ...${tip(`What the API says of ${source} → ${target}`)}>JSON</a>
  `;
}
