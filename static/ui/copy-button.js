/** Buttons that copy a text and say whether they did. */
import { copyText, delegate } from "../lib/dom.js";
import { html } from "../lib/html.js";
import { icon } from "../lib/icons.js";

const SAID_MS = 1_500;

/** Text with its button. */
export function copyable(what, text) {
  return html`<span class="copyable"
    ><code>${text}</code
    ><button type="button" class="copy" data-text="${text}" data-testid="copy-${what}" aria-label="Copy ${what}" title="Copy ${what}">
      ${icon("copy")}<span class="copy-said" role="status"></span></button
  ></span>`;
}

/** Make the buttons below `root` work. */
export function listenForCopy(root) {
  delegate(root, "click", ".copy", async (_, button) => {
    const done = await copyText(button.dataset.text);
    button.dataset.done = String(done);
    button.querySelector(".copy-said").textContent = done ? "Copied" : "Could not copy";
    setTimeout(() => delete button.dataset.done, SAID_MS);
  });
}
