/** Files by words in their paths and by type, page after page, in order of path. `onChange()` is called for every page. */
import { plural } from "../../lib/format.js";

/** @import {Artifact} from "../../lib/types.js" */
/** @import {Query} from "../../live/http.js" */
/** @import {ArtifactPage, FoundRow, RestRow, Search} from "./types.js" */

const PAGE = 200;

/** @implements {Search} */
export class NameSearch {
  /** @type {(FoundRow | RestRow)[]} */
  rows = []; // at the end, while there are more, one of kind "more"
  /** @type {Record<string, number> | null} */
  counts = null;
  /** @type {Error | null} */
  error = null;
  #load;
  #wanted;
  #onChange;
  /** @type {Artifact[]} */
  #files = [];
  /** @type {string | null} */
  #cursor = null;
  /** @type {Promise<void> | null} */
  #pending = null;
  #abort = new AbortController();

  /**
   * `load(wanted, signal)` answers with a page; `onChange()` is called for every one.
   * @param {(wanted: Query, signal: AbortSignal) => Promise<ArtifactPage>} load
   * @param {{q: string, type: string}} wanted
   * @param {() => void} onChange
   */
  constructor(load, wanted, onChange) {
    this.#load = load;
    this.#wanted = wanted;
    this.#onChange = onChange;
  }

  /** Ask for the first page; again: for as many as there were. */
  start() {
    return this.#ask(null, this.#files.length);
  }

  /** The next page. */
  more() {
    if (this.#cursor && !this.#pending && !this.error) this.#ask(this.#cursor, 0);
  }

  /** Its answers are of no use any more. */
  stop() {
    this.#abort.abort();
  }

  /** How far it is, and what it has found. */
  get summary() {
    if (this.error) return this.error.message;
    if (this.counts === null) return "";
    const { type } = this.#wanted;
    const all = type ? (this.counts[type] ?? 0) : Object.values(this.counts).reduce((sum, number) => sum + number, 0);
    return all === 0 ? "No file matches" : plural(all, "file");
  }

  /** It never takes long enough to be stopped by hand. */
  get isGoingOn() {
    return false;
  }

  /**
   * @param {string | null} cursor
   * @param {number} least
   */
  #ask(cursor, least) {
    this.#pending ??= this.#fetch(cursor, least)
      .then((files) => {
        this.#files = cursor === null ? files : [...this.#files, ...files];
        this.error = null;
      })
      .catch((error) => void (this.error = error))
      .finally(() => {
        this.#pending = null;
        if (!this.#abort.signal.aborted) this.#notify();
      });
    return this.#pending;
  }

  /**
   * @param {string | null} cursor
   * @param {number} least
   */
  async #fetch(cursor, least) {
    /** @type {Artifact[]} */
    const files = [];
    do {
      const page = await this.#load({ ...this.#wanted, limit: PAGE, cursor }, this.#abort.signal);
      files.push(...page.artifacts);
      cursor = page.cursor;
      this.counts = page.counts;
    } while (cursor && files.length < least);
    this.#cursor = cursor;
    return files;
  }

  #notify() {
    this.rows = this.#files.map(
      (file) => /** @type {const} */ ({ key: file.path, kind: "found", path: file.path, file }),
    );
    if (this.#cursor && !this.error) this.rows.push({ key: "\nmore", kind: "more" });
    this.#onChange();
  }
}
