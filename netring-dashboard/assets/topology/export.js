// The graph as a file that needs nothing else: what the style sheet says of it is written to each element.
import { clock } from '../look/words.js';

const KEPT = ['fill', 'stroke', 'stroke-dasharray', 'stroke-linecap', 'stroke-width', 'opacity', 'paint-order', 'font', 'text-anchor'];

/** Downloads all of the graph as it is drawn. */
export function save(at) {
  const world = document.querySelector('.graph > g');
  const copy = world.cloneNode(true);
  const copies = copy.querySelectorAll('*');
  world.querySelectorAll('*').forEach((element, nth) => {
    const style = getComputedStyle(element);
    if (element.matches('.hit')) copies[nth].remove();
    else copies[nth].style.cssText = KEPT.map((name) => `${name}:${style.getPropertyValue(name)}`).join(';');
  });
  copy.removeAttribute('transform');
  const { x, y, width, height } = world.getBBox();
  const [left, top, wide, high] = [x - 24, y - 24, width + 48, height + 48].map(Math.round);
  const ground = getComputedStyle(document.documentElement).getPropertyValue('--ground');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${wide} ${high}" width="${wide}" height="${high}">
<title>Topology, ${clock(at)}</title><rect x="${left}" y="${top}" width="${wide}" height="${high}" fill="${ground}"/>
${new XMLSerializer().serializeToString(copy)}</svg>`;
  const href = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  Object.assign(document.createElement('a'), { href, download: 'netring-topology.svg' }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
