/**
 * The projects that agents write, as the service last reported them. `revision` rises with their figures; announces `reset`
 * after a snapshot, and `change` for changes in projects: detail is a Map project → `{files: Map path → {kind, artifact},
 * folders: Set of paths, all, isCounted}`; `all`: not every folder is named; `isCounted`: lines of files may have been counted; `isMoved`: files
 * were moved from there.
 */
import { Store } from "./stores.js";
/** @import {ArtifactsSnapshot, ArtifactsLoading, BatchEvent, ChangeKind, FileEvent, Project, ProjectChange, RecentChange, ServiceEvent} from "../lib/types.js" */

const MOST_RECENT = 60;
/** @type {Record<string, ChangeKind>} */
const KINDS = { "artifact.created": "created", "artifact.updated": "updated", "artifact.removed": "removed" };

/** @extends {Store<{reset: undefined, change: Map<string, ProjectChange>}>} */
export class Artifacts extends Store {
  isKnown = false; // false too where the service does not watch them
  isAsked = false; // a snapshot has come, so that "not known" means that there is nothing to know
  /** @type {Map<string, Project>} */
  projects = new Map(); // by name
  /** @type {ArtifactsLoading | null} */
  loading = null; // while the service scans for the first time
  /** @type {RecentChange[]} */
  recent = []; // {key, time, project, kind, path, artifact} or {..., created, updated, removed, folders}, newest first
  /** @type {Map<string, ProjectChange>} */
  #changes = new Map(); // since the last flush
  #isChanged = false;

  constructor() {
    super("artifacts");
  }

  /**
   * Take the snapshot of the topic; undefined where the service has none.
   * @param {ArtifactsSnapshot} [snapshot]
   */
  take(snapshot) {
    this.isAsked = true;
    this.isKnown = Boolean(snapshot);
    this.loading = snapshot?.loading ?? null;
    this.projects = new Map((snapshot?.projects ?? []).map((project) => [project.name, project]));
    this.emit("reset");
    this.changed();
  }

  /**
   * Apply one event; those of other topics are ignored.
   * @param {ServiceEvent} event
   */
  apply(event) {
    if (!event.type.startsWith("artifact.")) return;
    this.#isChanged = true;
    if (event.type === "artifact.ready") this.loading = null;
    else if (event.type === "artifact.batch") this.#batch(event, this.#changes);
    else if (event.type === "artifact.moved") changeOf(this.#changes, event.previous_project).isMoved = true;
    else if (KINDS[event.type]) this.#one(/** @type {FileEvent} */ (event), this.#changes);
  }

  flush() {
    const changes = this.#changes;
    this.#changes = new Map();
    if (changes.size > 0) this.emit("change", changes);
    if (this.#isChanged) this.changed();
    this.#isChanged = false;
  }

  /**
   * Take the projects of an answer: their lines per hour go down without an event.
   * @param {Project[]} projects
   */
  correct(projects) {
    for (const project of projects) if (this.projects.has(project.name)) this.projects.set(project.name, project);
    this.changed();
  }

  /** How many files were found so far, or are there. */
  get files() {
    let sum = 0;
    for (const { files } of this.projects.values()) sum += files;
    return sum;
  }

  /**
   * @param {FileEvent} event
   * @param {Map<string, ProjectChange>} changes
   */
  #one({ type, artifact, project, time, seq }, changes) {
    const kind = KINDS[type];
    changeOf(changes, project).files.set(artifact.path, { kind, artifact });
    this.#remember({ key: seq, time, project, kind, path: artifact.path, artifact });
  }

  /**
   * @param {BatchEvent} event
   * @param {Map<string, ProjectChange>} changes
   */
  #batch({ project, created, updated, removed, folders, more_folders: more, totals, time, seq }, changes) {
    if (totals === null) this.projects.delete(project);
    else this.projects.set(project, totals);
    const change = changeOf(changes, project);
    change.isCounted = true;
    for (const folder of folders) change.folders.add(folder);
    change.all ||= more;
    // Several windows of one flood are one thing that happened.
    const before = this.recent[0];
    if (created + updated + removed === 0) return;
    if (before?.project === project && before.created !== undefined) {
      Object.assign(before, { time, created: before.created + created });
      Object.assign(before, { updated: before.updated + updated, removed: before.removed + removed });
    } else {
      this.#remember({ key: seq, time, project, created, updated, removed, folders });
    }
  }

  /** @param {RecentChange} entry */
  #remember(entry) {
    this.recent.unshift(entry);
    if (this.recent.length > MOST_RECENT) this.recent.length = MOST_RECENT;
  }
}

/**
 * @param {Map<string, ProjectChange>} changes
 * @param {string} project
 */
function changeOf(changes, project) {
  let change = changes.get(project);
  if (!change) changes.set(project, (change = { files: new Map(), folders: new Set(), all: false, isCounted: false, isMoved: false }));
  return change;
}
