// Keeps the rest of the page where a part of it cannot be drawn.
import { Component, html } from '../lib/htm-preact.js';

export class Guard extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ error });
  }

  render({ children }, { error }) {
    if (!error) return children;
    return html`<p class="empty" role="alert">This part cannot be drawn: ${error.message}. The registry may be of another version than this page.</p>`;
  }
}
