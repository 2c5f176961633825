/** The keyboard shortcuts: those of the pages and those of the window. */
import { define, delegate, one } from "../lib/dom.js";
import { html, icon, render } from "../lib/html.js";
/** @import {Page, Shortcut} from "../lib/types.js" */

export class HelpDialog extends HTMLElement {
  /** @param {Page[]} pages */
  set pages(pages) {
    render(this, frame(shortcutsOf(pages)));
    delegate(this, "click", ".close", () => this.#dialog.close());
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("keydown", (event) => event.key === "?" && this.#dialog.close());
  }

  /** Show it; the focus goes back to where it was when it is closed. */
  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (one(this, "dialog"));
  }
}

/**
 * The dialog of these pages.
 * @param {Page[]} pages
 */
export function helpDialog(pages) {
  define("help-dialog", HelpDialog);
  const dialog = /** @type {HelpDialog} */ (one(document, "help-dialog"));
  if (!dialog.firstChild) dialog.pages = pages;
  return dialog;
}

/**
 * @param {Page[]} pages
 * @returns {Shortcut[]}
 */
function shortcutsOf(pages) {
  return [
    { keys: ["/"], does: "Search" },
    ...pages.flatMap(({ shortcuts = [] }) => shortcuts),
    { keys: pages.map(({ key }) => key), does: pages.map(({ label }) => label).join(", ") },
    { keys: ["a"], does: "Activity" },
    { keys: ["t"], does: "Theme: system, light, dark" },
    { keys: ["?"], does: "This help" },
  ];
}

/** @param {Shortcut[]} shortcuts */
function frame(shortcuts) {
  return html`<dialog class="dialog help-sheet" data-testid="help" autofocus aria-labelledby="help-title">
    <header class="panel-head">
      <h2 id="help-title">Keyboard</h2>
      <button type="button" class="button icon-button close" aria-label="Close help">${icon("close")}</button>
    </header>
    <dl class="shortcuts">
      ${shortcuts.map(({ keys, does }) => html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${does}</dd></div>`)}
    </dl>
    <p class="help-note">The board only watches: it never writes to your task files. What you see is what is on the disk.</p>
  </dialog>`;
}
