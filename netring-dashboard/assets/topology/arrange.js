// Where the nodes stand. The same graph is arranged the same way, and what stands somewhere stays there.
import { address } from '../data/ask.js';

/** Where each node stands, by its id: kept as long as the page is open. */
export const places = new Map();

const LIBRARIES = ['dispatch', 'quadtree', 'timer', 'force'];
const SLICE = 10;
let library = null;

/** Four scripts that know of each other by a global name, so that they are loaded in their order. */
function d3() {
  library ??= LIBRARIES.reduce((before, name) => before.then(() => script(`assets/lib/d3-${name}.min.js`)), Promise.resolve()).then(
    () => globalThis.d3,
    (error) => {
      library = null;
      throw error;
    },
  );
  return library;
}

function script(path) {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.src = address(path);
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${path} cannot be loaded`));
    document.head.append(element);
  });
}

export const isArranged = ({ nodes }) => [...nodes.keys()].every((id) => places.has(id));

/**
 * Gives each node a place, a slice of work at a time. `aspect` is how much wider than high the room is. Where most of the
 * graph is known only what is new moves. Gives up where `isOver` says so.
 */
export async function arrange(graph, aspect, isOver) {
  // In an order of their own: the same graph may come in another.
  const nodes = [...graph.nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const known = nodes.filter(({ id }) => places.has(id)).length;
  const anew = known < nodes.length * 0.6;
  const start = starts(nodes, aspect, anew);
  const bodies = nodes.map((node) => {
    const at = start.get(node.id);
    const stays = !anew && places.has(node.id);
    return { id: node.id, node, x: at.x, y: at.y, home: { ...at }, ...(stays ? { fx: at.x, fy: at.y } : {}) };
  });
  let force = null;
  try {
    force = await d3();
  } catch {
    // Then they stand where they start, which is not pretty, but can be read.
  }
  if (force) await settle(simulation(force, bodies, graph, aspect), bodies.length > 500 ? 160 : 300, isOver);
  if (isOver()) return;
  for (const { id, x, y } of bodies) places.set(id, { x, y });
}

function simulation(d3, bodies, graph, aspect) {
  const isPlace = ({ node }) => node.kind === 'location';
  const joined = new Set([...graph.edges.values()].filter(({ from, to }) => from !== to).map(({ from, to }) => [from.id, to.id].sort().join('\n')));
  const links = [...joined].sort().map((ends) => ({ source: ends.split('\n')[0], target: ends.split('\n')[1] }));
  const tall = Math.min(0.06, 0.03 * aspect);
  return d3
    .forceSimulation(bodies)
    .stop()
    .force('link', d3.forceLink(links).id(({ id }) => id).distance((link) => (isPlace(link.source) || isPlace(link.target) ? 90 : 80)))
    .force('charge', d3.forceManyBody().strength((body) => (isPlace(body) ? -900 : -320)).distanceMax(1_200))
    .force('collide', d3.forceCollide((body) => (isPlace(body) ? 62 : 28)))
    .force('x', d3.forceX((body) => (isPlace(body) ? body.home.x : 0)).strength((body) => (isPlace(body) ? 0.07 : 0.03)))
    .force('y', d3.forceY((body) => (isPlace(body) ? body.home.y : 0)).strength((body) => (isPlace(body) ? 0.07 : tall)));
}

async function settle(simulation, ticks, isOver) {
  simulation.alphaDecay(1 - 0.001 ** (1 / ticks));
  let until = performance.now() + SLICE;
  for (let tick = 0; tick < ticks && !isOver(); tick++) {
    simulation.tick();
    if (performance.now() < until) continue;
    // The page stays usable in between.
    await new Promise((resolve) => setTimeout(resolve));
    until = performance.now() + SLICE;
  }
}

/** Where each begins: locations on an ellipse by their names, routers beside what they are joined to. */
function starts(nodes, aspect, anew) {
  const at = new Map();
  if (!anew) for (const { id } of nodes) if (places.has(id)) at.set(id, places.get(id));
  const locations = nodes.filter(({ kind }) => kind === 'location').sort((a, b) => (a.name < b.name ? -1 : 1));
  const radius = Math.max(150, 36 * locations.length, 26 * Math.sqrt(nodes.length));
  locations.forEach(({ id }, nth) => {
    const angle = (nth / locations.length) * 2 * Math.PI - Math.PI / 2;
    if (!at.has(id)) at.set(id, { x: Math.cos(angle) * radius * Math.sqrt(aspect), y: (Math.sin(angle) * radius) / Math.sqrt(aspect) });
  });
  let rest = nodes.filter(({ id }) => !at.has(id));
  while (rest.length > 0) {
    const later = [];
    const found = [];
    for (const node of rest) {
      const beside = node.edges.map(({ from, to }) => at.get((from === node ? to : from).id)).filter(Boolean);
      if (node.realm !== undefined && at.has(`l ${node.realm}`)) beside.push(at.get(`l ${node.realm}`));
      if (beside.length) found.push([node.id, between(beside, node.id)]);
      else later.push(node);
    }
    for (const [id, place] of found) at.set(id, place);
    // What is joined to nothing that has a place stands in the middle.
    if (found.length === 0) for (const { id } of later.splice(0)) at.set(id, between([{ x: 0, y: 0 }], id));
    rest = later;
  }
  return at;
}

/** The middle of these, a little to the side: no two nodes begin at the same point. */
function between(points, id) {
  let hash = 7;
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
  const angle = (hash % 3600) / 573;
  const mean = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  return { x: mean('x') * 0.9 + 40 * Math.cos(angle), y: mean('y') * 0.9 + 40 * Math.sin(angle) };
}
