/** Words in the contents of files: hits are shown as they are found, file by file. `onChange()` is called at most once a frame. */
import { oncePerFrame } from "../../lib/signals.js";
import { bytes, count, plural } from "../../lib/format.js";

const MOST_HITS = 1_000;

export class ContentSearch {
  rows = []; // {key, kind: "file", path, hits} followed by its {key, kind: "hit", path, hit}
  counts = null;
  error = null;
  isGoingOn = false;
  #load;
  #wanted;
  #onChange;
  #groups = new Map(); // path → hits
  #progress = null;
  #isDone = false;
  #abort = new AbortController();
  #draw = oncePerFrame(() => this.#notify());

  /** `load(wanted, signal)` yields `{hit}`, `{progress}`, `{done}`; `wanted` is `{q, regex, case}`. */
  constructor(load, wanted, onChange) {
    this.#load = load;
    this.#wanted = wanted;
    this.#onChange = onChange;
  }

  /** Search. Fulfilled at its end. */
  async start() {
    if (this.#groups.size > 0 || this.isGoingOn) return; // what was found stays until one searches anew
    this.isGoingOn = true;
    this.#draw();
    try {
      for await (const line of this.#load({ ...this.#wanted, limit: MOST_HITS }, this.#abort.signal)) this.#take(line);
    } catch (error) {
      if (error.name !== "AbortError") this.error = error;
    }
    this.isGoingOn = false;
    this.#draw();
  }

  /** All hits come by themselves. */
  more() {}

  /** End it; what was found stays. */
  stop() {
    this.#abort.abort();
  }

  /** What is to be said of it. */
  get words() {
    if (this.error) return this.error.message;
    if (!this.#progress) return this.isGoingOn ? "Searching…" : "Stopped";
    const { files, bytes: size, hits, truncated } = this.#progress;
    const found = hits === 0 ? "No hits" : `${plural(hits, "hit")} in ${plural(this.#groups.size, "file")}`;
    const looked = `${count(files)} searched, ${bytes(size)}`;
    if (this.isGoingOn) return `${hits === 0 ? "No hits yet" : found} · ${looked}`;
    if (!this.#isDone) return `Stopped: ${found} · ${looked}`;
    return `${found}${truncated ? ", not all of them" : ""} · ${looked}`;
  }

  #take({ hit, progress, done }) {
    if (hit) {
      if (!this.#groups.has(hit.path)) this.#groups.set(hit.path, []);
      this.#groups.get(hit.path).push(hit);
      this.#progress = { files: 0, bytes: 0, truncated: false, ...this.#progress, hits: this.#hits() };
    } else {
      this.#progress = done ?? progress;
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
      { key: path, kind: "file", path, hits: hits.length },
      ...hits.map((hit) => ({ key: `${path}\n${hit.line}`, kind: "hit", path, hit })),
    ]);
    this.#onChange();
  }
}
