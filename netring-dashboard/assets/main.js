// Puts the page together: what is known, what is looked at, and how it looks.
import { html, render } from './lib/htm-preact.js';
import { App } from './parts/app.js';
import { start } from './data/ring.js';

start();
render(html`<${App} />`, document.getElementById('page'));
