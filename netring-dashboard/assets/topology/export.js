// The graph as a file that needs nothing else: each element gets what the style sheet says of it.
import { clock } from '../look/words.js';

const KEPT = ['fill', 'stroke', 'stroke-dasharray', 'stroke-linecap', 'stroke-width', 'opacity', 'paint-order', 'font-family', 'font-size', 'font-weight', 'text-anchor'];

/** Downloads all of the graph as it is drawn. */
export function save(at) {
  const world = document.querySelector('.graph > g');
  const copy = world.cloneNode(true);
  const copies = copy.querySelectorAll('*');
  world.querySelectorAll('*').forEach((element, nth) => {
    const style = getComputedStyle(element);
    if (element.matches('.hit')) copies[nth].remove();
    else for (const name of KEPT) copies[nth].setAttribute(name, style.getPropertyValue(name));
  });
  copy.removeAttribute('transform');
  const { x, y, width, height } = world.getBBox();
  const ground = getComputedStyle(world).getPropertyValue('--ground');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x - 24} ${y - 24} ${width + 48} ${height + 48}">
<title>Topology, ${clock(at)}</title><rect x="${x - 24}" y="${y - 24}" width="100%" height="100%" fill="${ground}"/>
${new XMLSerializer().serializeToString(copy)}</svg>`;
  const href = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  Object.assign(document.createElement('a'), { href, download: 'netring-topology.svg' }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
