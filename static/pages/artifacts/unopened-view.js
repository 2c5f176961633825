/** What is listed and never opened: links, and what is no file of bytes. */
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { UNOPENED } from "./file-kinds.js";
import { note } from "./states.js";

/** @import {Artifact} from "../../lib/types.js" */
/** @import {LinkTarget} from "./types.js" */

/**
 * Say what it is, and of a link where it leads; `askTarget()` tells that.
 * @param {Element} place
 * @param {Artifact} artifact
 * @param {() => Promise<LinkTarget>} askTarget
 */
export async function showUnopened(place, artifact, askTarget) {
  const { kind, project } = artifact;
  if (kind === "file") return;
  const message = { name: "unopened", ...UNOPENED[kind] };
  if (!place.querySelector('[data-testid="unopened"]')) render(place, note(message));
  if (kind !== "link") return;
  const found = await askTarget().catch(() => null); // it may be gone: the tree says so
  if (!found) return;
  const { target, path } = found;
  const name = html`<code data-testid="link-target">${target}</code>`;
  const lead = path === null ? name : html`<a href="${address({ page: "artifacts", item: project, query: { path } })}">${name}</a>`;
  const where = path === null ? html` That is not in this project, or there is no such file.` : null;
  render(place, note({ ...message, more: html`<p>It leads to ${lead}.${where}</p>` }));
}
