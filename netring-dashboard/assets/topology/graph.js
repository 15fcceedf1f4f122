// The graph as SVG: what stands on it can be pointed at, clicked, and reached by keys.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../lib/htm-preact.js';
import { hideTip, showTip, tip } from '../look/tip.js';
import { useSteadyFocus } from '../parts/steady.js';
import { count } from '../look/words.js';
import { places } from './arrange.js';
import { boundsOf, drawingOf, short } from './drawing.js';
import { edgeWords, importance, nodeWords } from './model.js';
import { eye } from './viewport.js';

/** Of more the tab key reaches only locations and bottlenecks; their details lead to the others. */
const FEW = 80;
const KEYS = 'Arrow keys move the graph, + and − zoom, 0 shows all; Tab goes on to what stands on it';

const on = (name, flags) => [name, ...Object.keys(flags).filter((flag) => flags[flag])].join(' ');
const at = (x, y) => `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
const button = (reached, words, pressed) => ({ role: 'button', tabindex: reached ? 0 : -1, 'aria-label': words, 'aria-pressed': pressed, 'aria-describedby': 'tip' });
const box = (w, h, r) => html`<rect x=${-w} y=${-h} width=${2 * w} height=${2 * h} rx=${r} />`;

function line({ edge, level, width, path, head, flags }, few) {
  const bad = importance(edge) > 1;
  const opacity = bad ? 1 : 0.25 + 0.75 * (level ?? 0.4);
  const look = on(`way ${edge.severity}`, { ...flags, unknown: level === undefined, silent: edge.silent });
  return html`<g key=${edge.id} data-id=${edge.id} class=${look} ...${(few || bad) && button(true, edgeWords(edge))}>
    <path class="hit" d=${path} />
    <path class="line" d=${path} stroke-width=${width.toFixed(1)} stroke-opacity=${opacity} />
    ${head && html`<path class="head" d=${head} fill-opacity=${opacity} />`}
  </g>`;
}

function words({ edge, words: { text, x, y, w, h }, flags: { dimmed } }) {
  return html`<g key=${edge.id} data-id=${edge.id} class=${on(`words ${edge.severity}`, { dimmed })} aria-hidden="true" transform=${at(x, y)}>
    ${box(w, h, 4)}<text y="3.8">${text}</text>
  </g>`;
}

function node({ node, x, y, w, h, words, flags }, few) {
  const { id, name, members } = node;
  return html`<g key=${id} data-id=${id} class=${on(members ? 'place-of' : 'router', flags)} transform=${at(x, y)}
    ...${button(few || members || flags.found, nodeWords(node), flags.chosen)}>
    ${members ? html`${box(w, h, 7)}<text class="name" y=${h < 15 ? 4.5 : -2}>${short(name)}</text>` : html`<circle r=${w} />`}
    ${members && h > 15 && html`<text y="12">${count(members.length, 'member')}</text>`}
    ${words && html`<text y=${words.y - y + 3.5}>${words.text}</text>`}
  </g>`;
}

/** `choose` takes the id of a node or an edge. */
export function Graph({ graph, matches, chosen, choose }) {
  const svg = useRef(null);
  useSteadyFocus();
  const [scale, redraw] = useState(eye.k);
  const bounds = useMemo(() => boundsOf(graph), [graph]);
  // There may be thousands.
  const drawn = useMemo(() => {
    const { spots, lines } = drawingOf(graph, scale, matches, chosen);
    const nodes = (arePlaces) => spots.filter((spot) => !spot.node.members !== arePlaces).map((spot) => node(spot, spots.length <= FEW));
    return html`<g>
      <g>${lines.map((one) => line(one, lines.length <= FEW))}</g>
      <g>${nodes(false)}</g>
      <g>${lines.filter(({ words }) => words).map(words)}</g>
      <g>${nodes(true)}</g>
    </g>`;
  }, [graph, scale, matches, chosen]);
  useLayoutEffect(() => eye.show(svg.current, bounds, scale, redraw), [bounds, scale]);
  useEffect(() => {
    const size = new ResizeObserver(() => eye.own || eye.fit());
    size.observe(svg.current);
    return () => size.disconnect();
  }, []);
  const zoom = (id, sign, words, onclick) => html`<button type="button" id=${id} aria-label=${words} ...${tip(words)} onclick=${onclick}>${sign}</button>`;
  return html`
    <div class="field">
      <svg class="graph" ref=${svg} role="group" tabindex="0" aria-describedby="tip" ...${pointing(graph, choose)}
        aria-label="Locations and routers. Arrow keys move it, plus and minus zoom, 0 shows all.">${drawn}</svg>
      <div class="group zoom">
        ${zoom('zoom-in', '+', 'Nearer (+, or the wheel)', () => eye.zoom(1.3))}
        ${zoom('zoom-out', '−', 'Farther (−, or the wheel)', () => eye.zoom(1 / 1.3))}
        ${zoom('zoom-fit', '⤢', 'Show all of it (0)', () => eye.fit())}
      </div>
    </div>
  `;
}

function pointing({ nodes, edges }, choose) {
  const under = (event) => event.target.closest('[data-id]') ?? undefined;
  const say = (event) => {
    const element = under(event);
    const [node, edge] = [nodes.get(element?.dataset.id), edges.get(element?.dataset.id)];
    // Who comes by keys is told what they do.
    if (event.type === 'focusin' && event.target === event.currentTarget) return showTip(event.currentTarget.parentNode.lastElementChild, KEYS, event.currentTarget);
    if (eye.held || !(node || edge)) return;
    const { clientX: x, clientY: y } = event;
    const where = node || !x ? element : { left: x, right: x + 6, top: y, bottom: y + 6 };
    showTip(where, node ? nodeWords(node) : edgeWords(edge), element);
  };
  return {
    ...eye.on,
    onpointerover: say,
    onpointerout: (event) => hideTip(under(event)),
    onclick: (event) => !eye.moved && under(event) && choose(under(event).dataset.id),
    onfocusin: (event) => {
      if (!event.target.matches(':focus-visible')) return;
      const node = nodes.get(under(event)?.dataset.id);
      if (node) eye.centre(places.get(node.id));
      say(event);
    },
    onfocusout: () => hideTip(),
    onkeydown: (event) => {
      const id = under(event)?.dataset.id;
      if (id && (event.key === 'Enter' || event.key === ' ')) choose(id);
      else if (!eye.key(event)) return;
      event.preventDefault();
    },
  };
}
