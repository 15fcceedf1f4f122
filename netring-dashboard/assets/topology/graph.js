// The graph as SVG: what stands on it can be pointed at, clicked, and reached by keys.
import { Component, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../lib/htm-preact.js';
import { hideTip, showTip, tip } from '../look/tip.js';
import { count } from '../look/words.js';
import { places } from './arrange.js';
import { boundsOf, drawingOf } from './drawing.js';
import { short } from './geometry.js';
import { edgeWords, importance, nodeWords } from './model.js';

/** So few lines are all reached by the tab key; of more only bottlenecks are, and the others by the details of their ends. */
const FEW_LINES = 80;
/** So many take long to draw. */
const MANY_LINES = 800;

/** Is drawn anew only where something about it is another: there may be thousands. */
class Same extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => next[name] !== this.props[name]);
  }
}

class Line extends Same {
  render({ id, look, line, head, width, words, reached, wide }) {
    return html`
      <g class=${look} data-id=${id} role=${words && 'button'} tabindex=${words && (reached ? 0 : -1)} aria-label=${words}>
        ${wide && html`<path class="hit" d=${line} />`}
        <path class="line" d=${line} stroke-width=${width.toFixed(1)} />
        ${head && html`<path class="tip-of" d=${head} />`}
      </g>
    `;
  }
}

class Words extends Same {
  render({ id, look, text, x, y, w, h }) {
    return html`
      <g class=${look} data-id=${id} aria-hidden="true">
        <rect x=${(x - w).toFixed(1)} y=${(y - h).toFixed(1)} width=${(2 * w).toFixed(1)} height=${2 * h} rx="4" />
        <text x=${x.toFixed(1)} y=${(y + 3.8).toFixed(1)}>${text}</text>
      </g>
    `;
  }
}

class Place extends Same {
  render({ id, look, x, y, w, h, name, below, words, pressed }) {
    return html`
      <g class=${look} data-id=${id} role="button" tabindex="0" aria-label=${words} aria-pressed=${pressed}
        transform=${`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
        <rect x=${-w} y=${-h} width=${2 * w} height=${2 * h} rx="7" />
        <text class="name" y=${h < 15 ? 4.5 : -2}>${name}</text>
        ${h >= 15 && html`<text class="below" y="12">${below}</text>`}
      </g>
    `;
  }
}

class Router extends Same {
  render({ id, look, x, y, r, name, labelX, labelY, anchor, words, pressed }) {
    return html`
      <g class=${look} data-id=${id} role="button" tabindex="0" aria-label=${words} aria-pressed=${pressed}
        transform=${`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
        <circle r=${r.toFixed(1)} />
        ${anchor && html`<text x=${labelX.toFixed(1)} y=${labelY.toFixed(1)} text-anchor=${anchor}>${name}</text>`}
      </g>
    `;
  }
}

const classes = (...names) => names.filter(Boolean).join(' ');
const flags = (thing, chosen) => classes(thing.dimmed && 'dimmed', thing.found && 'found', chosen && 'chosen');

function lineOf(line, chosen, all) {
  const { way, edge, level } = line;
  const isChosen = edge.id === chosen || way.back?.id === chosen;
  const look = classes('way', edge.severity, level < 0 ? 'level-none' : `level-${level}`, edge.silent > 0 && 'silent', flags(line, isChosen));
  const reached = all <= FEW_LINES || importance(edge) >= 2;
  return html`<${Line} key=${edge.id} id=${edge.id} look=${look} line=${line.line} head=${line.head} width=${line.width}
    words=${reached || all <= MANY_LINES ? edgeWords(edge, way.back) : undefined} reached=${reached} wide=${reached || isChosen || all <= MANY_LINES} />`;
}

function nodeOf({ node, x, y, size, label, ...spot }, chosen) {
  const isChosen = node.id === chosen;
  const common = { key: node.id, id: node.id, x, y, words: nodeWords(node), pressed: isChosen, name: short(node.name) };
  if (node.kind === 'location') {
    return html`<${Place} ...${common} ...${size} look=${classes('place-of', flags(spot, isChosen))} below=${count(node.members.length, 'member')} />`;
  }
  return html`<${Router} ...${common} r=${size.r} anchor=${label && ['end', 'middle', 'start'][(label.side ?? 0) + 1]}
    labelX=${label ? label.x - x : 0} labelY=${label ? label.y - y + 3.5 : 0} look=${classes('router', flags(spot, isChosen))} />`;
}

/** `eye` is the viewport; `choose` takes the id of a node or an edge. */
export function Graph({ graph, eye, matches, chosen, choose }) {
  const [, redraw] = useState(0);
  const [svg, world, now] = [useRef(null), useRef(null), useRef(graph)];
  now.current = graph;
  eye.redraw = () => redraw((turn) => turn + 1);
  const { scale } = eye;
  const drawing = useMemo(() => drawingOf(graph, scale, matches, chosen), [graph, scale, matches, chosen]);
  useEffect(() => eye.attach(svg.current, world.current, () => boundsOf(now.current)), []);
  useLayoutEffect(() => {
    Object.assign(eye, { svg: svg.current, world: world.current, bounds: () => boundsOf(now.current) });
    eye.slow = drawing.lines.length > MANY_LINES;
    eye.place();
    if (!eye.at.own) eye.fit();
  }, [drawing]);
  const isPlace = ({ node }) => node.kind === 'location';
  const [locations, routers] = [drawing.spots.filter(isPlace), drawing.spots.filter((spot) => !isPlace(spot))];
  const written = drawing.lines.filter(({ words }) => words);
  return html`
    <div class="field">
      <svg class=${`graph ${drawing.lines.length > 400 ? 'dense' : ''}`} ref=${svg} role="group" tabindex="0" ...${pointing(now, eye, choose)}
        aria-label="Locations and routers. Arrow keys move the picture, plus and minus zoom, 0 shows all of it.">
        <g ref=${world}>
          <g>${drawing.lines.map((line) => lineOf(line, chosen, drawing.lines.length))}</g>
          <g>${routers.map((spot) => nodeOf(spot, chosen))}</g>
          <g>${written.map(({ edge, words, dimmed }) => html`<${Words} key=${edge.id} id=${edge.id} ...${words}
            look=${classes('words', edge.severity, dimmed && 'dimmed')} />`)}</g>
          <g>${locations.map((spot) => nodeOf(spot, chosen))}</g>
        </g>
      </svg>
      <div class="group zoom" role="group" aria-label="Zoom">
        <button type="button" id="zoom-in" aria-label="Nearer" ...${tip('Nearer (+, or the wheel)')} onclick=${() => eye.zoom(1.3)}>+</button>
        <button type="button" id="zoom-out" aria-label="Farther" ...${tip('Farther (−, or the wheel)')} onclick=${() => eye.zoom(1 / 1.3)}>−</button>
        <button type="button" id="zoom-fit" aria-label="Show all of it" ...${tip('Show all of it (0)')} onclick=${() => eye.fit()}>⤢</button>
      </div>
    </div>
  `;
}

/** One handler of a kind for all that stands on the graph. */
function pointing(graph, eye, choose) {
  const under = (event) => event.target.closest?.('[data-id]');
  const say = (event) => {
    const element = under(event);
    if (!element || eye.pointers.size > 0) return;
    const { nodes, edges } = graph.current;
    const [node, edge] = [nodes.get(element.dataset.id), edges.get(element.dataset.id)];
    if (!node && !edge) return;
    const { clientX: x, clientY: y } = event;
    const at = node || x === undefined ? element : { left: x, right: x + 6, top: y, bottom: y + 6 };
    showTip(at, node ? nodeWords(node) : edgeWords(edge, edge.way.back?.id !== edge.id && edge.way.back), element);
  };
  return {
    onpointerover: say,
    onpointerout: (event) => hideTip(under(event) ?? undefined),
    onpointerdown: () => hideTip(),
    onclick: (event) => {
      if (!eye.moved && under(event)) choose(under(event).dataset.id);
    },
    onfocusin: (event) => {
      const node = graph.current.nodes.get(under(event)?.dataset.id);
      if (!event.target.matches(':focus-visible')) return;
      if (node) eye.show(places.get(node.id));
      say(event);
    },
    onfocusout: () => hideTip(),
    onkeydown: (event) => {
      const on = under(event);
      if (on && (event.key === 'Enter' || event.key === ' ')) choose(on.dataset.id);
      else if (!eye.key(event)) return;
      event.preventDefault();
    },
  };
}
