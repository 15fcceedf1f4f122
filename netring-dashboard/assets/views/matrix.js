// Who reaches whom, and in which direction.
import { html, useMemo } from '../lib/htm-preact.js';
import { lookAt, lookedAt } from '../data/looked-at.js';
import { useValue } from '../data/observable.js';
import { faults, grid, rollup, tooLarge } from '../data/ring.js';
import { CODE } from '../data/grid.js';
import { noPair, SHOWN } from '../data/selection.js';
import { SCALES } from '../look/palette.js';
import { tip } from '../look/tip.js';
import { METRIC_NAMES, SHAPES, spelled } from '../look/words.js';
import { Board } from '../matrix/board.js';
import { ofLocations, ofMembers } from '../matrix/boards.js';
import { Filters, Metrics } from '../parts/filters.js';

export function MatrixView() {
  const state = useValue(lookedAt);
  const [known, rolled, refused, told] = [useValue(grid), useValue(rollup), useValue(tooLarge), useValue(faults)];
  const byLocation = state.by === 'location' || (refused !== null && !known);
  const data = byLocation ? rolled : known;
  const { from, to, above, below, failures } = state;
  const board = useMemo(
    () => data && (byLocation ? ofLocations(data, state) : ofMembers(data, state)),
    [data, byLocation, from, to, above, below, failures],
  );
  const empty = useMemo(() => board && emptyWords(board, data, from || to), [board]);
  const marks = told?.open.find((fault) => fault.id === state.fault)?.pairs;
  return html`
    <div class="controls">
      <div class="group" role="group" aria-label="Rows and columns">
        <${By} name="member" text="Members" what="A row and a column for each member" on=${!byLocation} off=${known ? null : refused} />
        <${By} name="location" text="Locations" what="The pairs of two locations taken together: the worst, the median, the best" on=${byLocation} />
      </div>
      <${Metrics} /><${Filters} />
    </div>
    <section class="panel" aria-label="Matrix">
      <${Legend} counts=${board?.counts} metric=${data?.metric ?? state.metric} loading=${data && data.metric !== state.metric && state.metric} />
      ${refused && html`<p class="dim">${refused}</p>`}
      ${!board && html`<p class="empty">Waiting for the registry…</p>`}
      ${board && (empty ? html`<p class="empty">${empty}</p>` : html`<${Board} board=${board} marks=${marks} />`)}
    </section>
  `;
}

/** Why nothing can be seen; undefined where something can. */
function emptyWords({ codes, left }, data, placed) {
  const nobody = data.members ? !placed && noPair(data.members) : data.locations.length === 0 && noPair([]);
  if (nobody) return nobody;
  if (codes.some((code, i) => code !== CODE.none && (!left || left[i]))) return undefined;
  return data.pairs?.length === 0 && !placed ? 'There are no two members that could probe each other.' : 'The filters leave no pair.';
}

function By({ name, text, what, on, off }) {
  return html`<button type="button" data-by=${name} aria-pressed=${on} disabled=${off !== undefined && off !== null} ...${tip(off ?? what)}
    onclick=${() => lookAt({ by: name, zoom: '' })}>${text}</button>`;
}

function Legend({ counts, metric, loading }) {
  const [[field, name]] = SHOWN[metric];
  const [best, worst] = SCALES[field];
  return html`
    <p class="legend">
      ${['up', 'degraded', 'down', 'unknown'].map((state) => html`<span><i class=${`swatch ${state}`} aria-hidden="true">${SHAPES[state]}</i>${counts && html`<b class="number">${counts[CODE[state]]}</b>`} ${state}</span>`)}
      <span>${name}: ${spelled(field, best)} <i class="ramp" aria-hidden="true"></i> ${spelled(field, worst)}</span>
      <span>rows: who probes; columns: who is probed</span>
      ${loading && html`<span role="status">loading ${METRIC_NAMES[loading]}…</span>`}
    </p>
  `;
}
