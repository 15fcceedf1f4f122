// What the registry answers, as this page reads it: the one place that knows that an answer may be another version's. What is
// left out, null or of another type is taken for unknown, a word that is new for `unknown`; what cannot be told apart from
// others without it is left out. What comes from here needs no further care.

// Each takes anything, and gives undefined for what it does not understand.
const text = (value) => (typeof value === 'string' ? value : Number.isFinite(value) ? String(value) : undefined);
const number = (value) => (Number.isFinite(value) ? value : undefined);
const flag = (value) => (typeof value === 'boolean' ? value : undefined);
/** Seconds since 1970, as far as a date goes. */
const time = (value) => (Math.abs(number(value)) < 8e12 ? value : undefined);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const list = (of) => (value) => (Array.isArray(value) ? value.map(of).filter((one) => one !== undefined) : undefined);
const or = (of, other) => (value) => of(value) ?? other;
const some = (of) => or(list(of), []);
const word = (...known) => (value) => (known.includes(value) ? value : 'unknown');
/** Without it there is no use for the whole. */
const must = (of) => Object.assign((value) => of(value), { must: true });

const object = (fields) => {
  const all = Object.entries(fields);
  return (value) => {
    if (!isObject(value)) return undefined;
    const out = {};
    for (const [name, of] of all) {
      const one = of(value[name]);
      if (one !== undefined) out[name] = one;
      else if (of.must) return undefined;
    }
    return out;
  };
};
const record = (of) => (value) =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, of(one)]).filter(([, one]) => one)) : undefined;

const UNKNOWN = 'unknown';
const name = or(text, UNKNOWN);
const state = word('up', 'down', 'degraded');
const ends = { source: must(text), target: must(text) };

const member = object({
  instance_id: name, location: name, address: name, status: word('online', 'stale', 'offline', 'deregistered'), last_seen: time, deregistered_at: time,
});
// Others go by their places in the list: none is left out, and each has a name of its own.
const members = (value) =>
  list((one) => one)(value)?.map((one, place) => {
    const known = member(one) ?? member({});
    return known.instance_id === UNKNOWN ? { ...known, instance_id: `unknown ${place}` } : known;
  });

const check = object({
  kind: name, endpoint: text, state, duration_seconds: number, round_trip_time_seconds: number, round_trip_time_p50_seconds: number,
  round_trip_time_p95_seconds: number, loss_ratio: number, interarrival_jitter_seconds: number, download_bits_per_second: number,
  upload_bits_per_second: number, download_settled: flag, upload_settled: flag, hops: number, age_seconds: number,
  next_check_seconds: number, tainted: flag, reason: text, message: text,
});
const matrix = object({ at: time, members: must(members), pairs: must(list(object({ ...ends, state, checks: some(check) }))) });

const range = object({ worst: number, median: number, best: number });
const rollup = object({
  at: time,
  locations: must(list(object({ location: must(text), online: number, stale: number, offline: number, deregistered: number }))),
  pairs: some(object({
    source_location: must(text), target_location: must(text), state, up: number, down: number, degraded: number, unknown: number,
    latency_seconds: range, loss_ratio: range, download_bits_per_second: range, upload_bits_per_second: range,
  })),
});

const two = list(text);
const faultOf = object({
  id: text, scope: name, symptom: name, since: time, closed_at: time, relapses: number, confidence: number, pairs: some(object(ends)),
  pairs_total: number, suspects: some(object({ routers: some(text), share: number })), sentence: text, instance_id: text, location: text,
  locations: two, source_location: text, target_location: text, source: text, target: text, router: text, link: two,
  of: (value) => (value === 'ring' ? value : object({ source: text, target: text, direction: two, pair: two })(value)),
});
function fault(value) {
  const one = faultOf(value);
  if (!one) return undefined;
  const sentence = one.sentence ?? `Something is at fault (${one.scope.replaceAll('_', ' ')}, ${one.symptom}).`;
  const suspects = one.suspects.filter(({ routers }) => routers.length > 0);
  return { ...one, sentence, suspects, id: one.id ?? sentence, pairs_total: one.pairs_total ?? (one.pairs.length || undefined) };
}
const faults = object({ at: time, open: must(list(fault)), closed: some(fault), stale_since: time });

const ref = object({ instance_id: name, location: text });
const path = some(some(text));
const change = object({ at: time, before: or(list(path), []), after: or(list(path), []) });
const eventOf = object({
  id: number, at: time, kind: name, instance_id: text, location: text, source: ref, target: ref, change, direction: name,
  bits_per_second: number, usual_bits_per_second: number, fault,
});
export function event(value) {
  const one = eventOf(value);
  // By its time it can be told apart from others, too.
  const id = one?.id ?? one?.at;
  if (id === undefined) return undefined;
  const between = one.source || one.target || ['path_changed', 'throughput_dropped'].includes(one.kind);
  return {
    ...one, id,
    ...(between ? { source: one.source ?? ref({}), target: one.target ?? ref({}) } : !one.fault && { instance_id: name(one.instance_id) }),
    ...(/^fault_/.test(one.kind) && { fault: one.fault ?? fault({}) }),
  };
}
function events(value) {
  const one = object({ events: must(list(event)), last_id: or(number, 0) })(value);
  return one && { ...one, last_id: Math.max(one.last_id, ...one.events.map(({ id }) => id)) };
}
export const changes = object({
  changes: must(list(object({ ...ends, state }))), changes_total: number,
});

const sample = object({
  at: time, start: time, state: text, bad: number, round_trip_time_seconds: number, loss_ratio: number, download_bits_per_second: number,
  upload_bits_per_second: number, median_round_trip_time_seconds: number, mean_loss_ratio: number,
  median_download_bits_per_second: number, median_upload_bits_per_second: number,
});
// In the order of their times: those that have none stand nowhere.
const samples = (value) => some(sample)(value).filter(({ at, start }) => (at ?? start) !== undefined);
const history = object({ checks: must(list(object({ kind: name, endpoint: text, hour: samples, day: samples }))) });

const place = (value) => {
  const one = object({ location: text, router: object({ ip: must(text), realm: text }) })(value);
  return one?.location !== undefined || one?.router ? one : undefined;
};
const severity = word('info', 'warning', 'critical');
const edge = {
  from: must(place), to: must(place), silent_hops: number, pairs: number, added_latency_seconds: number, uncertainty_seconds: number,
  clamped: flag, lasting_latency_seconds: number, loss_ratio: number, severity,
};
const topology = object({
  at: time, traces: number,
  locations: some(object({ location: must(text), members: some(text) })),
  routers: some(object({ ip: must(text), realm: text, pairs: or(number, 0) })),
  edges: must(list(object(edge))),
  connections: some(object({ source_location: must(text), target_location: must(text), pairs: number, reached: number, round_trip_time_seconds: number })),
  bottlenecks: list(object({ ...edge, sentence: or(text, 'An edge') })),
  truncated: flag,
});

const hop = object({ ttl: number, loss_ratio: number, routers: some(object({ ip: must(text), round_trip_time_seconds: number })) });
const flow = object({
  flow: or(object({ ports: object({ source: number, destination: number }), echo: object({ identifier: number }) }), {}), end: name, hops: some(hop),
});
const traced = object({
  age_seconds: number, stale: flag, tainted: flag, mode: name, hops: number, round_trip_time_seconds: number, flows: some(flow), last_change: change,
});
const differences = object({ sentences: some(text), forward_only: some(text), backward_only: some(text) });
const paths = object({
  at: time, source: or(member, member({})), target: or(member, member({})), forward: traced, backward: traced, differences: or(differences, differences({})),
});

const expected = object({
  at: time,
  locations: must(record(object({
    expected_count: number, actual_count: number, missing_count: number, since: time, grace_ends: time,
    status: word('healthy', 'missing', 'extra', 'unexpected'), criticality: text, description: text, members: some(text),
  }))),
  alerts: list(object({ level: word('error', 'warning', 'info'), message: or(text, 'An alert, of which nothing is said') })),
  summary: or(object({ total_missing: number, missing_within_grace: number, critical_locations_missing: number, unexpected_locations: number }), {}),
});

const health = object({ version: text, timestamp: time, analysis: object({ expected_members: flag }) });

/** The grid, but for its cells. Without `sources` or `targets` all that are active look at each other. */
export function gridOf(value) {
  const one = object({ at: time, members: must(members) })(value);
  if (!one) return undefined;
  const active = one.members.flatMap(({ status }, at) => (['offline', 'deregistered'].includes(status) ? [] : [at]));
  const places = (all) => (Array.isArray(all) && all.every((at) => one.members[at]) ? all : active);
  return { ...one, sources: places(value.sources), targets: places(value.targets) };
}

const SHAPES = {
  'api/v1/matrix': matrix, 'api/v1/faults': faults, 'api/v1/events': events, 'api/v1/history': history, 'api/v1/topology': topology,
  'api/v1/topology/path': paths, 'api/v1/expected': expected, health,
};

/** The answer to `query` at `path` as this page reads it; undefined where the most of it is missing. */
export function understood(path, query, value) {
  return (query.by === 'location' ? rollup : SHAPES[path])(value);
}
