// Where the nodes stand: the same graph always in the same way, and what stands somewhere stays there.

/** By the id of the node. */
export const places = new Map();

/** Four scripts, in this order: they know of each other by a global name. */
async function d3() {
  for (const name of ['dispatch', 'quadtree', 'timer', 'force']) {
    const path = `../lib/d3-${name}.min.js`;
    await import(path);
  }
  return globalThis.d3;
}

// The same graph may come in another order.
const inOrder = (list) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));

/** Gives each node that has none a place. */
export async function arrange(graph) {
  const nodes = inOrder(graph.nodes.values());
  if (nodes.every(({ id }) => places.has(id))) return;
  const start = starts(nodes);
  const bodies = nodes.map(({ id, members }) => {
    const { x, y } = start.get(id) ?? { x: 0, y: 0 };
    return { id, x, y, home: members && { x, y }, ...(places.has(id) && { fx: x, fy: y }) };
  });
  try {
    const simulation = simulate(await d3(), bodies, graph);
    for (let since = performance.now(); simulation.alpha() > 0.001; ) {
      simulation.tick();
      if (performance.now() - since < 10) continue;
      // The page stays usable in between.
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
  } catch {
    // Without the scripts they stand where they start.
  }
  for (const { id, x, y } of bodies) places.set(id, { x, y });
}

function simulate(d3, bodies, { edges }) {
  const joined = new Set([...edges.values()].map(({ from, to }) => [from.id, to.id].sort().join('\n')));
  const links = [...joined].sort().map((ends) => ({ source: ends.split('\n')[0], target: ends.split('\n')[1] }));
  const of = (location, router) => (body) => (body.home ? location : router);
  return d3
    .forceSimulation(bodies)
    .stop()
    .alphaDecay(0.03)
    .force('link', d3.forceLink(links.filter(({ source, target }) => source !== target)).id(({ id }) => id).distance(85))
    .force('charge', d3.forceManyBody().strength(of(-900, -320)).distanceMax(1_200))
    .force('collide', d3.forceCollide(of(62, 28)))
    .force('x', d3.forceX(({ home }) => home?.x ?? 0).strength(of(0.07, 0.03)))
    .force('y', d3.forceY(({ home }) => home?.y ?? 0).strength(of(0.07, 0.05)));
}

/** Where each begins: locations on an ellipse by their names, routers beside what they are joined to. */
function starts(nodes) {
  const at = new Map();
  const wide = Math.sqrt(Math.min(1.9, Math.max(0.6, (innerWidth / innerHeight) * 1.3)));
  const locations = nodes.filter(({ members }) => members);
  const radius = Math.max(150, 36 * locations.length, 26 * Math.sqrt(nodes.length));
  locations.forEach(({ id }, nth) => {
    const angle = (nth / locations.length) * 2 * Math.PI - Math.PI / 2;
    at.set(id, { x: Math.cos(angle) * radius * wide, y: (Math.sin(angle) * radius) / wide });
  });
  for (const { id } of nodes) if (places.has(id)) at.set(id, places.get(id));
  // Grows on the way.
  const reached = new Set(nodes.filter(({ id }) => at.has(id)));
  for (const node of reached) {
    const { x, y } = at.get(node.id);
    for (const end of inOrder(node.edges).flatMap(({ from, to }) => [from, to])) {
      // A little to the side: no two begin at the same point.
      if (!at.has(end.id)) at.set(end.id, { x: x * 0.8 + 50 * Math.cos(at.size * 2.4), y: y * 0.8 + 50 * Math.sin(at.size * 2.4) });
      reached.add(end);
    }
  }
  return at;
}
