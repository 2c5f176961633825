/** Follow the log of a plan's orchestrator; it comes back by itself when the connection is lost. */
import { followStream } from "../../lib/event-stream.js";
import { logStreamUrl } from "./api.js";
/** @import {EventStream, StreamState} from "../../lib/event-stream.js" */

const TIMES = { silence_ms: 45_000, most_ms: 15_000 }; // the service says something every 30 s

/**
 * The last lines of the log and those that come, until it is closed. `onLines(lines, isNew)`: with `isNew` they are the end of
 * the log from the beginning, and what was given before is old.
 * @param {string} plan
 * @param {number} count
 * @param {{onLines: (lines: string[], isNew: boolean) => void, onState: (state: StreamState, problem: string) => void}} handlers
 * @returns {EventStream}
 */
export function followLog(plan, count, { onLines, onState }) {
  /** @type {string[]} */
  let lines = [];
  return followStream(() => ({ url: logStreamUrl(plan, count) }), {
    onMessage({ data }) {
      const event = JSON.parse(data);
      if (event.type === "log") lines.push(event.content);
    },
    onPiece(isFirst) {
      if (lines.length > 0 || isFirst) onLines(lines, isFirst);
      lines = [];
    },
    onState: (state, problem) => onState(state, problem instanceof Error ? problem.message : ""),
  }, TIMES);
}
