/** The state of the connection in words, never better than is known. */
import { count, duration } from "../lib/format.js";
/** @import {ConnectionState, ConnectionStatus, Health, MaybePosition, Me} from "../lib/types.js" */
/** @typedef {Health | {error: string} | null} HealthOrError */

// The worker hears a pong every 5 s. If it has been silent for longer than that it may itself be asleep.
const PROOF_MS = 12_000;
/** @typedef {ConnectionState | "folder_missing"} ShownState */
/** @type {Record<ShownState, string>} */
export const LABELS = {
  folder_missing: "Connected, but a folder is missing or cannot be read",
  in_sync: "In sync with the disk",
  loading: "Loading the board",
  catching_up: "Catching up",
  connecting: "Connecting",
  reconnecting: "Connection lost, reconnecting",
  offline: "Offline",
};

/**
 * The state to show: "in sync" needs proof that is fresh, and folders that can be read.
 * @param {ConnectionStatus} status
 * @param {boolean} isBlind
 * @param {number} now_ms
 * @returns {ShownState}
 */
export function honestState({ state, heard_at }, isBlind, now_ms) {
  if (state !== "in_sync") return state;
  if (now_ms - (heard_at ?? 0) > PROOF_MS) return "reconnecting";
  return isBlind ? "folder_missing" : state;
}

/**
 * `{text, short}` for a state; `short` is for narrow screens.
 * @param {ShownState} state
 * @param {ConnectionStatus} status
 * @param {number | null} seq
 * @param {number} now_ms
 */
export function textOf(state, { loading, latency_ms, heard_at }, seq, now_ms) {
  const number = seq === null ? "" : `#${seq}`;
  switch (state) {
    case "in_sync":
      return { text: `in sync ${number}${latency_ms === null ? "" : ` · ${latency(latency_ms)}`}`, short: "in sync" };
    case "folder_missing":
      return { text: `folder missing · ${number}`, short: "folder missing" };
    case "loading":
      return { text: loading ? `loading ${count(loading.done)} of ${count(loading.total)}` : "loading", short: "loading" };
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

/**
 * What is known of the connection, as names and values.
 * @param {ShownState} state
 * @param {ConnectionStatus} status
 * @param {MaybePosition} position
 * @param {HealthOrError} health
 * @param {number} now_ms
 */
export function factsOf(state, { heard_at, latency_ms, transport, server_version }, { seq, epoch }, health, now_ms) {
  return [
    ["State", LABELS[state]],
    ["Last event", seq === null ? "none yet" : `#${seq}`],
    ["Epoch", epoch ?? "unknown"],
    ["Last heard", heard_at === null ? "never" : `${duration(now_ms - heard_at)} ago`],
    ["Round trip", latency_ms === null ? "unknown" : latency(latency_ms)],
    ["Transport", transport ?? "none"],
    ["Service", server_version ?? "unknown"],
    ...watchers(health),
  ];
}

/**
 * Who one is, and what one sees, where the dashboard has users; else nothing.
 * @param {Me | null} me
 */
export function accessOf(me) {
  if (!me?.users) return [];
  const you = `${me.name ?? "the local admin"} (${me.role})`;
  if (me.projects === null) return [["You", you], ["You see", "everything"]];
  const projects = me.projects.length ? `jobs, logs and files of ${me.projects.join(", ")}` : "no project, so no jobs, logs and files";
  return [
    ["You", you],
    ["You see", projects],
    ["All users see", "tasks and what they claim, agents, calls and costs, of the whole workspace"],
  ];
}

/**
 * "0.8 ms", "2 ms".
 * @param {number} length_ms
 */
function latency(length_ms) {
  return length_ms < 1 ? `${length_ms.toFixed(1)} ms` : `${Math.round(length_ms)} ms`;
}

/**
 * @param {string} number
 * @param {number | null} heard_at
 * @param {number} now_ms
 */
function lastSeen(number, heard_at, now_ms) {
  return heard_at === null || number === "" ? "" : ` · last seen ${number}, ${duration(now_ms - heard_at)} ago`;
}

/** @param {HealthOrError} health */
function watchers(health) {
  if (health === null) return [["Watching", "…"]];
  if ("error" in health) return [["Watching", health.error]];
  return health.watchers.map(({ root, mode, error }) => ["Watching", `${root} (${mode}${error ? `: ${error}` : ""})`]);
}
