// The graph as it is drawn: nodes, and the ways between them.
import { count, latency, percent } from '../look/words.js';
import { scaled } from '../look/palette.js';

/** More nodes than this nobody can tell apart, and a browser draws them slowly. */
const MOST = 1_500;
const MOST_EDGES = 6_000;
/** From the least to the most latency that widths and colours tell apart. */
const LATENCY = [0.001, 0.15];
const RANK = { info: 0, warning: 1, critical: 2 };
export const MARKS = { info: '', warning: '△', critical: '▲' };

export function idOf({ location, router }) {
  return location === undefined ? `r ${router.ip} ${router.realm ?? ''}` : `l ${location}`;
}
export const idOfEdge = ({ from, to, silent_hops = 0 }) => `${idOf(from)} > ${idOf(to)} > ${silent_hops}`;

/** Nodes by their ids, ways, and edges by their ids: of each the node that it is at, and the way it is drawn as. */
export function graphOf(answer) {
  const nodes = new Map();
  for (const { location, members } of most(answer.locations, ({ members }) => members.length, MOST)) {
    nodes.set(idOf({ location }), { id: idOf({ location }), kind: 'location', name: location, members, edges: [] });
  }
  const bad = new Set(answer.bottlenecks.flatMap(({ from, to }) => [idOf(from), idOf(to)]));
  const weight = (router) => router.pairs + (bad.has(idOf({ router })) ? 1e9 : 0);
  for (const router of most(answer.routers, weight, MOST - nodes.size)) {
    const id = idOf({ router });
    nodes.set(id, { id, kind: 'router', name: router.ip, ...router, edges: [] });
  }
  const edges = new Map();
  const drawn = answer.edges.filter(({ from, to }) => nodes.has(idOf(from)) && nodes.has(idOf(to)));
  for (const edge of most(drawn, ({ severity, pairs }) => pairs + RANK[severity] * 1e9, MOST_EDGES)) {
    const [from, to] = [nodes.get(idOf(edge.from)), nodes.get(idOf(edge.to))];
    const one = { ...edge, id: idOfEdge(edge), from, to, silent: edge.silent_hops ?? 0 };
    edges.set(one.id, one);
    from.edges.push(one);
    if (to !== from) to.edges.push(one);
  }
  const all = answer.locations.length + answer.routers.length;
  return { answer, nodes, edges, ways: waysOf(edges), left: all - nodes.size, leftEdges: drawn.length - edges.size };
}

function most(list, weight, room) {
  if (list.length <= room) return list;
  return [...list].sort((a, b) => weight(b) - weight(a)).slice(0, Math.max(0, room));
}

/** What is drawn as one line: an edge, or both directions where they are alike. */
function waysOf(edges) {
  const groups = new Map();
  for (const edge of edges.values()) {
    const ends = [edge.from.id, edge.to.id].sort().join('\n');
    if (!groups.has(ends)) groups.set(ends, []);
    groups.get(ends).push(edge);
  }
  const ways = [];
  for (const group of groups.values()) {
    const [first, second] = group;
    if (group.length === 2 && first.from === second.to && alike(first, second)) {
      const [edge, back] = (second.added_latency_seconds ?? 0) > (first.added_latency_seconds ?? 0) ? [second, first] : [first, second];
      ways.push({ edge, back, bend: 0 });
      continue;
    }
    // Each bends to its own right, so that both directions stand apart.
    const bothWays = group.some((edge) => edge.from !== first.from);
    const taken = new Map();
    for (const edge of group) {
      const nth = taken.get(edge.from) ?? 0;
      taken.set(edge.from, nth + 1);
      ways.push({ edge, back: null, bend: nth + (bothWays ? 1 : 0) });
    }
  }
  for (const way of ways) for (const edge of [way.edge, way.back]) if (edge) edge.way = way;
  // The bad ones last, so that no other hides them.
  return ways.sort((a, b) => importance(a.edge) - importance(b.edge));
}

function alike(a, b) {
  if (a.severity !== b.severity || a.silent !== b.silent || Math.abs((a.loss_ratio ?? 0) - (b.loss_ratio ?? 0)) >= 0.005) return false;
  const [one, other] = [a.added_latency_seconds, b.added_latency_seconds];
  if (one === undefined || other === undefined) return one === other;
  const unsure = (a.uncertainty_seconds ?? 0) + (b.uncertainty_seconds ?? 0);
  return Math.abs(one - other) <= Math.max(unsure, 0.2 * Math.max(one, other), 0.0005);
}

export const lossy = (edge) => (edge.loss_ratio ?? 0) >= 0.005;

/** How much it matters that an edge is seen: 3 and 2 are bottlenecks, 1 has loss or hops that do not answer. */
export function importance(edge) {
  return RANK[edge.severity] ? RANK[edge.severity] + 1 : Number(lossy(edge) || edge.silent > 0);
}

export function addedWords({ added_latency_seconds: added, uncertainty_seconds: unsure, clamped }) {
  if (added === undefined) return 'unknown';
  return clamped ? `≤ ${latency(unsure ?? 0)}` : latency(added);
}
export const lossWords = (ratio) => percent(Math.round(ratio * 1000) / 1000);

/** What stands beside a line; empty where it is not worth words. `small` has the small latencies told, too. */
export function labelOf(edge, small) {
  const words = [];
  if (edge.added_latency_seconds >= (small ? 0 : 0.001) || edge.clamped) words.push(addedWords(edge));
  if (lossy(edge)) words.push(`${lossWords(edge.loss_ratio)} lost`);
  if (edge.silent) words.push(`${edge.silent} silent`);
  return words.length ? [MARKS[edge.severity], words.join(' · ')].filter(Boolean).join(' ') : MARKS[edge.severity];
}

/** From 0 to 4; -1 where nobody knows. */
export function levelOf({ added_latency_seconds: added }) {
  return added === undefined ? -1 : Math.round(scaled(added, LATENCY) * 4);
}

export function edgeWords(edge, back) {
  const words = [`${edge.from.name} ${back ? '↔' : '→'} ${edge.to.name}`, `added latency ${addedWords(edge)}`];
  if (lossy(edge)) words.push(`${lossWords(edge.loss_ratio)} lost`);
  if (edge.silent) words.push(count(edge.silent, 'silent hop'));
  if (edge.severity !== 'info') words.push(edge.severity);
  return words.join(', ');
}

export function nodeWords(node) {
  if (node.kind === 'location') return `Location ${node.name}, ${count(node.members.length, 'member')}`;
  return `Router ${node.name}${node.realm === undefined ? '' : ` of ${node.realm}`}, on the way of ${count(node.pairs, 'pair')}`;
}

/** The ids of the nodes that are searched for; what is meant exactly comes first. */
export function find({ nodes }, words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return null;
  const found = [];
  for (const node of nodes.values()) {
    const names = [node.name, ...(node.members ?? [])].map((name) => name.toLowerCase());
    if (names.includes(wanted)) found.unshift(node.id);
    else if (names.some((name) => name.includes(wanted))) found.push(node.id);
  }
  return found;
}
