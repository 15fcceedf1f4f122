// What the registry answers, as this page reads it: the one place that knows that an answer may be another version's. What is
// left out, null or of another type is unknown, a new word is `unknown`, and what nothing can be made of without it is left
// out. What comes from here needs no further care.

// Each takes anything, and gives undefined for what it does not understand.
/** None is negative, and beyond that it is no measure of anything. */
const number = (value) => (typeof value === 'number' && value >= 0 && value < 1e18 ? value : undefined);
const text = (value) => (typeof value === 'string' || Number.isFinite(value) ? String(value) : undefined);
const flag = (value) => (typeof value === 'boolean' ? value : undefined);
/** Seconds since 1970, as far as a date goes. */
const time = (value) => (number(value) < 8e12 ? value : undefined);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (of) => (value) => (Array.isArray(value) ? value.map(of).filter((one) => one !== undefined) : undefined);
const or = (of, other) => (value) => of(value) ?? other;
const some = (of) => or(list(of), []);
const word = (known) => (value) => (known.split(' ').includes(value) ? value : 'unknown');
const name = or(text, 'unknown');

/** Each name in its words is of that kind; what has a `!` after it has to be there. */
const all = (of, words) => words.split(' ').map((field) => [field.replace('!', ''), of, field.endsWith('!')]);

const object = (...fields) => (value) => {
  if (!isObject(value)) return undefined;
  const out = {};
  for (const [field, of, must] of fields.flat()) {
    const one = of(value[field]);
    if (one !== undefined) out[field] = one;
    else if (must) return undefined;
  }
  return out;
};

const state = all(word('up down degraded'), 'state');
const ends = all(text, 'source! target!');
const counts = all(number, 'up down degraded unknown online stale offline deregistered');
const rates = 'download_bits_per_second upload_bits_per_second';
const latencies = 'round_trip_time_seconds loss_ratio';

const member = object(all(name, 'instance_id location address'), all(word('online stale offline deregistered'), 'status'), all(time, 'last_seen deregistered_at'));
// Others go by their places in the list: none is left out, and each has a name of its own.
const named = (value) => {
  if (!Array.isArray(value)) return undefined;
  return value.map((one, place) => {
    const known = member(one) ?? member({});
    return known.instance_id === 'unknown' ? { ...known, instance_id: `unknown ${place}` } : known;
  });
};

const check = object(
  all(name, 'kind'), all(text, 'endpoint reason message'), state, all(flag, 'download_settled upload_settled tainted'),
  all(number, `${latencies} ${rates} hops age_seconds next_check_seconds duration_seconds interarrival_jitter_seconds round_trip_time_p50_seconds round_trip_time_p95_seconds`),
);
const matrix = object(all(time, 'at'), all(named, 'members!'), all(list(object(ends, state, all(some(check), 'checks'))), 'pairs!'));

const between = all(text, 'source_location! target_location!');
const rollup = object(
  all(time, 'at'), all(list(object(all(text, 'location!'), counts)), 'locations!'),
  all(some(object(between, state, counts, all(object(all(number, 'worst median best')), `latency_seconds loss_ratio ${rates}`))), 'pairs'),
);

const anyEnds = all(text, 'source target');
const faultOf = object(
  all(text, 'id sentence instance_id location source_location target_location router'), anyEnds, all(name, 'scope symptom'),
  all(time, 'since closed_at'), all(number, 'relapses confidence pairs_total'), all(list(text), 'locations link'), all(some(object(ends)), 'pairs'),
  all(some(object(all(some(text), 'routers'), all(number, 'share'))), 'suspects'),
  [['of', (value) => (value === 'ring' ? value : object(anyEnds, all(list(text), 'direction pair'))(value))]],
);
function fault(value) {
  const one = faultOf(value);
  if (!one) return undefined;
  const sentence = one.sentence ?? `Something is at fault (${one.scope.replaceAll('_', ' ')}, ${one.symptom}).`;
  const suspects = one.suspects.filter(({ routers }) => routers.length > 0);
  return { ...one, sentence, suspects, id: one.id ?? sentence, pairs_total: one.pairs_total ?? (one.pairs.length || undefined) };
}

const ref = object(all(name, 'instance_id'), all(text, 'location'));
const change = object(all(time, 'at'), all(some(some(some(text))), 'before after'));
const eventOf = object(
  all(number, 'id bits_per_second usual_bits_per_second'), all(time, 'at'), all(name, 'kind direction'), all(text, 'instance_id location'),
  all(ref, 'source target'), all(change, 'change'), all(fault, 'fault'),
);
export function event(value) {
  const one = eventOf(value);
  // By its time it can be told apart from others, too.
  const id = one?.id ?? one?.at;
  if (id === undefined) return undefined;
  const known = { ...one, id };
  if (/^fault_/.test(one.kind)) known.fault ??= fault({});
  else if (one.source || one.target || one.change || /_dropped$/.test(one.kind)) for (const end of ['source', 'target']) known[end] ??= ref({});
  else known.instance_id ??= 'unknown';
  return known;
}
const eventsOf = object(all(list(event), 'events!'), all(or(number, 0), 'last_id'));
function events(value) {
  const one = eventsOf(value);
  return one && { ...one, last_id: Math.max(one.last_id, ...one.events.map(({ id }) => id)) };
}
export const changes = object(all(list(object(ends, state)), 'changes!'), all(number, 'changes_total'));

const sample = object(
  all(time, 'at start'), all(text, 'state'),
  all(number, `bad ${latencies} ${rates} median_round_trip_time_seconds mean_loss_ratio median_download_bits_per_second median_upload_bits_per_second`),
);
// What has no time stands nowhere.
const samples = (value) => some(sample)(value).filter(({ at, start }) => (at ?? start) !== undefined);
const history = object(all(list(object(all(name, 'kind'), all(text, 'endpoint'), all(samples, 'hour day'))), 'checks!'));

const router = object(all(text, 'ip! realm'), all(or(number, 0), 'pairs'));
const placeOf = object(all(text, 'location'), all(router, 'router'));
const place = (value) => (value?.location || value?.router ? [placeOf(value)].find((one) => one?.location || one?.router) : undefined);
const edge = object(
  all(place, 'from! to!'), all(word('info warning critical'), 'severity'), all(flag, 'clamped'), all(or(text, 'An edge'), 'sentence'),
  all(number, 'silent_hops pairs added_latency_seconds uncertainty_seconds lasting_latency_seconds loss_ratio'),
);
const topology = object(
  all(time, 'at'), all(number, 'traces'), all(flag, 'truncated'), all(some(router), 'routers'), all(list(edge), 'edges! bottlenecks'),
  all(some(object(all(text, 'location!'), all(some(text), 'members'))), 'locations'),
  all(some(object(between, all(number, 'pairs reached round_trip_time_seconds'))), 'connections'),
);

const hop = object(all(number, 'ttl loss_ratio'), all(some(object(all(text, 'ip!'), all(number, latencies))), 'routers'));
const sent = object(all(object(all(number, 'source destination')), 'ports'), all(object(all(number, 'identifier')), 'echo'));
const flow = object(all(or(sent, {}), 'flow'), all(name, 'end'), all(some(hop), 'hops'));
const way = object(
  all(number, 'age_seconds hops round_trip_time_seconds'), all(flag, 'stale tainted'), all(name, 'mode'), all(some(flow), 'flows'), all(change, 'last_change'),
);
const differences = object(all(some(text), 'sentences forward_only backward_only'));
const paths = object(all(or(member, member({})), 'source target'), all(way, 'forward backward'), all(or(differences, differences({})), 'differences'));

const site = object(
  all(number, 'expected_count actual_count missing_count'), all(time, 'since grace_ends'), all(word('healthy missing extra unexpected'), 'status'),
  all(text, 'criticality description'), all(some(text), 'members'),
);
const sites = (value) => (isObject(value) ? Object.fromEntries(Object.entries(value).map(([of, one]) => [of, site(one) ?? site({})])) : undefined);
const alert = object(all(word('error warning info'), 'level'), all(or(text, 'An alert, of which nothing is said'), 'message'));
const summary = object(all(number, 'total_missing missing_within_grace critical_locations_missing unexpected_locations'));
const expected = object(all(time, 'at'), all(sites, 'locations!'), all(list(alert), 'alerts'), all(or(summary, {}), 'summary'));

const gridOnly = object(all(time, 'at'), all(named, 'members!'));

/** The grid, but for its cells. Without `sources` or `targets` all that are active look at each other. */
export function gridOf(value) {
  const one = gridOnly(value);
  if (!one) return undefined;
  const active = one.members.flatMap(({ status }, at) => (['offline', 'deregistered'].includes(status) ? [] : [at]));
  const places = (all) => (Array.isArray(all) && all.every((at) => Number.isInteger(at) && one.members[at]) ? all : active);
  return { ...one, sources: places(value.sources), targets: places(value.targets) };
}

const SHAPES = {
  'api/v1/matrix': matrix,
  'api/v1/faults': object(all(time, 'at stale_since'), all(list(fault), 'open!'), all(some(fault), 'closed')),
  'api/v1/events': events,
  'api/v1/history': history,
  'api/v1/topology': topology,
  'api/v1/topology/path': paths,
  'api/v1/expected': expected,
  health: object(all(text, 'version'), all(time, 'timestamp'), all(object(all(flag, 'expected_members')), 'analysis')),
};

/** The answer to `query` at `path` as this page reads it; undefined where the most of it is missing. */
export function understood(path, query, value) {
  return (query.by === 'location' ? rollup : SHAPES[path])(value);
}
