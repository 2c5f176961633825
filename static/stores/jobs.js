/**
 * The jobs as the service last described them. `revision` rises with each change; announces `output` (lines of a log), `run`,
 * `phase`, `insight` and `fact` (detail: the event), `files` (detail: the project in which some changed), and `reset` after a
 * snapshot.
 */
import { Store } from "./stores.js";
/** @import {FactEvent, InsightEvent, Job, JobPhaseEvent, JobProgressEvent, JobStatus, OutputEvent, RunEvent, ServiceEvent} from "../lib/types.js" */
/** @typedef {{project?: string, status?: string, user?: string}} JobFilter */

/** @extends {Store<{output: OutputEvent, run: RunEvent, phase: JobPhaseEvent, insight: InsightEvent, fact: FactEvent, files: string, reset: undefined}>} */
export class Jobs extends Store {
  isKnown = false; // false too where the service has no jobs
  isAsked = false; // a snapshot has come, so that "not known" means that there is nothing to know
  /** @type {Map<string, Job>} */
  jobs = new Map(); // by id
  #isChanged = false;

  constructor() {
    super("jobs");
  }

  /**
   * Take the snapshot of the topic; undefined where the service has none.
   * @param {Job[]} [jobs]
   */
  take(jobs) {
    this.isAsked = true;
    this.isKnown = Array.isArray(jobs);
    this.jobs = new Map((jobs ?? []).map((job) => [job.id, job]));
    this.emit("reset");
    this.changed();
  }

  /**
   * Apply one event; those of other topics are ignored.
   * @param {ServiceEvent} event
   */
  apply(event) {
    if (event.type.startsWith("artifact.") && "project" in event) return this.emit("files", event.project);
    switch (event.type) {
      case "job.updated":
        return this.#put(event.job);
      case "job.removed":
        this.#isChanged = this.jobs.delete(event.id) || this.#isChanged;
        return;
      case "job.phase":
        this.#phase(event);
        return this.emit("phase", event);
      case "job.progress":
        return this.#progress(event);
      case "run.started":
      case "run.finished":
      case "run.survivors":
        return this.emit("run", event);
      case "run.output":
        return this.emit("output", event);
      case "insight.created":
        return this.emit("insight", event);
      case "knowledge.updated":
        return this.emit("fact", event);
    }
  }

  flush() {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.changed();
  }

  /**
   * The jobs that pass a filter, the latest first.
   * @param {JobFilter} [filter]
   */
  list({ project, status, user } = {}) {
    const passes = (/** @type {Job} */ job) =>
      (!project || job.project === project) && (!status || groupOf(job.status) === status || job.status === status) && (!user || job.user === user);
    return [...this.jobs.values()].filter(passes).sort(latestFirst);
  }

  /** Those that wait for a person. */
  get waiting() {
    return [...this.jobs.values()].filter((job) => job.status === "in_progress" && job.waiting_for_input !== null && job.waiting_for_input !== undefined);
  }

  /** @param {Job} job */
  #put(job) {
    this.jobs.set(job.id, job);
    this.#isChanged = true;
  }

  /** @param {JobPhaseEvent} event */
  #phase({ job: id, phase, time }) {
    const job = this.jobs.get(id);
    if (!job || job.current_phase === phase) return;
    const phases = job.phases.map((each) => (each.finished_at === null ? { ...each, finished_at: time } : each));
    this.#put({ ...job, current_phase: phase, phases: [...phases, { phase, started_at: time, finished_at: null }] });
  }

  /** @param {JobProgressEvent} event */
  #progress({ job: id, lines_written, lines_per_hour, log_lines }) {
    const job = this.jobs.get(id);
    if (job) this.#put({ ...job, lines_written, lines_per_hour, log_lines });
  }
}

/**
 * The column of the board in which a status is shown.
 * @param {JobStatus} status
 */
export function groupOf(status) {
  return status === "cancelled" || status === "unknown" ? "failed" : status;
}

/**
 * @param {Job} a
 * @param {Job} b
 */
function latestFirst(a, b) {
  const [one, other] = [a, b].map((job) => job.created_at ?? job.started_at ?? "");
  return one < other ? 1 : one > other ? -1 : a.id < b.id ? 1 : -1;
}
