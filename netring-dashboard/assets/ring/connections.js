// The pairs that the filters leave as a list, the worst first: the matrix for those who cannot see it, and for copying.
import { html, useMemo, useState } from '../lib/htm-preact.js';
import { addressOf } from '../data/looked-at.js';
import { STATES } from '../data/grid.js';
import { select, SHOWN, source, target } from '../data/selection.js';
import { count, SHAPES, spelled } from '../look/words.js';

const STEP = 50;

export function Connections({ grid, state }) {
  const [most, showMost] = useState(STEP);
  const { from, to, above, below, failures } = state;
  const pairs = useMemo(() => worstFirst(grid, state), [grid, from, to, above, below, failures]);
  const shown = SHOWN[grid.metric];
  return html`
    <header>
      <h2 id="connections-title">Connections</h2>
      <span class="dim" id="connections-count">${count(pairs.length, 'pair')}, the worst first</span>
    </header>
    ${pairs.length === 0 && html`<p class="empty">The filters leave no pair.</p>`}
    ${pairs.length > 0 &&
    html`<div class="scroll"><table id="connections">
      <thead><tr><th>From</th><th>To</th><th>State</th>${shown.map(([, name]) => html`<th class="number">${name}</th>`)}</tr></thead>
      <tbody>${pairs.slice(0, most).map((cell) => html`<${Row} key=${cell} grid=${grid} cell=${cell} shown=${shown} />`)}</tbody>
    </table></div>`}
    ${pairs.length > most && html`<button type="button" onclick=${() => showMost(most + STEP * 4)}>Show more of ${pairs.length}</button>`}
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
      <td class="name"><a href=${href}>${from.instance_id}</a> <span class="dim">${from.location}</span></td>
      <td class="name">${to.instance_id} <span class="dim">${to.location}</span></td>
      <td><span class=${`state ${state}`} data-shape=${SHAPES[state]}>${state}</span></td>
      ${shown.map(([field]) => html`<td class="number">${spelled(field, grid.values[field]?.[cell])}</td>`)}
    </tr>
  `;
}

/** Cells by their state, the worst first, and of one state by the metric's first value. */
function worstFirst(grid, state) {
  const { rows, columns, takes } = select(grid, state);
  const width = grid.targets.length;
  const cells = [];
  for (const row of rows) for (const column of columns) if (takes(row * width + column)) cells.push(row * width + column);
  const field = SHOWN[grid.metric][0][0];
  const values = grid.values[field];
  // Of a throughput little is bad, of all else much.
  const sign = field.endsWith('bits_per_second') ? 1 : -1;
  const value = (cell) => (values?.[cell] === values?.[cell] && values ? sign * values[cell] : Infinity);
  return cells.sort((a, b) => grid.cells[b] - grid.cells[a] || value(a) - value(b) || a - b);
}
