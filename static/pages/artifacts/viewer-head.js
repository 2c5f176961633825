/** The head of the file that a viewer shows, and what is chosen there. Emits `query-change {changes}`. */
import { delegate, emit, one, remember, remembered } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { facts, fileFrame, noticeOf } from "./file-head.js";
import { viewsOf } from "./file-kinds.js";

/** @import {Artifact, Markup} from "../../lib/types.js" */
/** @import {OpenedFile} from "./opened-file.js" */

export class ViewerHead {
  #place;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
  }

  /**
   * Follow the buttons of the head; `shown()` is the file that is shown.
   * @param {() => Artifact | undefined} shown
   */
  listen(shown) {
    const place = this.#place;
    place.addEventListener("tab-choose", ({ detail: { name } }) => this.#choose(shown(), name));
    delegate(place, "click", ".wrap", () => this.#wrap(!place.hasAttribute("data-wrap"), true));
    delegate(place, "click", ".see-changes", () => this.#choose(shown(), "diff"));
    delegate(place, "change", "select.encoding", (_, list) => {
      emit(place, "query-change", { changes: { encoding: /** @type {HTMLSelectElement} */ (list).value } });
    });
  }

  /**
   * Begin with a file: its head, and the empty place of its body.
   * @param {OpenedFile} file
   */
  frame(file) {
    const { project, artifact } = file;
    render(this.#place, fileFrame({ project, artifact, views: viewsOf(artifact) }));
    this.#wrap(remembered("wrap") === "yes", false);
    this.notify(file);
  }

  /**
   * Show what is known of the file.
   * @param {OpenedFile} file
   */
  notify({ artifact, answer, base, query, movedFrom }) {
    render(one(this.#place, ".file-facts"), facts(artifact, answer, query.encoding));
    this.notice(noticeOf(answer, { base, movedFrom }));
  }

  /**
   * Show a message about it, null for none.
   * @param {Markup | null} markup
   */
  notice(markup) {
    const place = one(this.#place, ".file-notice");
    place.hidden = markup === null;
    render(place, markup ?? html``);
  }

  /**
   * @param {Artifact | undefined} artifact
   * @param {string | undefined} view
   */
  #choose(artifact, view) {
    if (!artifact) return;
    const usual = viewsOf(artifact)[0].name;
    emit(this.#place, "query-change", { changes: { view: view === usual ? "" : view, from: "", to: "", line: "", column: "", at: "" } });
  }

  /**
   * @param {boolean} isWrapped
   * @param {boolean} isByUser
   */
  #wrap(isWrapped, isByUser) {
    this.#place.toggleAttribute("data-wrap", isWrapped);
    this.#place.querySelector(".wrap")?.setAttribute("aria-pressed", String(isWrapped));
    if (isByUser) remember("wrap", isWrapped ? "yes" : "no");
  }
}
