/**
 * Whose an event of the feed is, where it does not say so itself: what happens in a job is its profile's, and files are of who was
 * alone at work in their project, by the runs and calls that are in the feed. Pure.
 */
import { agentOf, kindOf } from "./feed-kinds.js";
/** @import {CallsEvent, RunEvent, ServiceEvent} from "../lib/types.js" */
/** Somebody at work in a project, in ms since the epoch. @typedef {{agent: string, from: number, until: number}} Span */

/** Between calls so long apart, and as long after them, an agent is taken to be at work. */
const CALLS_APART_MS = 120_000;

export class FeedAgents {
  /** By job. @type {Map<string, string>} */
  #profiles = new Map();
  /** By project. @type {Map<string, Span[]>} */
  #spans = new Map();

  /** @param {ServiceEvent[]} events of the feed, in any order */
  constructor(events) {
    for (const event of events) if (isRun(event)) this.#addRun(event);
    for (const event of events) if (event.type === "telemetry.update") this.#addCall(event);
  }

  /**
   * The agent of an event; null if it is not known, or if it is nobody's.
   * @param {ServiceEvent} event
   * @returns {string | null}
   */
  of(event) {
    if (event.type === "job.phase") return this.#profiles.get(event.job) ?? null;
    if (kindOf(event) !== "files" || !("project" in event) || !event.project) return agentOf(event);
    const at = Date.parse(event.time);
    const there = new Set((this.#spans.get(event.project) ?? []).filter(({ from, until }) => from <= at && at <= until).map(({ agent }) => agent));
    return there.size === 1 ? [...there][0] : null;
  }

  /**
   * True if an event is somebody's, and it cannot be told whose.
   * @param {ServiceEvent} event
   */
  isUnknown(event) {
    return (kindOf(event) === "files" || event.type === "job.phase") && this.of(event) === null;
  }

  /** @param {RunEvent} event */
  #addRun(event) {
    const { run, project } = event;
    const agent = agentOf(event);
    if (agent === null || !run.owner.startsWith("job:")) return;
    this.#profiles.set(run.owner.slice("job:".length), agent);
    const until = run.exit ? Date.parse(run.exit.finished_at) + CALLS_APART_MS : Infinity;
    if (!project) return;
    const spans = this.#of(project);
    const known = spans.find((span) => span.agent === agent && span.from === Date.parse(run.started_at));
    if (known) known.until = Math.min(known.until, until); // its end may be read before its start
    else spans.push({ agent, from: Date.parse(run.started_at), until });
  }

  /** @param {CallsEvent} event */
  #addCall(event) {
    const { agent_name: agent, project, job_id: job } = event.invocation;
    // What is called in a job is the job's, by whatever name.
    if (!agent || !project || (job && this.#profiles.has(job))) return;
    const at = Date.parse(event.time);
    this.#of(project).push({ agent, from: at - CALLS_APART_MS, until: at + CALLS_APART_MS });
  }

  /** @param {string} project */
  #of(project) {
    const spans = this.#spans.get(project) ?? [];
    this.#spans.set(project, spans);
    return spans;
  }
}

/**
 * @param {ServiceEvent} event
 * @returns {event is RunEvent}
 */
function isRun(event) {
  return event.type === "run.started" || event.type === "run.finished";
}
