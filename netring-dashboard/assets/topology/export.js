// The graph as a file that needs nothing else: what the style sheet says of it is written to each element.
import { clock } from '../look/words.js';

const KEPT = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'paint-order'];
const OF_TEXT = [...KEPT, 'font-family', 'font-size', 'font-weight', 'text-anchor'];
const MARGIN = 24;

function written(svg) {
  const copy = svg.cloneNode(true);
  const [from, to] = [svg.querySelectorAll('*'), copy.querySelectorAll('*')];
  from.forEach((element, nth) => {
    const target = to[nth];
    const style = element.matches('g') ? null : getComputedStyle(element);
    for (const name of style ? (element.matches('text') ? OF_TEXT : KEPT) : []) {
      const value = style.getPropertyValue(name);
      if (value && value !== 'normal' && value !== 'auto') target.setAttribute(name, value);
    }
    if (element.matches('g.dimmed')) target.setAttribute('opacity', getComputedStyle(element).opacity);
    for (const name of ['class', 'role', 'tabindex', 'data-id', 'aria-pressed', 'aria-hidden', 'aria-label']) {
      if (name === 'aria-label' && target.hasAttribute(name)) target.prepend(titled(target.getAttribute(name)));
      target.removeAttribute(name);
    }
  });
  for (const hit of copy.querySelectorAll('path[stroke-opacity="0"], path[stroke="rgba(0, 0, 0, 0)"]')) hit.remove();
  return copy;
}

function titled(words) {
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  title.textContent = words;
  return title;
}

/** Downloads all of the graph as it is drawn. */
export function save(svg, at) {
  const copy = written(svg);
  const world = svg.firstElementChild;
  const { x, y, width, height } = world.getBBox();
  const box = [x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].map(Math.round);
  for (const { name } of [...copy.attributes]) copy.removeAttribute(name);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', box.join(' '));
  copy.setAttribute('width', box[2]);
  copy.setAttribute('height', box[3]);
  copy.firstElementChild.removeAttribute('transform');
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  const [left, top, wide, high] = box;
  for (const [name, value] of Object.entries({ x: left, y: top, width: wide, height: high })) ground.setAttribute(name, value);
  ground.setAttribute('fill', getComputedStyle(document.documentElement).getPropertyValue('--ground').trim());
  copy.prepend(titled(`Topology, ${clock(at)}`), ground);
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'netring-topology.svg';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
