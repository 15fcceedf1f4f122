// What has happened: the last hours as bands, and every event in words, the newest first.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../lib/htm-preact.js';
import { contact } from '../data/ask.js';
import { lookAt, lookedAt } from '../data/looked-at.js';
import { useClock, useValue } from '../data/observable.js';
import { events, faults, grid } from '../data/ring.js';
import { Chart } from '../events/chart.js';
import { chosenKinds, concerns } from '../events/kinds.js';
import { askPast, known, LIMIT, reachOf } from '../events/known.js';
import { Announce, faultWords, Rows } from '../events/rows.js';
import { Toggles } from '../events/toggles.js';
import { tip } from '../look/tip.js';
import { clock, count } from '../look/words.js';

const STEP = 200;
const AGAIN = 10_000;
const RANGES = { '1 h': 3_600, '6 h': 21_600, '24 h': 86_400, '7 d': 604_800 };

export function EventsView() {
  const { kind, location } = useValue(lookedAt);
  const { list, told, asking, trouble } = useValue(known);
  const kinds = useMemo(() => chosenKinds(kind), [kind]);
  const words = [...kinds].join(',');
  const locate = useLocate();
  const reach = reachOf(words, location);
  const shown = useMemo(() => {
    const here = (event) => !location || told[location]?.has(event.id) || concerns(event, location, locate);
    return list.filter((event) => event.at >= reach && (kinds.size === 0 || kinds.has(event.kind)) && here(event));
  }, [list, kinds, location, told, locate, reach]);
  useAsking(words, location, reach, trouble);
  const [most, showMost] = useState(STEP);
  const [found, jump] = useJump(shown, showMost);
  const since = useRef(null);
  since.current ??= list.length > 0 ? Math.max(...list.slice(0, 50).map((event) => event.id)) : null;
  const faultsNow = useValue(faults);
  const inPanel = usePanel(faultsNow);
  const faultWord = useMemo(() => faultWords(list), [list]);
  const now = useNow();
  const openFault = (fault) => {
    if (inPanel(fault)) lookAt({ fault: fault.id, source: '', target: '', member: '' });
    else jump(shown.filter((event) => event.fault?.id === fault.id));
  };
  const takes = (fault) => !location || concerns({ fault }, location, locate);
  return html`
    <section class="panel events" aria-labelledby="events-title">
      <${Bands} shown=${shown} now=${now} reach=${reach ?? now}
        chart=${{ list: shown, faults: faultsNow, takes, kinds, openFault, jump }}><${Toggles} kinds=${kinds} location=${location} /><//>
    </section>
    <section class="panel events" aria-label="List of events">
      ${trouble && html`<p role="status"><span class="state degraded" data-shape="!">${reach === undefined ? 'Events' : 'Older events'} cannot be had: ${trouble}.</span> It is tried again.</p>`}
      <${Announce} key=${`${kind} ${location}`} newest=${shown[0]?.id ?? 0} list=${shown} />
      <${Rows} list=${shown.slice(0, most)} total=${shown.length} now=${now} words=${faultWord} found=${found} since=${since.current ?? Infinity}
        locate=${locate} inPanel=${inPanel} />
      <${End} shown=${shown} most=${most} more=${() => showMost(most + STEP * 2)} reach=${reach} filtered=${kinds.size > 0 || location}
        asking=${asking} trouble=${trouble} older=${() => askPast(words, location)} />
    </section>
  `;
}

function Bands({ shown, now, reach, chart, children }) {
  const [chosen, choose] = useState('');
  // Until one is chosen: the shortest that has all in it.
  const oldest = shown.at(-1)?.at ?? now;
  const range = chosen || (Object.keys(RANGES).slice(0, 3).find((name) => now - oldest <= RANGES[name]) ?? '24 h');
  return html`
    <header>
      <h2 id="events-title">Events</h2>
      <span class="dim" id="events-count">${count(shown.length, 'event')}${shown.length > 0 ? ` since ${clock(oldest)}` : ''}</span>
      <span class="group ranges" role="group" aria-label="How far back the bands go">
        ${Object.keys(RANGES).map(
          (name) => html`<button type="button" data-range=${name} aria-pressed=${range === name} ...${tip(`The bands show the last ${name}`)}
            onclick=${() => choose(name)}>${name}</button>`,
        )}
      </span>
    </header>
    <div class="controls">${children}</div>
    <${Chart} ...${chart} start=${now - RANGES[range]} now=${now} reach=${reach} />
  `;
}

/** Where a member stands, as far as is known. */
function useLocate() {
  const members = useValue(grid)?.members;
  const names = members?.map((member) => `${member.instance_id}\n${member.location}`).join('\n');
  return useMemo(() => {
    const places = new Map(members?.map((member) => [member.instance_id, member.location]));
    return (member) => places.get(member);
  }, [names]);
}

/** Until when things are known: now, or when the registry answered last. */
function useNow() {
  const { reached, last } = useValue(contact);
  const now = useClock(5_000);
  return reached === false && last !== null ? last / 1000 : Math.max(now, Date.now() / 1000 - 1);
}

/** Whether the panel at the side knows a fault. */
function usePanel(known) {
  const newest = useValue(events);
  const ids = useMemo(() => {
    const all = [...(known?.open ?? []), ...(known?.closed ?? []), ...newest.flatMap((event) => event.fault ?? [])];
    return new Set(all.map((fault) => fault.id));
  }, [known, newest]);
  return (fault) => ids.has(fault.id);
}

/** Asks for what a filter leaves of older events, and for all where nothing is known. */
function useAsking(kind, location, reach, trouble) {
  const filtered = kind !== '' || location !== '';
  useEffect(() => {
    if (filtered ? reach !== -Infinity : reach === undefined) askPast(kind, location);
  }, [kind, location]);
  useEffect(() => {
    if (!trouble) return;
    const timer = setInterval(() => askPast(kind, location), AGAIN);
    return () => clearInterval(timer);
  }, [trouble, kind, location]);
}

/** What is marked in the list, and a function that marks events and goes to the first of them. */
function useJump(shown, showMost) {
  const [goal, setGoal] = useState([]);
  useLayoutEffect(() => {
    const row = goal.length > 0 && document.getElementById(`event-${goal[0].id}`);
    if (!row) return;
    row.scrollIntoView({ block: 'center' });
    row.focus({ preventScroll: true });
  }, [goal]);
  const jump = (wanted) => {
    const place = shown.indexOf(wanted[0]);
    showMost((most) => Math.max(most, place + STEP / 2));
    setGoal(wanted);
  };
  return [new Set(goal.map((event) => event.id)), jump];
}

/** What comes after the last row: more of them, older ones, or that there are none. */
function End({ shown, most, more, reach, filtered, asking, trouble, older }) {
  if (shown.length > most) {
    return html`<p class="end"><button type="button" id="more" onclick=${more}>Show more of ${shown.length}</button></p>`;
  }
  if (asking) return html`<p class="empty" role="status">Asking for older events…</p>`;
  if (reach === undefined) return html`<p class="empty">${trouble ? 'Nothing is known of what has happened.' : 'Waiting for what has happened…'}</p>`;
  const complete = reach === -Infinity;
  if (shown.length === 0) {
    const nothing = filtered ? 'Nothing that the filters leave has happened' : 'Nothing has happened in this ring as yet';
    return html`<p class="empty">${nothing}${complete ? '.' : `, as far back as ${clock(reach)}.`}
      ${filtered ? '' : ' Members that come and go, faults, changed paths and drops of throughput will be here as they happen.'}</p>`;
  }
  if (complete) return html`<p class="empty">That is all. The registry keeps the newest 10,000 events.</p>`;
  if (shown.length >= LIMIT) {
    return html`<p class="empty">The registry gives the newest ${LIMIT} at once. ${filtered ? 'A narrower filter' : 'A filter by kind or location'} goes further back.</p>`;
  }
  return html`<p class="end"><button type="button" id="older" ...${tip('Ask the registry for events before these')} onclick=${older}>Older</button></p>`;
}
