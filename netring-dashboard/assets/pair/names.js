// What checks and ways are called.

const KINDS = { tcp: 'TCP', http: 'HTTP', udp: 'UDP', icmp: 'ICMP', bandwidth: 'Bandwidth', traceroute: 'Traceroute' };

export function checkName({ kind, endpoint }) {
  return `${KINDS[kind] ?? kind}${endpoint ? ` ${endpoint}` : ''}`;
}

/** By what the checks of both ways are told to be the same. */
export function checkKey({ kind, endpoint }) {
  return `${kind} ${endpoint ?? ''}`;
}

// A kind of one's own stands where 'own' is.
const ORDER = ['tcp', 'http', 'own', 'udp', 'icmp', 'bandwidth', 'traceroute'];
const rank = ({ kind }) => ORDER.indexOf(ORDER.includes(kind) ? kind : 'own');

/** The checks of both ways, each once, the most telling first. */
export function allChecks(lists) {
  const all = new Map();
  for (const list of lists) for (const check of list) if (!all.has(checkKey(check))) all.set(checkKey(check), check);
  return [...all.values()].sort((a, b) => rank(a) - rank(b));
}

export function wayName({ source, target }) {
  return `${source} → ${target}`;
}

/** The class of a way: 0 is the one that was asked for, 1 the one back. */
export const WAYS = ['there', 'back'];
