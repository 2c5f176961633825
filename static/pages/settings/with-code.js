/** Text in which names are between backticks, as markup. */
import { html } from "../../lib/html.js";

/** @param {string} text */
export function withCode(text) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
