/** Says which folders are not watched as they should be, and what that means. */
import { define } from "../lib/dom.js";
import { html, render } from "../lib/html.js";
import { icon } from "../lib/icons.js";

const MEANING = {
  polling: "Changes are found by looking every few seconds, so they appear later than usual.",
  missing: "The board fills as soon as it comes back.",
  history: "Lane history and costs may be incomplete; the board itself is not affected.",
};

const HEAD = {
  polling: "Polling instead of watching",
  missing: "Folder missing",
  history: "Trouble with the history",
};

export class NoticeBanner extends HTMLElement {
  connectedCallback() {
    this.hidden = true;
    this.dataset.testid = "banner";
    this.setAttribute("role", "status");
  }

  /** `[{root, mode, reason}]`; empty when all is well. */
  set degraded(entries) {
    this.hidden = entries.length === 0;
    render(this, html`${entries.map(notice)}`);
  }
}

/** Make the element known. */
export function register() {
  define("notice-banner", NoticeBanner);
}

function notice({ root, mode, reason }) {
  const head = HEAD[mode] ?? "Not watched as usual";
  return html`<p class="notice" data-mode="${mode}">${icon("alert")}<span><strong>${head}: <bdi>${root}</bdi>.</strong> ${MEANING[mode] ?? ""} <span class="reason">(${reason})</span></span></p>`;
}
