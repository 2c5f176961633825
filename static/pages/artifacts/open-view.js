/** One view of a file that is open, kept up to date while the file is written. */
import { one } from "../../lib/dom.js";
import { atMostEvery } from "../../lib/signals.js";
import { html } from "../../lib/html.js";
import { FileBody } from "./file-body.js";
import { viewsOf } from "./file-kinds.js";

/** @import {Markup} from "../../lib/types.js" */
/** @import {HttpError} from "../../live/http.js" */
/** @import {OpenedFile} from "./opened-file.js" */
/** @import {Api} from "./types.js" */
/** @typedef {{onRead: () => void, onOther: () => void, onNotice: (markup: Markup) => void, onFailure: (error: unknown) => void}} Handlers */

const AGAIN_MS = 400;

export class OpenView {
  #api;
  #place;
  #file;
  #handlers;
  #viewing = new AbortController();
  /** @type {FileBody | null} */
  #body = null;
  #again = atMostEvery(AGAIN_MS, () => this.#readAgain());

  /**
   * `place` has the frame of the file. `onRead` is called when it was read again, `onOther` if it is something else now.
   * @param {Api} api
   * @param {HTMLElement} place
   * @param {OpenedFile} file
   * @param {Handlers} handlers
   */
  constructor(api, place, file, handlers) {
    this.#api = api;
    this.#place = place;
    this.#file = file;
    this.#handlers = handlers;
  }

  /** Show what the query of the file asks for. */
  async show() {
    const { query, state, artifact } = this.#file;
    if (state !== "open") return;
    const views = viewsOf(artifact).map(({ name }) => name);
    const forLine = query.line && views.includes("source") ? "source" : views[0];
    const view = query.view && views.includes(query.view) ? query.view : forLine;
    const isSame = view === this.#file.view && this.#body !== null;
    this.#file.view = this.#place.dataset.view = view;
    /** @type {import("../../ui/tabs.js").TabBar} */ (one(this.#place, "tab-bar")).selected = view;
    if (!isSame) this.#begin();
    const { signal } = this.#viewing;
    try {
      if (!isSame || view === "diff") await this.#body?.show(view);
      if (!signal.aborted) await this.#body?.goTo(query);
    } catch (error) {
      if (!signal.aborted) this.#handlers.onFailure(error);
    }
  }

  /** The file was written: read it again, but not at each of many writes. */
  readSoon() {
    this.#again();
  }

  /** The page is looked at again. */
  wake() {
    if (document.hidden || this.#file.state !== "open") return;
    this.#file.markSeen();
    if (this.#file.isOld) this.#again();
  }

  /** It is shown no more. */
  end() {
    this.#viewing.abort();
    this.#body = null;
  }

  #begin() {
    const body = one(this.#place, ".file-body");
    this.#viewing.abort();
    this.#viewing = new AbortController();
    body.setAttribute("aria-labelledby", `view-${this.#file.view}`);
    body.scrollTo(0, 0);
    this.#body = new FileBody(this.#api, body, this.#file, this.#viewing.signal);
  }

  async #readAgain() {
    const [file, body] = [this.#file, this.#body];
    if (file.state !== "open" || !body || document.hidden) return;
    if (file.isOtherKind) return this.#handlers.onOther();
    const { signal } = this.#viewing;
    const before = file.answer;
    try {
      if (before === null) return await body.show(file.view);
      if ((await body.again(file.view)) === null) return;
      file.readAgain(before);
      this.#handlers.onRead();
      file.markSeen();
    } catch (caught) {
      const error = /** @type {HttpError} */ (caught);
      if (!signal.aborted && error.status !== 404) this.#handlers.onNotice(html`${error.message} What you see may be old.`);
    }
  }
}
