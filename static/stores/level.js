/** The content of one folder, as far as it is loaded. Its lists are replaced when they change, never changed. */
/** @import {Artifact, ChangeKind, FolderShown, LevelPage} from "../lib/types.js" */

const byText = (/** @type {string} */ a, /** @type {string} */ b) => (a < b ? -1 : a > b ? 1 : 0);
const FLOW = ["spec", "plan", "tasks"];
const inOrder = (/** @type {Artifact} */ a, /** @type {Artifact} */ b) => rank(a) - rank(b) || byText(a.name, b.name);

export class Level {
  /** @type {FolderShown[]} */
  folders = [];
  /** @type {Artifact[]} */
  files = [];
  /** @type {Record<string, number>} */
  counts = {}; // of all its files by type, loaded or not
  /** @type {string | null} */
  cursor = null; // where to go on; null if all is loaded
  /** @type {Error | null} */
  error = null;
  /** @type {Promise<unknown> | null} */
  pending = null; // while it is asked for
  isKnown = false; // it was answered once
  isStale = false; // it may be otherwise by now

  /**
   * Put a single change right.
   * @param {ChangeKind} kind
   * @param {Artifact} artifact
   */
  apply(kind, artifact) {
    // The answer that is under way may be older than the event.
    if (this.pending) this.isStale = true;
    const at = this.files.findIndex(({ path }) => path === artifact.path);
    if (kind === "removed") this.#remove(at, artifact);
    else if (at >= 0) this.files = [...this.files.slice(0, at), artifact, ...this.files.slice(at + 1)];
    else this.#insert(artifact);
  }

  /**
   * Take an answer that begins at the beginning; returns the paths of what differs from what was known.
   * @param {LevelPage} answer
   * @returns {string[]}
   */
  take(answer) {
    const changed = this.isKnown ? [...this.#otherFolders(answer.folders), ...this.#otherFiles(answer.files)] : [];
    Object.assign(this, answer, { error: null, isKnown: true });
    return changed;
  }

  /**
   * Take the page that follows.
   * @param {LevelPage} page
   */
  extend({ folders, files, counts, cursor }) {
    this.folders = [...this.folders, ...folders];
    this.files = [...this.files, ...files];
    Object.assign(this, { counts, cursor });
  }

  /** True if the lines of a file in it are not known (yet). */
  get isCounting() {
    return this.files.some(({ kind, lines }) => kind === "file" && lines === null);
  }

  /**
   * @param {number} at
   * @param {Artifact} artifact
   */
  #remove(at, artifact) {
    if (at >= 0) this.files = [...this.files.slice(0, at), ...this.files.slice(at + 1)];
    this.#count(artifact, -1);
  }

  /** @param {Artifact} artifact */
  #insert(artifact) {
    this.#count(artifact, 1);
    const next = this.files.findIndex((file) => inOrder(file, artifact) > 0);
    if (next >= 0) this.files = [...this.files.slice(0, next), artifact, ...this.files.slice(next)];
    else if (!this.cursor) this.files = [...this.files, artifact];
  }

  /**
   * @param {Artifact} artifact
   * @param {number} step
   */
  #count({ type }, step) {
    this.counts = { ...this.counts, [type]: Math.max(0, (this.counts[type] ?? 0) + step) };
  }

  /** @param {FolderShown[]} folders */
  #otherFolders(folders) {
    const known = new Map(this.folders.map((folder) => [folder.path, folder]));
    const isOther = (/** @type {FolderShown} */ { path, files, changed_at: at }) => {
      const old = known.get(path);
      return old?.files !== files || old.changed_at !== at;
    };
    return folders.filter(isOther).map(({ path }) => path);
  }

  /** @param {Artifact[]} files */
  #otherFiles(files) {
    const known = new Map(this.files.map((file) => [file.path, file]));
    const isSame = (/** @type {Artifact} */ { path, modified_at: at, size_bytes: size }) => {
      const old = known.get(path);
      // What was not loaded before is not new for that.
      return old ? old.modified_at === at && old.size_bytes === size : Boolean(this.cursor);
    };
    return files.filter((file) => !isSame(file)).map(({ path }) => path);
  }
}

/**
 * The service gives spec.md, plan.md and tasks.md before the others.
 * @param {Artifact} file
 */
function rank({ workflow, name }) {
  return workflow && /\.md$/i.test(name) ? FLOW.indexOf(workflow) : FLOW.length;
}
