// Kinds of events: how they look, which belong together, and which locations one concerns.

/** The worst first: each with its shape, its word, and the state whose colour it has. */
export const KINDS = {
  fault_opened: { shape: '!', word: 'fault', look: 'down' },
  offline: { shape: '✕', word: 'offline', look: 'offline' },
  throughput_dropped: { shape: '▼', word: 'throughput', look: 'degraded' },
  stale: { shape: '◐', word: 'stale', look: 'stale' },
  path_changed: { shape: '↝', word: 'path', look: 'path' },
  left: { shape: '○', word: 'left', look: 'deregistered' },
  joined: { shape: '+', word: 'joined', look: 'online' },
  online: { shape: '●', word: 'back', look: 'online' },
  fault_closed: { shape: '✓', word: 'fault over', look: 'up' },
};

export const GROUPS = {
  faults: { word: 'Faults', kinds: ['fault_opened', 'fault_closed'], what: 'Faults that were opened and closed' },
  members: { word: 'Members', kinds: ['joined', 'online', 'stale', 'offline', 'left'], what: 'Members that came, went, or fell silent' },
  paths: { word: 'Paths', kinds: ['path_changed'], what: 'Paths between two members that have changed, and stayed so' },
  throughput: { word: 'Throughput', kinds: ['throughput_dropped'], what: 'Throughput that has dropped below its own usual' },
};

/** The locations that an event concerns. `locate` says where a member stands, as far as is known. */
export function placesOf({ fault, location, source, target }, locate) {
  let places = [location, source?.location, target?.location];
  if (fault) {
    const { of = {}, pairs } = fault;
    const sharing = fault.router || fault.link ? pairs.flatMap((pair) => [pair.source, pair.target]) : [];
    const members = [fault.source, fault.target, of.source, of.target, ...(of.pair ?? []), ...sharing];
    places = [fault.location, fault.source_location, fault.target_location, ...(fault.locations ?? of.direction ?? []), ...members.map(locate)];
  }
  return [...new Set(places)].filter(Boolean);
}

/** Whether an event concerns a location; a fault of the whole ring concerns all. */
export function concerns(event, location, locate) {
  return !location || event.fault?.of === 'ring' || placesOf(event, locate).includes(location);
}
