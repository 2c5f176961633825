/** Buttons that copy a text and say whether they did. */
import { delegate, one } from "../lib/dom.js";
import { html, icon } from "../lib/html.js";

const RESULT_MS = 1_500;

/**
 * Text with its button.
 * @param {string} what
 * @param {string} text
 */
export function copyable(what, text) {
  return html`<span class="copyable"
    ><code>${text}</code
    ><button type="button" class="copy" data-text="${text}" data-testid="copy-${what}" aria-label="Copy ${what}" title="Copy ${what}">
      ${icon("copy")}<span class="copy-result" role="status"></span></button
  ></span>`;
}

/**
 * A button that copies a text which is not shown.
 * @param {string} name
 * @param {string} label
 * @param {string} text
 * @param {string} sign
 */
export function copyButton(name, label, text, sign) {
  return html`<button type="button" class="button icon-button copy" data-text="${text}" data-testid="copy-${name}" aria-label="${label}" title="${label}">${icon(sign)}<span class="copy-result" role="status"></span></button>`;
}

/**
 * Make the buttons below `root` work.
 * @param {HTMLElement} root
 */
export function listenForCopy(root) {
  delegate(root, "click", ".copy", async (_, button) => {
    const done = await copyText(button.dataset.text ?? "");
    button.dataset.done = String(done);
    one(button, ".copy-result").textContent = done ? "Copied" : "Could not copy";
    setTimeout(() => delete button.dataset.done, RESULT_MS);
  });
}

/**
 * Copy text; true if that worked. Without the clipboard API (plain http on another host) a selection does it.
 * @param {string} text
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
