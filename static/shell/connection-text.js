/** What the badge says about the connection: never more than is known. */
import { count, duration } from "../lib/format.js";

// The worker hears a pong every 5 s. If it has been silent for longer than that it may itself be asleep.
const PROOF_MS = 12_000;

/** The state to show: "in sync" needs proof that is fresh. */
export function honestState({ state, heard_at }, now_ms) {
  return state === "in_sync" && now_ms - heard_at > PROOF_MS ? "reconnecting" : state;
}

/** `{text, short}` for a state; `short` is for narrow screens. */
export function wording(state, { loading, latency_ms, heard_at }, seq, now_ms) {
  const number = seq === null ? "" : `#${seq}`;
  switch (state) {
    case "in_sync":
      return { text: `in sync ${number}${latency_ms === null ? "" : ` · ${latency(latency_ms)}`}`, short: "in sync" };
    case "loading":
      return { text: `loading ${count(loading.done)} of ${count(loading.total)}`, short: "loading" };
    case "catching_up":
      return { text: "catching up", short: "catching up" };
    case "connecting":
      return { text: "connecting…", short: "connecting" };
    default:
      return {
        text: `${state === "offline" ? "offline" : "reconnecting…"}${lastSeen(number, heard_at, now_ms)}`,
        short: state,
      };
  }
}

/** "0.8 ms", "2 ms". */
export function latency(length_ms) {
  return length_ms < 1 ? `${length_ms.toFixed(1)} ms` : `${Math.round(length_ms)} ms`;
}

function lastSeen(number, heard_at, now_ms) {
  return heard_at === null || number === "" ? "" : ` · last seen ${number}, ${duration(now_ms - heard_at)} ago`;
}
