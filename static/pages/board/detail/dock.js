/** Where the panel of a task is: beside the page, or where there is no room for that, over it. */
import { emit } from "../../../lib/dom.js";

const WIDE = "(min-width: 1100px)"; // as in task-detail.css

export class Dock {
  #panel;
  #dialog;
  #isWanted;
  #wide = matchMedia(WIDE);

  /**
   * `isWanted()`: whether something is to be shown. When the user closes it the panel emits `task-close`.
   * @param {HTMLElement} panel
   * @param {HTMLDialogElement} dialog
   * @param {() => boolean} isWanted
   */
  constructor(panel, dialog, isWanted) {
    this.#panel = panel;
    this.#dialog = dialog;
    this.#isWanted = isWanted;
    // One that was opened again, in the other way, is not closed.
    dialog.addEventListener("close", () => isWanted() && !dialog.open && emit(panel, "task-close"));
    dialog.addEventListener("click", (event) => event.target === dialog && !this.isBeside && this.close());
    this.#wide.addEventListener("change", () => this.#reopen());
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /** True while it is beside the page, and not over it. */
  get isBeside() {
    return this.#panel.hasAttribute("data-docked");
  }

  /** Show it. */
  open() {
    this.#panel.toggleAttribute("data-docked", this.#wide.matches);
    if (this.#wide.matches) this.#dialog.show();
    else this.#dialog.showModal();
  }

  /** Close it. */
  close() {
    this.#dialog.close();
    this.#panel.removeAttribute("data-docked");
  }

  /** The window has become wide or narrow. */
  #reopen() {
    if (!this.#dialog.open || !this.#isWanted()) return;
    this.#dialog.close();
    this.open();
  }
}
