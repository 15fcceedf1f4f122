// Puts the page together: what is known, what is looked at, and how it looks.
import { html, render } from './lib/htm-preact.js';
import { App } from './parts/app.js';
import { lookedAt } from './data/looked-at.js';
import { start } from './data/ring.js';

// Before anything is drawn: a canvas takes its colours from the page.
const wear = () => (document.documentElement.dataset.theme = lookedAt.get().theme);
wear();
lookedAt.watch(wear);

start();
const page = document.getElementById('page');
page.replaceChildren();
render(html`<${App} />`, page);
