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
  // In topology and events.
  search: '',
  kind: '',
  location: '',
  theme: ['dark', 'light'],
};

const NUMBERS = new Set(['above', 'below']);

function parse(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const state = {};
  for (const [name, allowed] of Object.entries(FIELDS)) {
    const usual = Array.isArray(allowed) ? allowed[0] : allowed;
    const value = given.get(name);
    if (value === null) state[name] = usual;
    else if (Array.isArray(allowed)) state[name] = allowed.includes(value) ? value : usual;
    else if (NUMBERS.has(name)) state[name] = value.trim() && Number(value) >= 0 && Number(value) < 1e9 ? String(Number(value)) : '';
    else state[name] = value.slice(0, 256);
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

/** Looks at something else. A step that the back button undoes, unless `replace` says otherwise. */
export function lookAt(changes, replace = false) {
  const next = { ...lookedAt.get(), ...changes };
  const address = format(next);
  if (address === format(lookedAt.get())) return;
  if (changes.theme) rememberTheme(changes.theme);
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  lookedAt.set(next);
}

function follow() {
  if (format(parse(location.hash)) !== format(lookedAt.get())) lookedAt.set(parse(location.hash));
}
addEventListener('hashchange', follow);
addEventListener('popstate', follow);
