/** Fills the body of a file with one of its views. */
import { bytes } from "../../lib/format.js";
import { lazily } from "../../lib/lazy.js";
import { render } from "../../lib/html.js";
import { UNOPENED, isPicture } from "./file-kinds.js";
import { MOST_RENDERED_BYTES, showRendered } from "./markdown-view.js";
import { showPicture } from "./picture-view.js";
import { note } from "./states.js";
import { TextView } from "./text-view.js";

/** @import {ArtifactDiff} from "./artifact-diff.js" */
/** @import {OpenedFile} from "./opened-file.js" */
/** @import {Api, FileAnswer, TextAnswer} from "./types.js" */

const loadDiff = lazily(() => import("./artifact-diff.js"), import.meta.resolve("./artifact-diff.js"));

export class FileBody {
  #api;
  #place;
  #file;
  #signal;
  /** @type {TextView | null} */
  #text = null;

  /**
   * `signal` ends the view.
   * @param {Api} api
   * @param {HTMLElement} place
   * @param {OpenedFile} file
   * @param {AbortSignal} signal
   */
  constructor(api, place, file, signal) {
    this.#api = api;
    this.#place = place;
    this.#file = file;
    this.#signal = signal;
  }

  /**
   * Show the view "content", "source" or "diff".
   * @param {string} view
   */
  async show(view) {
    const { project, path, artifact, answer } = this.#file;
    const place = this.#place;
    if (artifact.kind !== "file") return render(place, note({ name: "unopened", ...UNOPENED[artifact.kind] }));
    if (view === "diff") return this.#changes();
    if (isPicture(artifact)) {
      const load = () => this.#api.getBlob(project, path, this.#signal);
      return showPicture(place, { load, name: artifact.name, signal: this.#signal });
    }
    if (!answer) throw new Error("The file was not read.");
    if (answer.binary) return render(place, binary(answer));
    if (view === "content" && artifact.language === "markdown" && (await this.#rendered(answer))) return;
    if (!this.#signal.aborted) await this.#lines(answer);
  }

  /**
   * Bring a line into view; does nothing where there are no lines.
   * @param {number} number
   */
  async goTo(number) {
    await this.#text?.goTo(number);
  }

  /**
   * The file has changed. Returns the answer of the service, null if the view was left meanwhile.
   * @param {string} view
   */
  async again(view) {
    const { project, path } = this.#file;
    const answer = this.#text
      ? await this.#text.again()
      : await this.#api.getFile(project, { path }, this.#signal);
    if (answer === null || this.#signal.aborted) return null;
    this.#file.answer = answer;
    if (!this.#text || answer.binary) await this.show(view);
    return answer;
  }

  /** @param {FileAnswer} answer */
  async #lines(answer) {
    const { project, path, artifact } = this.#file;
    this.#text = new TextView(this.#place, {
      load: (from_line) => this.#api.getFile(project, { path, from_line }, this.#signal),
      language: artifact.language,
      lines: artifact.lines,
      signal: this.#signal,
    });
    await this.#text.begin(answer);
  }

  /** @param {TextAnswer} answer */
  async #rendered(answer) {
    const { project, path } = this.#file;
    if (answer.size_bytes > MOST_RENDERED_BYTES) return false;
    const text = await this.#wholeText(answer);
    return text !== null && showRendered(this.#place, text, { project, path, signal: this.#signal });
  }

  /** @param {TextAnswer} answer */
  async #wholeText({ preview, truncated, encoding }) {
    if (preview.from_line === 1 && !truncated) return preview.text;
    const { project, path } = this.#file;
    const blob = await this.#api.getBlob(project, path, this.#signal);
    try {
      return new TextDecoder(encoding).decode(await blob.arrayBuffer());
    } catch {
      return null; // an encoding that browsers do not know
    }
  }

  async #changes() {
    (await loadDiff()).register(); // most files are read and not compared
    if (this.#signal.aborted) return;
    const { project, path, base, query } = this.#file;
    let diff = /** @type {ArtifactDiff | null} */ (this.#place.querySelector("artifact-diff"));
    if (!diff) {
      diff = /** @type {ArtifactDiff} */ (document.createElement("artifact-diff"));
      diff.api = this.#api;
      this.#place.replaceChildren(diff);
    }
    await diff.show({ project, path, base, from: query.from ?? null, to: query.to ?? null, signal: this.#signal });
  }
}

/** @param {FileAnswer} answer */
function binary({ size_bytes: size }) {
  return note({ name: "binary", title: `Binary, ${bytes(size)}`, text: "It is not text and not shown. It can be downloaded." });
}
