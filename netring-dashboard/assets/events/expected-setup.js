// What expected members are for, and how to turn them on: with a file made from who is there now.
import { html, useState } from '../lib/htm-preact.js';
import { useValue } from '../data/observable.js';
import { grid, rollup } from '../data/ring.js';
import { tip } from '../look/tip.js';

const TURNED_ON = `registry:
  expected_members:
    config_file: config/expected-members.yaml
    enable_missing_detection: true
`;

export function Setup() {
  const counts = useCounts();
  return html`
    <section class="panel expected" id="expected-setup" aria-labelledby="setup-title">
      <header><h2 id="setup-title">This registry expects no members in particular</h2></header>
      <p>It knows who is in the ring, but not who should be. A member that never started, or that said goodbye and did not come back,
        is missed by nobody. Tell the registry how many members belong to each location, and it tells here, at${' '}
        <code>api/v1/expected</code> and at <code>/metrics</code> when some are missing for longer than they may, and where members
        are that nobody expects.</p>
      <ol class="steps">
        <li>In the registry's configuration:<${Code} text=${TURNED_ON} name="registry.yaml" /></li>
        <li>${counts.size > 0
            ? 'In the file that it names. This one expects at each location as many members as are there now; see that they are all:'
            : 'In the file that it names:'}
          <${Code} text=${written(counts)} name="expected-members.yaml" /></li>
        <li>Start the registry anew. <span class="dim">A location may also have a <code>criticality</code> (high, medium or low), a${' '}
          <code>grace_period</code> (5m unless it says otherwise) and a <code>description</code>.</span></li>
      </ol>
    </section>
  `;
}

/** How many members are at each location: online or stale. */
function useCounts() {
  const [members, places] = [useValue(grid)?.members, useValue(rollup)?.locations];
  const counts = new Map();
  if (!members) for (const { location, online, stale } of places ?? []) counts.set(location, online + stale);
  for (const { location, status } of members ?? []) {
    const here = status === 'online' || status === 'stale';
    if (here) counts.set(location, (counts.get(location) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The file. A name in quotes, as JSON has it, is one to YAML too. */
function written(counts) {
  const all = counts.size > 0 ? [...counts] : [['us1', 3]];
  return `expected_members:\n  locations:\n${all.map(([name, number]) => `    ${JSON.stringify(name)}:\n      expected_count: ${number}\n`).join('')}`;
}

function Code({ text, name }) {
  const [copied, done] = useState(false);
  const copy = () => navigator.clipboard.writeText(text).then(() => done(true), () => done(false));
  return html`<pre tabindex="0" aria-label=${name}>${text}</pre>
    ${navigator.clipboard && html`<button type="button" ...${tip(`Copy ${name}`)} onclick=${copy}>${copied ? 'Copied ✓' : 'Copy'}</button>`}`;
}
