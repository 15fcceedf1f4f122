// The graph as it is drawn: nodes, and the edges between them.
import { count, latency, percent } from '../look/words.js';

/** Of more nobody can tell one from another. */
const [MOST, MOST_EDGES] = [1_500, 6_000];
const RANK = { info: 0, unknown: 0, warning: 2, critical: 3 };
export const MARKS = { info: '', unknown: '', warning: '△', critical: '▲' };

const idOf = ({ location, router }) => (router ? `r ${router.ip} ${router.realm ?? ''}` : `l ${location}`);
export const idOfEdge = ({ from, to, silent_hops = 0 }) => `${idOf(from)} > ${idOf(to)} > ${silent_hops}`;
const most = (list, weight, room) => [...list].sort((a, b) => weight(b) - weight(a)).slice(0, Math.max(0, room));

/** Nodes and edges by id, and the edges that are drawn: with `back` where both directions are alike. */
export function graphOf(answer) {
  const [nodes, edges] = [new Map(), new Map()];
  const add = (id, node) => nodes.set(id, { id, ...node, edges: [] });
  for (const one of most(answer.locations, ({ members }) => members.length, MOST)) add(idOf(one), { name: one.location, members: one.members });
  const bad = new Set((answer.bottlenecks ?? []).flatMap(({ from, to }) => [idOf(from), idOf(to)]));
  const weight = (router) => router.pairs + (bad.has(idOf({ router })) ? 1e9 : 0);
  for (const router of most(answer.routers, weight, MOST - nodes.size)) add(idOf({ router }), { name: router.ip, ...router });
  const drawn = answer.edges.filter(({ from, to }) => nodes.has(idOf(from)) && nodes.has(idOf(to)));
  for (const edge of most(drawn, ({ severity, pairs = 0 }) => pairs + RANK[severity] * 1e9, MOST_EDGES)) {
    const [from, to] = [nodes.get(idOf(edge.from)), nodes.get(idOf(edge.to))];
    const one = { ...edge, id: idOfEdge(edge), from, to, silent: edge.silent_hops ?? 0, added: edge.added_latency_seconds };
    edges.set(one.id, one);
    for (const end of new Set([from, to])) end.edges.push(one);
  }
  return { answer, nodes, edges, lines: linesOf([...edges.values()]) };
}

export const wayBack = ({ from, to }) => to.edges.filter((edge) => edge.from === to && edge.to === from && from !== to);

function linesOf(edges) {
  // Of two that are alike the slower one is told.
  edges.sort((a, b) => (b.added ?? 0) - (a.added ?? 0));
  for (const edge of edges) {
    const [back, ...more] = wayBack(edge);
    const alone = back && !more.length && wayBack(back).length === 1;
    if (alone && !back.back && alike(edge, back)) edge.back = back;
    // Else each bends to its own right.
    else edge.bend = edge.from.edges.filter(({ from, to }) => from === edge.from && to === edge.to).indexOf(edge) + (back ? 1 : 0);
  }
  const hidden = new Set(edges.map(({ back }) => back));
  // The bad ones last, so that no other hides them.
  return edges.filter((edge) => !hidden.has(edge)).sort((a, b) => importance(a) - importance(b));
}

function alike(a, b) {
  if (a.severity !== b.severity || a.silent !== b.silent || lossy(a) || lossy(b)) return false;
  const unsure = (a.uncertainty_seconds ?? 0) + (b.uncertainty_seconds ?? 0);
  return a.added === b.added || Math.abs(a.added - b.added) <= Math.max(unsure, 0.2 * a.added, 0.0005);
}

const lossy = ({ loss_ratio: loss }) => loss >= 0.005;

/** Bottlenecks have 3 or 2; 1 has loss or hops that do not answer. */
export const importance = (edge) => RANK[edge.severity] || Number(lossy(edge) || edge.silent > 0);

export function addedWords({ added, uncertainty_seconds: unsure, clamped }) {
  if (added === undefined) return 'unknown';
  return clamped ? `≤ ${latency(unsure ?? 0)}` : latency(added);
}

const partsOf = (edge) =>
  [addedWords(edge), lossy(edge) && `${percent(edge.loss_ratio)} lost`, edge.silent && count(edge.silent, 'silent hop')].filter(Boolean);

export const labelOf = (edge) => `${MARKS[edge.severity]} ${partsOf(edge).join(' · ')}`.trim();

export function edgeWords(edge) {
  const words = `${edge.from.name} ${edge.back ? '↔' : '→'} ${edge.to.name}, added latency ${partsOf(edge).join(', ')}`;
  return RANK[edge.severity] === 0 ? words : `${words}, ${edge.severity}`;
}

export function nodeWords({ name, members, realm, pairs }) {
  if (members) return `Location ${name}, ${count(members.length, 'member')}`;
  return `Router ${name}${realm === undefined ? '' : ` of ${realm}`}, on the way of ${count(pairs, 'pair')}`;
}

/** The ids of the nodes that are searched for; what is meant exactly comes first. */
export function find({ nodes }, words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return null;
  const named = [...nodes.values()].map(({ id, name, members = [] }) => ({ id, names: [name, ...members].map((name) => name.toLowerCase()) }));
  const found = named.filter(({ names }) => names.some((name) => name.includes(wanted)));
  return found.sort((a, b) => b.names.includes(wanted) - a.names.includes(wanted)).map(({ id }) => id);
}
