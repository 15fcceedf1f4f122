// The pairs that the filters leave as a list, the worst first: the matrix for those who cannot see it, and for copying.
import { html, useMemo, useState } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { CODE, STATES } from '../data/grid.js';
import { noPair, select, SHOWN, source, target } from '../data/selection.js';
import { useSteadyFocus } from '../parts/steady.js';
import { tip } from '../look/tip.js';
import { count, SHAPES, spelled } from '../look/words.js';

const STEP = 50;
const BOTH = tip('Both directions of this pair');

export function Connections({ grid, state }) {
  const [most, showMost] = useState(STEP);
  useSteadyFocus();
  const { from, to, above, below, failures } = state;
  const { all, cells } = useMemo(() => worstFirst(grid, state, most), [grid, from, to, above, below, failures, most]);
  const shown = SHOWN[grid.metric];
  return html`
    <header>
      <h2 id="connections-title">Connections</h2>
      <span class="dim" id="connections-count">${count(all, 'pair')}, the worst first</span>
    </header>
    ${all === 0 && html`<p class="empty">${noPair(grid.members) ?? 'The filters leave no pair.'}</p>`}
    ${all > 0 &&
    html`<div class="scroll"><table id="connections">
      <thead><tr><th>From</th><th>To</th><th>State</th>${shown.map(([, name]) => html`<th class="number">${name}</th>`)}</tr></thead>
      <tbody>${cells.map((cell) => html`<${Row} key=${cell} grid=${grid} cell=${cell} shown=${shown} />`)}</tbody>
    </table></div>`}
    ${all > most && html`<button type="button" ...${tip('Show more pairs, those that are less bad')} onclick=${() => showMost(most + STEP * 4)}>Show more of ${all}</button>`}
  `;
}

function Row({ grid, cell, shown }) {
  const width = grid.targets.length;
  const [from, to] = [source(grid, Math.floor(cell / width)), target(grid, cell % width)];
  const state = STATES[grid.cells[cell]];
  const href = addressOf({ source: from.instance_id, target: to.instance_id, fault: '' });
  return html`
    <tr class="choose" data-source=${from.instance_id} data-target=${to.instance_id} data-state=${state}
      onclick=${(event) => event.target.tagName !== 'A' && (location.hash = href)}>
      <td class="name"><a href=${href} aria-label=${`${from.instance_id} to ${to.instance_id}, ${state}`} ...${BOTH}>${from.instance_id}</a> <span class="dim">${from.location}</span></td>
      <td class="name">${to.instance_id} <span class="dim">${to.location}</span></td>
      <td><span class=${`state ${state}`} data-shape=${SHAPES[state]}>${state}</span></td>
      ${shown.map(([field]) => html`<td class="number">${spelled(field, grid.values[field]?.[cell])}</td>`)}
    </tr>
  `;
}

/** How many cells the filters leave, and the worst `most` of them: by their state, and of one state by the metric's first value. */
function worstFirst(grid, state, most) {
  const { rows, columns, takes } = select(grid, state);
  const { cells: codes, shades } = grid;
  const width = grid.targets.length;
  const [field] = SHOWN[grid.metric][0];
  const values = grid.values[field];
  // There may be a million: they are counted by how bad they are first, so that only some of them have to be sorted.
  const counts = new Uint32Array((CODE.down + 1) << 8);
  let all = 0;
  for (const row of rows) {
    for (const column of columns) {
      const cell = row * width + column;
      if (!takes(cell)) continue;
      counts[(codes[cell] << 8) + shades[cell]]++;
      all++;
    }
  }
  let least = counts.length;
  for (let enough = 0; least > 0 && enough < most; ) enough += counts[--least];
  const cells = [];
  for (const row of rows) {
    for (const column of columns) {
      const cell = row * width + column;
      if ((codes[cell] << 8) + shades[cell] >= least && cells.length < most * 20 && takes(cell)) cells.push(cell);
    }
  }
  // Of a throughput little is bad, of all else much.
  const sign = field.endsWith('bits_per_second') ? 1 : -1;
  const value = (cell) => (values && values[cell] === values[cell] ? sign * values[cell] : Infinity);
  cells.sort((a, b) => codes[b] - codes[a] || value(a) - value(b) || a - b);
  return { all, cells: cells.slice(0, most) };
}
