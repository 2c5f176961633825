/** How statuses, types and pipelines are named and shown. */
import { sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
/** @import {Pipeline} from "../../lib/types.js" */

/** @type {Record<string, {label: string, sign: string}>} */
const STATUSES = {
  created: { label: "Created", sign: "clock" },
  pending: { label: "Pending", sign: "clock" },
  running: { label: "Running", sign: "play" },
  success: { label: "Success", sign: "check" },
  failed: { label: "Failed", sign: "close" },
  skipped: { label: "Skipped", sign: "arrow" },
  canceled: { label: "Canceled", sign: "stop" },
  broken: { label: "Broken file", sign: "broken" },
};

/** Those by which the list can be filtered, in reading order. */
export const FILTER_STATUSES = ["created", "running", "success", "failed", "canceled", "broken"];

/** @param {string} status */
export function statusOf(status) {
  return Object.hasOwn(STATUSES, status) ? STATUSES[status] : { label: sentenceCase(status), sign: "help" };
}

/** A status with its sign. @param {string} status */
export function statusMark(status) {
  const { label, sign } = statusOf(status);
  return html`<span class="status-label pipe-status" data-status="${status}" data-testid="pipeline-status">${icon(sign)}${label}</span>`;
}

/** How a pipeline is called: by its ticket, its sprint, else the beginning of its id. @param {Pick<Pipeline, "id" | "ticket_id" | "sprint_id">} pipeline */
export function nameOf({ id, ticket_id, sprint_id }) {
  return ticket_id || sprint_id || id.slice(0, 8);
}

/** What kind it is, in words; null where a broken file does not say. @param {Pick<Pipeline, "pipeline_type">} pipeline */
export function typeOf({ pipeline_type: type }) {
  return type ? sentenceCase(type) : null;
}

/** "line 3, column 7"; "" where the place is not known. @param {NonNullable<Pipeline["problem"]>} problem */
export function placeOf({ line, column }) {
  if (line === null) return "";
  return column === null ? `line ${line}` : `line ${line}, column ${column}`;
}
