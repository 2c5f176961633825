/** What asks for the user's token for another host: once for each origin, kept in this tab, sent nowhere else. */
import { delegate } from "../lib/dom.js";
import { html } from "../lib/html.js";
import { keepToken } from "./owner.js";

/**
 * @param {string} origin
 * @param {string} message why it is asked for
 */
export function tokenForm(origin, message) {
  return html`<form class="token-form" data-testid="owner-token"><label>Your token for ${origin}<input type="password" name="token" autocomplete="off" required /></label><button type="submit" class="button">Continue</button></form>
    <p class="hint">${message} It is kept in this tab, and sent to ${origin} only.</p>`;
}

/** @param {string} origin */
export function forgetButton(origin) {
  return html`<button type="button" class="link forget-token">Forget the token for ${origin}</button>`;
}

/**
 * Keep the token that is given in a form below `root`, or forget it where that is wanted.
 * @param {HTMLElement} root
 * @param {() => string} originOf whom it is for
 * @param {() => unknown} again what is to be asked again
 */
export function listenForToken(root, originOf, again) {
  delegate(root, "submit", ".token-form", (event, form) => {
    event.preventDefault();
    const input = /** @type {HTMLInputElement} */ (form.querySelector("input[name=token]"));
    keepToken(originOf(), input.value.trim());
    input.value = "";
    again();
  });
  delegate(root, "click", ".forget-token", () => {
    keepToken(originOf(), null);
    again();
  });
}
