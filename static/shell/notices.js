/** What the user has to know at once: what does not work as it should, in a banner, and short messages over the page. */
import { define, delegate, one } from "../lib/dom.js";
import { element, flag, html, icon, render } from "../lib/html.js";
import { effect } from "../lib/signals.js";
/** @import {Degraded, Signal, Toast} from "../lib/types.js" */

const SHOWN_MS = 12_000;
const MOST_TOASTS = 4;
/** @type {Record<string, string>} */
const MEANING = {
  polling: "Changes are found by checking every few seconds, so they appear later than usual.",
  missing: "What it contained is shown as it was last, and read again as soon as it comes back.",
  unreadable: "What it contained is shown as it was last, and read again as soon as it can be.",
  refused: "What the workspace's own files ask for beyond the workspace needs your approval.",
  ignore: "Some files may be shown that it says to ignore.",
  history: "Lane history and costs may be incomplete; the board itself is not affected.",
  versions: "Changes of generated files cannot be shown for now; the files themselves are not affected.",
  state: "Its own files are made again as soon as that is possible; the board itself is not affected.",
};

/** @type {Record<string, string>} */
const HEAD = {
  polling: "Polling instead of watching",
  missing: "Folder missing",
  unreadable: "Folder cannot be read",
  refused: "Not allowed without your approval",
  ignore: "Not all of this file is used",
  history: "Problem with the history",
  versions: "Problem with earlier contents",
  state: "Problem with the dashboard's own folder",
};
const SHOWN = 3;

/** Says which folders are not watched as they should be, and what that means. */
export class NoticeBanner extends HTMLElement {
  /**
   * Empty when all is well.
   * @param {Degraded[]} entries
   */
  set degraded(entries) {
    this.hidden = entries.length === 0;
    const isOpen = this.querySelector("details")?.open ?? false;
    const rest = entries.slice(SHOWN);
    const more = html`<details class="more-notices" ${flag(isOpen, "open")}><summary class="notice">${rest.length} more</summary>${rest.map(notice)}</details>`;
    render(this, html`${entries.slice(0, SHOWN).map(notice)}${rest.length > 0 ? more : null}`);
  }
}

/** Short messages. They go by themselves, bad ones only when closed. */
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
   * Take away what is no longer so.
   * @param {string} key
   */
  drop(key) {
    this.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  }
}

/**
 * Show what is degraded from now on; `toast(message)` shows a short message.
 * @param {Signal<Degraded[]>} degraded
 */
export function startNotices(degraded) {
  define("notice-banner", NoticeBanner);
  define("toast-list", ToastList);
  const banner = /** @type {NoticeBanner} */ (one(document, "notice-banner"));
  const toasts = /** @type {ToastList} */ (one(document, "toast-list"));
  effect(() => (banner.degraded = degraded.value));
  return { toast: (/** @type {Toast} */ message) => toasts.show(message), drop: (/** @type {string} */ key) => toasts.drop(key) };
}

/** @param {string} text */
function sentence(text) {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** @param {Degraded} entry */
function notice({ root, mode, reason }) {
  const head = HEAD[mode] ?? "Problem";
  const meaning = MEANING[mode];
  const why = meaning ? html`${meaning} <span class="reason">(${reason})</span>` : html`<span class="reason">${sentence(reason)}</span>`;
  return html`<p class="notice" data-mode="${mode}">${icon("alert")}<span><strong>${head}: <bdi>${root}</bdi>.</strong> ${why}</span></p>`;
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
