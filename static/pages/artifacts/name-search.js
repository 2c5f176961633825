/** Files by words in their paths and by type, page after page, in order of path. `onChange()` is called for every page. */
import { plural } from "../../lib/format.js";

const PAGE = 200;

export class NameSearch {
  rows = []; // {key, kind: "found", file} and at the end, while there are more, {kind: "more"}
  counts = null;
  error = null;
  #load;
  #wanted;
  #onChange;
  #files = [];
  #cursor = null;
  #pending = null;
  #abort = new AbortController();

  /** `load(wanted, signal)` answers `{artifacts, counts, cursor}`; `wanted` is `{project, q, type}`. */
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

  /** What is to be said of it. */
  get words() {
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

  #ask(cursor, least) {
    this.#pending ??= this.#fetch(cursor, least)
      .then((files) => (this.#files = cursor === null ? files : [...this.#files, ...files]))
      .then(() => (this.error = null))
      .catch((error) => (this.error = error))
      .finally(() => {
        this.#pending = null;
        if (!this.#abort.signal.aborted) this.#notify();
      });
    return this.#pending;
  }

  async #fetch(cursor, least) {
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
    this.rows = this.#files.map((file) => ({ key: file.path, kind: "found", path: file.path, file }));
    if (this.#cursor && !this.error) this.rows.push({ key: "\nmore", kind: "more" });
    this.#onChange();
  }
}
