/** Words in the contents of files: hits are shown as they are found, file by file. `onChange()` is called at most once a frame. */
import { oncePerFrame } from "../../lib/signals.js";
import { bytes, count, plural } from "../../lib/format.js";

/** @import {Query} from "../../live/http.js" */
/** @import {Hit, HitRow, HitsRow, Search, SearchLine, SearchProgress} from "./types.js" */

const MOST_HITS = 1_000;

/** @implements {Search} */
export class ContentSearch {
  /** @type {(HitsRow | HitRow)[]} */
  rows = []; // that of a file is followed by those of its hits
  counts = null;
  /** @type {Error | null} */
  error = null;
  isGoingOn = false;
  #load;
  #wanted;
  #onChange;
  /** @type {Map<string, Hit[]>} */
  #groups = new Map(); // path → hits
  /** @type {Partial<SearchProgress> & Pick<SearchProgress, "files" | "bytes" | "hits" | "truncated"> | null} */
  #progress = null;
  #isDone = false;
  #abort = new AbortController();
  #draw = oncePerFrame(() => this.#notify());

  /**
   * `load(wanted, signal)` yields `{hit}`, `{progress}`, `{done}`.
   * @param {(wanted: Query, signal: AbortSignal) => AsyncIterable<SearchLine>} load
   * @param {{q: string, regex?: string, case?: string}} wanted
   * @param {() => void} onChange
   */
  constructor(load, wanted, onChange) {
    this.#load = load;
    this.#wanted = wanted;
    this.#onChange = onChange;
  }

  /** Search. Fulfilled at its end. */
  async start() {
    if (this.#groups.size > 0 || this.isGoingOn) return; // what was found stays until one searches anew
    this.isGoingOn = true;
    this.error = null;
    this.#draw();
    try {
      for await (const line of this.#load({ ...this.#wanted, limit: MOST_HITS }, this.#abort.signal)) this.#take(line);
    } catch (caught) {
      const error = /** @type {Error} */ (caught);
      if (error.name !== "AbortError") this.error = error;
    }
    this.isGoingOn = false;
    this.#draw();
  }

  /** All hits are sent without being asked for. */
  more() {}

  /** End it; what was found stays. */
  stop() {
    this.#abort.abort();
  }

  /** How far it is, and what it has found. */
  get summary() {
    if (this.error) return this.error.message;
    if (!this.#progress) return this.isGoingOn ? "Searching…" : "Stopped";
    const { files, bytes: size, hits, truncated } = this.#progress;
    const found = hits === 0 ? "No hits" : `${plural(hits, "hit")} in ${plural(this.#groups.size, "file")}`;
    const searched = `${count(files)} searched, ${bytes(size)}`;
    if (this.isGoingOn) return `${hits === 0 ? "No hits yet" : found} · ${searched}`;
    if (!this.#isDone) return `Stopped: ${found} · ${searched}`;
    return `${found}${truncated ? ", not all of them" : ""} · ${searched}`;
  }

  /** @param {SearchLine} line */
  #take({ hit, progress, done }) {
    if (hit) {
      const hits = this.#groups.get(hit.path);
      if (hits) hits.push(hit);
      else this.#groups.set(hit.path, [hit]);
      this.#progress = { files: 0, bytes: 0, truncated: false, ...this.#progress, hits: this.#hits() };
    } else {
      this.#progress = done ?? progress ?? null;
      this.#isDone = Boolean(done);
    }
    this.#draw();
  }

  #hits() {
    let sum = 0;
    for (const hits of this.#groups.values()) sum += hits.length;
    return sum;
  }

  #notify() {
    if (this.#abort.signal.aborted && this.isGoingOn) return;
    this.rows = [...this.#groups].flatMap(([path, hits]) => [
      /** @type {const} */ ({ key: path, kind: "file", path, hits: hits.length }),
      ...hits.map((hit) => /** @type {const} */ ({ key: `${path}\n${hit.line}`, kind: "hit", path, hit })),
    ]);
    this.#onChange();
  }
}
