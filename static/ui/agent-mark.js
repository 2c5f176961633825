/** An agent's name with a mark of its own. */
import { html } from "../lib/html.js";

const HUES = 10;

/**
 * An agent's name with a coloured round of its initials; the colour follows from the name.
 * @param {string | null} agent
 */
export function agentMark(agent) {
  if (!agent) return html`<span class="agent is-none">No agent</span>`;
  return html`<span class="agent" title="Agent ${agent}"
    ><span class="avatar" data-hue="${hueOf(agent)}" aria-hidden="true">${initials(agent)}</span
    ><span class="agent-name">${agent}</span></span
  >`;
}

/** @param {string} name */
function initials(name) {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const letters =
    parts.length > 1 ? [...parts[0]][0] + [...parts[parts.length - 1]][0] : [...(parts[0] ?? name)].slice(0, 2).join("");
  return letters.toUpperCase();
}

/** @param {string} name */
function hueOf(name) {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + /** @type {number} */ (character.codePointAt(0))) >>> 0;
  return hash % HUES;
}
