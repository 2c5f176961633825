/** The keys of the page. */
import { define, delegate } from "../lib/dom.js";
import { html, render } from "../lib/html.js";
import { icon } from "../lib/icons.js";
import { SHORTCUTS } from "../lib/keys.js";

export class HelpDialog extends HTMLElement {
  connectedCallback() {
    render(this, frame());
    delegate(this, "click", ".close", () => this.#dialog.close());
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("keydown", (event) => event.key === "?" && this.#dialog.close());
  }

  /** Show it; the focus goes back to where it was when it is closed. */
  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }
}

/** Make the element known. */
export function register() {
  define("help-dialog", HelpDialog);
}

function frame() {
  return html`<dialog class="dialog help-sheet" data-testid="help" autofocus aria-labelledby="help-title">
    <header class="panel-head">
      <h2 id="help-title">Keyboard</h2>
      <button type="button" class="button icon-button close" aria-label="Close help">${icon("close")}</button>
    </header>
    <dl class="shortcuts">
      ${SHORTCUTS.map(({ keys, does }) => html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${does}</dd></div>`)}
    </dl>
    <p class="help-note">The board only watches: it never writes to your task files. What you see is what lies on the disk.</p>
  </dialog>`;
}
