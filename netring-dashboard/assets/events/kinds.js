// Kinds of events: how they look, which belong together, and what an event is about.

/** Each kind with its shape, its word, the state whose colour it has, and how bad it is among others. */
export const KINDS = {
  fault_opened: { shape: '!', word: 'fault', look: 'down', rank: 9 },
  fault_closed: { shape: '✓', word: 'fault over', look: 'up', rank: 1 },
  offline: { shape: '✕', word: 'offline', look: 'offline', rank: 8 },
  stale: { shape: '◐', word: 'stale', look: 'stale', rank: 6 },
  left: { shape: '○', word: 'left', look: 'deregistered', rank: 4 },
  joined: { shape: '+', word: 'joined', look: 'online', rank: 3 },
  online: { shape: '●', word: 'back', look: 'online', rank: 2 },
  path_changed: { shape: '↝', word: 'path', look: 'path', rank: 5 },
  throughput_dropped: { shape: '▼', word: 'throughput', look: 'degraded', rank: 7 },
};

export const GROUPS = {
  faults: { word: 'Faults', kinds: ['fault_opened', 'fault_closed'], tip: 'Faults that were opened and closed' },
  members: { word: 'Members', kinds: ['joined', 'online', 'stale', 'offline', 'left'], tip: 'Members that came, went, or fell silent' },
  paths: { word: 'Paths', kinds: ['path_changed'], tip: 'Paths between two members that have changed, and stayed so' },
  throughput: { word: 'Throughput', kinds: ['throughput_dropped'], tip: 'Throughput that has dropped below its own usual' },
};

const ALL = Object.keys(KINDS);

/** The kinds that the words of the address ask for: groups and single kinds. An empty set is all of them. */
export function chosenKinds(text) {
  const kinds = text.split(',').flatMap((word) => GROUPS[word]?.kinds ?? (KINDS[word] ? [word] : []));
  return new Set(kinds);
}

/** The words for these kinds, the shortest. */
export function writtenKinds(kinds) {
  if (ALL.every((kind) => kinds.has(kind))) return '';
  const words = [];
  for (const [group, { kinds: within }] of Object.entries(GROUPS)) {
    if (within.every((kind) => kinds.has(kind))) words.push(group);
    else words.push(...within.filter((kind) => kinds.has(kind)));
  }
  return words.join(',');
}

/** What a fault is about, in short. */
export function subjectOf(fault) {
  const { scope, of } = fault;
  if (scope === 'kind') {
    const whom = of === 'ring' ? 'the whole ring' : of?.target ?? of?.source ?? (of?.direction ?? of?.pair ?? []).join(' → ');
    return `${fault.kind} ${whom}`;
  }
  if (scope === 'location_pair') return fault.locations.join(' – ');
  if (scope === 'direction') return `${fault.source_location} → ${fault.target_location}`;
  if (scope === 'pair') return `${fault.source} ${fault.both_ways ? '–' : '→'} ${fault.target}`;
  return fault.instance_id ?? fault.location ?? fault.router ?? fault.link?.join(' → ') ?? scope;
}

/** The locations that an event concerns. `locate` says where a member stands, as far as is known. */
export function placesOf(event, locate) {
  const places = event.fault ? placesOfFault(event.fault, locate) : [event.location, event.source?.location, event.target?.location];
  return [...new Set(places)].filter((place) => place !== undefined);
}

function placesOfFault(fault, locate) {
  const { scope, of } = fault;
  if (scope === 'location_pair') return fault.locations;
  if (scope === 'direction') return [fault.source_location, fault.target_location];
  if (scope === 'pair') return [locate(fault.source), locate(fault.target)];
  if (scope === 'router' || scope === 'link') return fault.pairs.flatMap(({ source, target }) => [locate(source), locate(target)]);
  if (scope !== 'kind') return [fault.location];
  return of?.direction ?? [of?.target, of?.source, ...(of?.pair ?? [])].map((member) => member && locate(member));
}

/** Whether an event concerns a location; a fault of the whole ring concerns all. */
export function concerns(event, location, locate) {
  return event.fault?.of === 'ring' || placesOf(event, locate).includes(location);
}
