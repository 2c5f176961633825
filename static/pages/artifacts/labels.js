/** Names and icons of artifacts. */
import { bytes, count, plural } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { parentOf } from "../../lib/paths.js";

/** @import {Artifact} from "../../lib/types.js" */

/** The types in the order in which they are shown: `{name, label}`. */
export const TYPES = [
  { name: "documentation", label: "Documents" },
  { name: "code", label: "Code" },
  { name: "data", label: "Data" },
  { name: "image", label: "Images" },
  { name: "other", label: "Other" },
];

/** @type {Record<string, string>} */
const ICONS = { documentation: "text", code: "code", data: "table", image: "image", other: "file" };
/** @type {Record<string, string>} */
const KINDS = { link: "link", special: "alert" };

/**
 * The icon of a file.
 * @param {Pick<Artifact, "type" | "kind">} artifact
 */
export function fileIcon({ type, kind }) {
  return html`<span class="file-icon" data-type="${kind === "file" ? type : kind}">${icon(KINDS[kind] ?? ICONS[type] ?? "file")}</span>`;
}

/**
 * "120 lines", "3.2 MB": how large a file is, the way that says most about it.
 * @param {Pick<Artifact, "lines" | "size_bytes" | "kind">} artifact
 */
export function extent({ lines, size_bytes: size, kind }) {
  if (kind === "link") return "link";
  if (kind === "special") return "device";
  return lines === null ? bytes(size) : plural(lines, "line");
}

const FLOW = ["spec", "plan", "tasks"];
const step = (/** @type {string} */ path) => FLOW.indexOf(path.slice(path.lastIndexOf("/") + 1).replace(/\.md$/i, "").toLowerCase());
const depth = (/** @type {string} */ path) => path.split("/").length;

/**
 * Paths of spec.md, plan.md and tasks.md in the order in which they are made, those of the project itself first.
 * @param {string[]} paths
 */
export function inFlow(paths) {
  return [...paths].sort((a, b) => depth(a) - depth(b) || parentOf(a).localeCompare(parentOf(b)) || step(a) - step(b));
}

/**
 * A short number: 950, 1.2k, 37k, 1.4M.
 * @param {number} number
 */
export function short(number) {
  if (number < 1_000) return String(number);
  if (number < 999_500) return `${tidy(number / 1_000)}k`;
  return `${tidy(number / 1_000_000)}M`;
}

/**
 * Files by their type as one bar; decoration, the numbers are beside it.
 * @param {Record<string, number>} byType
 */
export function typeBar(byType) {
  const total = TYPES.reduce((sum, { name }) => sum + (byType[name] ?? 0), 0);
  let from = 0;
  const parts = TYPES.filter(({ name }) => byType[name] > 0).map(({ name }) => {
    const width = (byType[name] / total) * 100;
    from += width;
    return html`<rect data-type="${name}" x="${from - width}" width="${Math.max(0.6, width)}" height="1"></rect>`;
  });
  return html`<svg class="type-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="1"></rect>${parts}</svg>`;
}

/**
 * The numbers of the bar.
 * @param {Record<string, number>} byType
 */
export function typeLegend(byType) {
  const there = TYPES.filter(({ name }) => byType[name] > 0);
  return html`<ul class="type-legend" aria-label="Files by type">${there.map(
    ({ name, label }) => html`<li><span class="type-dot" data-type="${name}"></span>${label} <b>${count(byType[name])}</b></li>`,
  )}</ul>`;
}

/** @param {number} number */
function tidy(number) {
  return number < 10 ? number.toFixed(1).replace(/\.0$/, "") : String(Math.round(number));
}
