// What is looked at. It stands in the address, so that a view can be sent to somebody and the browser's back button works.
import { observable } from './observable.js';

export const VIEWS = ['ring', 'matrix', 'topology', 'events', 'expected'];
export const METRICS = ['all', 'tcp', 'http', 'loss', 'bandwidth', 'traceroute'];

// What is so unless the address says otherwise. Where there is a list, nothing else is taken.
const FIELDS = {
  view: VIEWS,
  metric: METRICS,
  by: ['member', 'location'],
  // Filters: locations of source and target, milliseconds, and switches.
  from: '',
  to: '',
  above: '',
  below: '',
  failures: ['', '1'],
  offline: ['1', ''],
  // What is open at the side: a pair, a fault or a member.
  source: '',
  target: '',
  fault: '',
  member: '',
  // In the matrix: a factor to the size at which all fits.
  zoom: '',
  // Of a pair's history: how far back, and the check that the latency is of.
  tier: ['hour', 'day'],
  check: '',
  // In topology, what is found and the node or edge that is open; in events.
  search: '',
  open: '',
  kind: '',
  location: '',
  range: ['6h', '1h', '24h', '7d'],
  // Whether all faults are listed.
  faults: ['', 'all'],
  theme: ['dark', 'light'],
};

const NUMBERS = new Set(['above', 'below', 'zoom']);
/** Going from one of these to another is a step, which the back button undoes. All else is a setting. */
const STEPS = ['view', 'metric', 'by', 'source', 'target', 'fault', 'member', 'open'];
// No name and no id is longer.
const LONGEST = 512;
// A browser refuses to write the address too often.
const PAUSE = 300;

function parse(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const state = {};
  for (const [name, allowed] of Object.entries(FIELDS)) {
    const usual = Array.isArray(allowed) ? allowed[0] : allowed;
    const value = given.get(name);
    if (value === null) state[name] = usual;
    else if (Array.isArray(allowed)) state[name] = allowed.includes(value) ? value : usual;
    else if (NUMBERS.has(name)) state[name] = value.trim() && Number(value) >= 0 && Number(value) < 1e9 ? String(Number(value)) : '';
    else state[name] = value.slice(0, LONGEST);
  }
  if (!given.has('theme')) state.theme = rememberedTheme();
  return state;
}

function format(state) {
  const out = new URLSearchParams();
  for (const [name, allowed] of Object.entries(FIELDS)) {
    const usual = Array.isArray(allowed) ? allowed[0] : allowed;
    if (state[name] !== usual) out.set(name, state[name]);
  }
  return '#' + out;
}

// Storage may be turned off in the browser.
function rememberedTheme() {
  try {
    return localStorage.getItem('netring-theme') === 'light' ? 'light' : 'dark';
  } catch {
    return 'dark';
  }
}

function rememberTheme(theme) {
  try {
    localStorage.setItem('netring-theme', theme);
  } catch {
    // Then it is remembered by the address alone.
  }
}

export const lookedAt = observable(parse(location.hash));

/** The address of what is looked at now, but for `changes`. */
export function addressOf(changes) {
  return format({ ...lookedAt.get(), ...changes });
}

let written = 0;
let later = null;

/** Writes what is looked at into the address: of many settings in a row, as of letters typed, the first and the last. */
function write(step) {
  clearTimeout(later);
  const put = () => {
    written = performance.now();
    history[step ? 'pushState' : 'replaceState'](true, '', format(lookedAt.get()));
  };
  const wait = step ? 0 : written + PAUSE - performance.now();
  if (wait > 0) later = setTimeout(put, wait);
  else put();
}

/** Looks at something else: by a step, or by a setting that takes the place of what was set before. */
export function lookAt(changes, step = STEPS.some((name) => name in changes && changes[name] !== lookedAt.get()[name])) {
  const before = lookedAt.get();
  const next = { ...before, ...changes };
  if (format(next) === format(before)) return;
  if (changes.theme) rememberTheme(changes.theme);
  // What was set last belongs to where it was set.
  if (step) history.replaceState(true, '', format(before));
  lookedAt.set(next);
  write(step);
}

/** The address has changed: by a link, by hand, or by the back button. */
function follow() {
  clearTimeout(later);
  const next = parse(location.hash);
  // Nobody goes back to another theme.
  if (history.state) next.theme = lookedAt.get().theme;
  history.replaceState(true, '', format(next));
  if (format(next) !== format(lookedAt.get())) lookedAt.set(next);
}
history.replaceState(true, '');
addEventListener('hashchange', follow);
addEventListener('popstate', follow);
