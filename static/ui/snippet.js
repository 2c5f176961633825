/** Text to be copied: settings, commands. `listenForCopy` makes its button work. */
import { html, icon } from "../lib/html.js";

/**
 * A block of text under the name of the file or place where it belongs.
 * @param {string} where
 * @param {string} text
 */
export function snippet(where, text, name = "snippet") {
  return html`<figure class="snippet" data-testid="${name}">
    <figcaption><span>${where}</span><button type="button" class="copy" data-text="${text}" data-testid="copy-${name}" aria-label="Copy for ${where}">${icon("copy")}<span class="copy-result" role="status"></span></button></figcaption>
    <pre tabindex="0" aria-label="${where}"><code>${text}</code></pre>
  </figure>`;
}
