/** Short messages over the page: `show({tone, title, text, href})`. They go by themselves, bad news only when closed. */
import { define, delegate } from "../lib/dom.js";
import { element, html } from "../lib/html.js";
import { icon } from "../lib/icons.js";

const SHOWN_MS = 12_000;
const MOST = 4;

export class ToastList extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Messages");
    this.setAttribute("aria-live", "polite");
    delegate(this, "click", ".close", (_, button) => button.parentElement.remove());
  }

  /** Show a message; `tone` is "good", "warn" or "bad", `href` where more about it is to be seen. */
  show({ tone, title, text, href }) {
    const toast = element(html`<div class="toast" data-tone="${tone}" data-testid="toast">
      ${icon(tone === "good" ? "check" : "alert")}
      <div><p class="toast-title">${title}</p><p class="toast-text">${text} ${href ? html`<a href="${href}">Show</a>` : null}</p></div>
      <button type="button" class="button icon-button close" aria-label="Close message">${icon("close")}</button>
    </div>`);
    this.append(toast);
    while (this.children.length > MOST) this.firstElementChild.remove();
    if (tone !== "bad") goLater(toast);
  }
}

/** Make the element known. */
export function register() {
  define("toast-list", ToastList);
}

// Not while it is being read, nor unseen: behind an open task, or in a tab at the back.
function goLater(toast) {
  setTimeout(() => {
    const isWanted = toast.matches(":hover, :focus-within") || document.hidden || document.querySelector("dialog:modal");
    if (isWanted) goLater(toast);
    else toast.remove();
  }, SHOWN_MS);
}
