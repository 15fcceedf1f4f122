// The matrix by members as arrays of numbers: a row for each source, a column for each target.
import { address, dated, Lost, lost, reached, Refused } from './ask.js';

/** What a cell is, by its code. Higher codes are worse. */
export const STATES = ['none', 'up', 'unknown', 'degraded', 'down'];
export const CODE = Object.fromEntries(STATES.map((name, code) => [name, code]));

const worker = new Worker(address('assets/data/worker.js'), { type: 'module' });
const waiting = new Map();
let asked = 0;

worker.onmessage = ({ data }) => {
  const { resolve, reject } = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.lost) {
    lost();
    reject(new Lost());
  } else if (data.message) {
    reached();
    reject(new Refused(data.status, data.message));
  } else {
    reached();
    // Throws where there is none.
    new Promise((done) => done(dated(data.grid, data.status))).then(resolve, reject);
  }
};

// Without it nobody answers any more.
worker.onerror = () => {
  for (const { reject } of waiting.values()) reject(new Error('a part of this page could not be loaded'));
  waiting.clear();
};

/** Asks for the grid, of which a pair is judged by the value `field`. */
export function askGrid(query, field) {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, url: address('api/v1/matrix/grid', query), field });
  });
}

/** The same grid with the states of these pairs, as the stream tells them. */
export function withChanges(grid, changes) {
  const row = new Map(grid.sources.map((place, y) => [grid.members[place].instance_id, y]));
  const column = new Map(grid.targets.map((place, x) => [grid.members[place].instance_id, x]));
  const cells = grid.cells.slice();
  for (const { source, target, state } of changes) {
    const [y, x] = [row.get(source), column.get(target)];
    if (y !== undefined && x !== undefined) cells[y * grid.targets.length + x] = CODE[state] ?? CODE.unknown;
  }
  return { ...grid, cells };
}

const counted = new WeakMap();

/** How many cells have each code: in all, and in each row, five numbers for each. */
export function countsOf({ cells, sources, targets }) {
  if (!counted.has(cells)) {
    const [all, rows] = [new Uint32Array(5), new Uint32Array(sources.length * 5)];
    for (let y = 0, at = 0; y < sources.length; y++) {
      for (let x = 0; x < targets.length; x++, at++) rows[y * 5 + cells[at]]++;
      for (let code = 0; code < 5; code++) all[code] += rows[y * 5 + code];
    }
    counted.set(cells, { all, rows });
  }
  return counted.get(cells);
}
