// Numbers, times and states as people read them.

/** Three digits that mean something. */
function digits(value) {
  if (value >= 100) return String(Math.round(value));
  return value >= 10 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(2).replace(/\.?0+$/, '');
}

/** A latency, given in seconds. */
export function latency(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds > 0 && seconds < 1e-5) return '<0.01 ms';
  return seconds < 0.9995 ? `${digits(seconds * 1000)} ms` : `${digits(seconds)} s`;
}

/** A rate, given in bits a second. */
export function rate(bits) {
  if (!Number.isFinite(bits)) return '–';
  const [unit, by] = bits >= 1e9 ? ['Gbit/s', 1e9] : bits >= 1e6 ? ['Mbit/s', 1e6] : bits >= 1e3 ? ['kbit/s', 1e3] : ['bit/s', 1];
  return `${digits(bits / by)} ${unit}`;
}

/** A part of a whole, from 0 to 1. */
export function percent(ratio) {
  if (!Number.isFinite(ratio)) return '–';
  const value = ratio * 100;
  // What is nearly all, or nearly nothing, is not rounded to all or nothing.
  if (value > 0 && value < 0.1) return '<0.1 %';
  if (value > 99.9 && value < 100) return '>99.9 %';
  return `${value % 1 === 0 ? value : value.toFixed(1)} %`;
}

export function count(number = '?', one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** A length of time in seconds, in its largest two units. */
export function span(seconds) {
  if (Number.isNaN(Number(seconds))) return 'an unknown time';
  seconds = Math.max(0, Math.round(seconds));
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = units.findIndex(([length]) => seconds >= length);
  if (first < 0) return '0 s';
  const [length, unit] = units[first];
  const rest = units[first + 1];
  const more = rest && seconds < length * 10 ? Math.floor((seconds % length) / rest[0]) : 0;
  return `${Math.floor(seconds / length)} ${unit}${more ? ` ${more} ${rest[1]}` : ''}`;
}

export function ago(seconds) {
  return seconds < 1 ? 'just now' : `${span(seconds)} ago`;
}

/** A time in seconds since 1970: of today the time of the day, else the date too. */
export function clock(seconds) {
  if (!Number.isFinite(seconds)) return 'an unknown time';
  const date = new Date(seconds * 1000);
  const time = date.toLocaleTimeString('en-GB');
  if (date.toDateString() === new Date().toDateString()) return time;
  const part = (value) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${part(date.getMonth() + 1)}-${part(date.getDate())} ${time}`;
}

/** The shape of a state of a pair: read without its colour, and aloud. */
export const SHAPES = { up: '✓', down: '✕', degraded: '◪', unknown: '?', none: '' };
/** The shape of a status of a member. */
export const STATUS_SHAPES = { online: '●', stale: '◐', offline: '✕', deregistered: '○', unknown: '?' };

/** The shape of how a fault shows. */
export const SYMPTOM_SHAPES = { unreachable: '✕', slow: '◷', lossy: '◌', overloaded: '▲' };

export const METRIC_NAMES = {
  all: 'All',
  tcp: 'TCP',
  http: 'HTTP',
  loss: 'Loss & jitter',
  bandwidth: 'Bandwidth',
  traceroute: 'Traceroute',
};

/** What one event says. */
export function eventWords(event) {
  const { kind, fault, source, target, instance_id: member, location = 'unknown' } = event;
  const way = () => `${source.instance_id} → ${target.instance_id}`;
  switch (kind) {
    case 'joined':
      return `${member} (${location}) joined the ring`;
    case 'left':
      return `${member} (${location}) said goodbye`;
    case 'stale':
      return `${member} (${location}) has missed heartbeats`;
    case 'offline':
      return `${member} (${location}) is offline: nothing was heard of it for longer than its time to live`;
    case 'online':
      return `${member} (${location}) is heard of again`;
    case 'fault_opened':
    case 'fault_closed':
      return fault.sentence;
    case 'path_changed':
      return `The path ${way()} has changed`;
    case 'throughput_dropped':
      return `Throughput ${way()}, ${event.direction}: ${rate(event.bits_per_second)}, where ${rate(event.usual_bits_per_second)} is usual`;
    default:
      return kind;
  }
}

const SPELLED = {
  latency_seconds: latency,
  round_trip_time_p95_seconds: latency,
  interarrival_jitter_seconds: latency,
  loss_ratio: percent,
  download_bits_per_second: rate,
  upload_bits_per_second: rate,
  hops: (hops) => (Number.isFinite(hops) ? String(hops) : '–'),
};

/** The value of a field of the API, with its unit. */
export function spelled(field, value) {
  return SPELLED[field](value);
}
