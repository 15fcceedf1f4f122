// The matrix by members as arrays of numbers: a row for each source, a column for each target.
import { address, Lost, lost, reached, Refused } from './ask.js';

/** What a cell is, by its code. Higher codes are worse. */
export const STATES = ['none', 'up', 'unknown', 'degraded', 'down'];
export const CODE = Object.fromEntries(STATES.map((name, code) => [name, code]));

const worker = new Worker(address('assets/data/worker.js'));
const waiting = new Map();
let asked = 0;

worker.onmessage = ({ data }) => {
  const { resolve, reject } = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.lost) {
    lost();
    reject(new Lost());
  } else if (data.grid) {
    reached();
    resolve(data.grid);
  } else {
    reached();
    reject(new Refused(data.status, data.message));
  }
};

// Without it nobody answers any more.
worker.onerror = () => {
  for (const { reject } of waiting.values()) reject(new Error('a part of this page could not be loaded'));
  waiting.clear();
};

/** Asks for the grid. */
export function askGrid(query) {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, url: address('api/v1/matrix/grid', query) });
  });
}

/** The same grid with the states of these pairs, as the stream tells them. */
export function withChanges(grid, changes) {
  const row = new Map(grid.sources.map((place, y) => [grid.members[place].instance_id, y]));
  const column = new Map(grid.targets.map((place, x) => [grid.members[place].instance_id, x]));
  const cells = grid.cells.slice();
  for (const { source, target, state } of changes) {
    const [y, x] = [row.get(source), column.get(target)];
    if (y !== undefined && x !== undefined) cells[y * grid.targets.length + x] = CODE[state] ?? 0;
  }
  return { ...grid, cells };
}
