/** The keyboard shortcuts, written from the table that binds them (bindings.js), and the switch for those of one letter. */
import { areSingleKeysOn, define, delegate, one, setSingleKeys } from "../lib/dom.js";
import { flag, html, icon, render } from "../lib/html.js";
/** @import {Binding} from "./bindings.js" */

export class HelpDialog extends HTMLElement {
  /** @param {Binding[]} bindings */
  set bindings(bindings) {
    render(this, frame(bindings.filter(({ isSilent }) => !isSilent)));
    delegate(this, "change", ".single-keys input", (_, /** @type {HTMLInputElement} */ box) => setSingleKeys(box.checked));
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
 * The dialog about these bindings.
 * @param {Binding[]} bindings
 */
export function helpDialog(bindings) {
  define("help-dialog", HelpDialog);
  const dialog = /** @type {HelpDialog} */ (one(document, "help-dialog"));
  if (!dialog.firstChild) dialog.bindings = bindings;
  return dialog;
}

/** @param {Binding[]} shortcuts */
function frame(shortcuts) {
  const groups = [...new Set(shortcuts.map(({ group }) => group))];
  return html`<dialog class="dialog help-sheet" data-testid="help" autofocus aria-labelledby="help-title">
    <header class="panel-head">
      <h2 id="help-title">Keyboard</h2>
      <button type="button" class="button icon-button close" aria-label="Close help">${icon("close")}</button>
    </header>
    <div class="help-body" tabindex="0" role="region" aria-label="Shortcuts">
      ${groups.map((group) => html`<section><h3>${group}</h3><dl class="shortcuts">${shortcuts.filter((each) => each.group === group).map(row)}</dl></section>`)}
    </div>
    <label class="single-keys"><input type="checkbox" data-testid="single-keys" ${flag(areSingleKeysOn(), "checked")} /><span>Shortcuts of a single letter or sign. Without them, arrows, Enter, Esc and the palette still work.</span></label>
    <p class="help-note">The board only watches: it never writes to your task files. What you see is what is on the disk.</p>
  </dialog>`;
}

/** @param {Binding} binding */
function row({ keys, does }) {
  return html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${does}</dd></div>`;
}
