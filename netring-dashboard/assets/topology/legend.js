// What the lines and shapes of the graph mean.
import { html } from '../lib/htm-preact.js';

const LINES = [
  ['way level-none', 1, 'not known'],
  ['way silent level-1', 2.4, 'over silent hops'],
  ['way warning level-3', 3, '△ warning'],
  ['way critical level-4', 4, '▲ critical'],
];

export function Legend() {
  return html`
    <div class="legend" role="note" aria-label="Legend">
      <span class="number">added latency 1 ms ${[0, 1, 2, 3, 4].map((level) => sample(`way level-${level}`, 1.3 + level * 0.8))} 150 ms</span>
      ${LINES.map(([look, width, words]) => html`<span class="number">${sample(look, width)} ${words}</span>`)}
      <span>≤ the farther end answered sooner than the nearer one</span>
    </div>
  `;
}

function sample(look, width) {
  return html`<svg class="graph sample" width="28" height="10" aria-hidden="true"><g class=${look}><path class="line" d="M1 5H27" stroke-width=${width} /></g></svg>`;
}
