/** Fills the body of a file with one of its views. */
import { bytes } from "../../lib/format.js";
import { lazily } from "../../lib/lazy.js";
import { render } from "../../lib/html.js";
import { isLog, isNotebook, isPicture, isSvg } from "./file-kinds.js";
import { FileText } from "./file-text.js";
import { MOST_RENDERED_BYTES, goToAnchor, showRendered } from "./markdown-view.js";
import { numberOf } from "./opened-file.js";
import { showPicture, showSvg } from "./picture-view.js";
import { note } from "./states.js";
import { TextView } from "./text-view.js";
import { showUnopened } from "./unopened-view.js";

/** @import {ArtifactDiff} from "./artifact-diff.js" */
/** @import {OpenedFile} from "./opened-file.js" */
/** @import {Api, FileAnswer, PageQuery} from "./types.js" */

const loadDiff = lazily(() => import("./artifact-diff.js"), import.meta.resolve("./artifact-diff.js"));
const loadNotebook = lazily(() => import("./notebook-view.js"), import.meta.resolve("./notebook-view.js"));

export class FileBody {
  #api;
  #place;
  #file;
  #signal;
  #source;
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
    this.#source = new FileText(api, file, signal);
  }

  /**
   * Show the view "content", "source" or "diff".
   * @param {string} view
   */
  async show(view) {
    const { project, path, artifact, answer } = this.#file;
    const [place, signal] = [this.#place, this.#signal];
    if (artifact.kind !== "file") return showUnopened(place, artifact, () => this.#api.getLink(project, path, signal));
    if (view === "diff") return this.#changes();
    if (isPicture(artifact)) {
      return showPicture(place, { load: () => this.#api.getBlob(project, path, signal), name: artifact.name, signal });
    }
    if (!answer) throw new Error("The file was not read.");
    if (answer.binary) return render(place, binary(answer));
    if (view === "content" && (await this.#drawn(answer))) return;
    if (!signal.aborted) await this.#lines(answer);
  }

  /**
   * Bring what the address names into view: a line, a column of it, a heading. Does nothing where that is not shown.
   * @param {PageQuery} query
   */
  async goTo({ line, column, at, q, in: where, regex }) {
    if (line) {
      const length = where === "contents" && !regex && q ? q.length : 1;
      await this.#text?.goTo(numberOf(line), column ? numberOf(column) : null, length);
    } else if (at) goToAnchor(this.#place, at);
  }

  /**
   * The file has changed. Returns the answer of the service, null if the view was left meanwhile.
   * @param {string} view
   */
  async again(view) {
    const answer = this.#text ? await this.#text.again() : await this.#source.page({});
    if (answer === null || this.#signal.aborted) return null;
    this.#file.answer = answer;
    if (!this.#text || answer.binary) await this.show(view);
    return answer;
  }

  /**
   * Show it as what it stands for; false if it is only lines.
   * @param {FileAnswer} answer
   */
  async #drawn(answer) {
    const { project, path, artifact } = this.#file;
    const [place, signal] = [this.#place, this.#signal];
    if (isSvg(artifact)) {
      const version = answer.sha256 ?? artifact.modified_at;
      return showSvg(place, { address: this.#api.pictureAddress(project, path, version), name: artifact.name, signal });
    }
    if (isNotebook(artifact)) {
      const text = await this.#source.whole(answer);
      const { showNotebook } = await loadNotebook();
      return text !== null && !signal.aborted && showNotebook(place, text, { project, path, signal });
    }
    if (artifact.language !== "markdown" || answer.size_bytes > MOST_RENDERED_BYTES) return false;
    const text = await this.#source.whole(answer);
    return text !== null && showRendered(place, text, { project, path, signal });
  }

  /** @param {FileAnswer} answer */
  async #lines(answer) {
    const { artifact } = this.#file;
    this.#text = new TextView(this.#place, {
      load: (query) => this.#source.page(query),
      loadLine: (line, column) => this.#source.line(line, column),
      wholeText: () => this.#source.whole(this.#file.answer),
      language: artifact.language,
      lines: artifact.lines,
      isLog: isLog(artifact),
      signal: this.#signal,
    });
    if (answer.preview.lines > 0 || answer.preview.from_line === 1) await this.#text.begin(answer);
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
    const { from = null, to = null, encoding = null } = query;
    await diff.show({ project, path, base, from, to, encoding, signal: this.#signal });
  }
}

/** @param {FileAnswer} answer */
function binary({ size_bytes: size }) {
  return note({ name: "binary", title: `Binary, ${bytes(size)}`, text: "It is not text and not shown. It can be downloaded." });
}
