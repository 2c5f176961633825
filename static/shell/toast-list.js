/** Short messages over the page. */
import { delegate, one } from "../lib/dom.js";
import { element, html, icon } from "../lib/html.js";
/** @import {Toast} from "../lib/types.js" */

const SHOWN_MS = 12_000;
const MOST_TOASTS = 4;

/** They go by themselves, bad ones only when closed. */
export class ToastList extends HTMLElement {
  connectedCallback() {
    delegate(this, "click", ".close", (_, button) => button.parentElement?.remove());
  }

  /**
   * Show a message; `href` leads to more about it. It takes the place of the last one with the same `key`.
   * @param {Toast} message
   */
  show({ tone, title, text, href, key }) {
    if (key) this.drop(key);
    const toast = element(html`<div class="toast" data-tone="${tone}" data-testid="toast">
      ${icon(tone === "good" ? "check" : "alert")}
      <div><p class="toast-title">${title}</p><p class="toast-text">${text} ${href ? html`<a href="${href}">Show</a>` : null}</p></div>
      <button type="button" class="button icon-button close" aria-label="Close message">${icon("close")}</button>
    </div>`);
    if (key) toast.dataset.key = key;
    this.append(toast);
    while (this.children.length > MOST_TOASTS) this.children[0].remove();
    if (tone !== "bad") removeLater(toast);
  }

  /**
   * Say the same with other figures: nothing moves, and it is not read out again.
   * @param {{key: string, title: string, text: string}} message
   */
  change({ key, title, text }) {
    const toast = this.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!toast) return;
    one(toast, ".toast-title").textContent = title;
    const place = /** @type {Text} */ (one(toast, ".toast-text").firstChild);
    if (place.data !== `${text} `) place.data = `${text} `;
  }

  /**
   * Take away what is no longer so.
   * @param {string} key
   */
  drop(key) {
    this.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  }
}

/**
 * Not while it is being read, nor unseen: behind an open task, or in a tab at the back.
 * @param {Element} toast
 */
function removeLater(toast) {
  setTimeout(() => {
    const isBusy = toast.matches(":hover, :focus-within") || document.hidden || document.querySelector("dialog:modal");
    if (isBusy) removeLater(toast);
    else toast.remove();
  }, SHOWN_MS);
}
