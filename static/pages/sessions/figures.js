/** What a session adds up to, as texts and small pictures: pure functions. */
import { count, money, percent, tokens } from "../../lib/format.js";
/** @import {CostPoint, Part, SessionRow, SessionState} from "./types.js" */

/** @type {Record<SessionState, {label: string, sign: string}>} */
const STATES = {
  working: { label: "Working", sign: "play" },
  permission: { label: "Asks permission", sign: "alert" },
  question: { label: "Asks you", sign: "help" },
  failed: { label: "Failed", sign: "close" },
  idle: { label: "Idle", sign: "pause" },
  ended: { label: "Ended", sign: "check" },
};

/**
 * How the state of a session is named, and its icon; what cannot be told is said so.
 * @param {Pick<SessionRow, "state" | "certainty">} session
 */
export function stateOf({ state, certainty }) {
  if (certainty === "cannot tell") return { name: "unknown", label: "Cannot tell", sign: "help" };
  return { name: state, ...(STATES[state] ?? { label: state, sign: "dot" }) };
}

/**
 * How full the context is: share from 0 to 1, and in words; null without tokens.
 * @param {Pick<SessionRow, "context" | "window" | "window_is_known">} session
 */
export function contextOf({ context, window, window_is_known: isKnown }) {
  if (context === null || !window) return null;
  const share = Math.min(1, context / window);
  const of = `${tokens(window)}${isKnown ? "" : " assumed"}`;
  return { share, text: `${tokens(context)} of ${of}`, label: `${percent(share)} of the context filled: ${tokens(context)} of ${of} tokens` };
}

/** How rows of a transcript are asked for. @type {import("../../ui/row-pages.js").Paging<import("./types.js").RowsAnswer, import("./types.js").Row>} */
export const PAGES = { size: 60, most: 40, wait_ms: 90, rowsOf: ({ data }) => data };

export const CHART = { width: 240, height: 44 };

/**
 * The cost over time as a path of steps in a picture of that size, and in words; null if there is nothing to draw.
 * @param {CostPoint[]} points
 */
export function costLine(points) {
  const last = points.at(-1);
  if (!last || last.cost_usd <= 0) return null;
  const times = points.map(({ time }) => Date.parse(time));
  const [first, span] = [times[0], Math.max(1, times[times.length - 1] - times[0])];
  const x = (/** @type {number} */ time) => round(((time - first) / span) * CHART.width);
  const y = (/** @type {number} */ usd) => round(CHART.height - 2 - (usd / last.cost_usd) * (CHART.height - 4));
  const steps = points.map(({ cost_usd: usd }, index) => `H${x(times[index])}V${y(usd)}`).join("");
  const line = `M0 ${y(0)}${steps}H${CHART.width}`;
  return { line, area: `${line}V${CHART.height}H0Z`, label: `Cost over time: ${money(last.cost_usd)} in ${points.length === 1 ? "one step" : `${points.length} steps`}` };
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

/**
 * What a folded part says in one line.
 * @param {Part} part
 */
export function summaryOf({ kind, title, text, tool, is_error: isError, size }) {
  const lines = text.trim().split("\n");
  const first = lines.find((line) => line.trim() !== "")?.trim() ?? "";
  if (kind === "tool") return title || (first.endsWith(":") ? "" : first);
  if (kind === "meta") return title;
  const more = lines.length > 1 ? ` · ${count(lines.length)}${size > text.length ? "+" : ""} lines` : "";
  if (kind === "broken") return [title, first].filter(Boolean).join(": ");
  return `${isError ? "Error: " : ""}${first.slice(0, 160) || (tool ?? "nothing")}${more}`;
}
