/**
 * One file: `show({project, path, query})` opens it, `compare(artifact)` takes note of what the tree knows of it now,
 * `close()` ends that. Emits `query-change {changes}`, `files-show` and `file-moved {project, path}`.
 */
import { define, delegate, emit } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { lazily } from "../../lib/lazy.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { state } from "../../ui/state.js";
import { OpenedFile } from "./opened-file.js";
import { ViewerHead } from "./viewer-head.js";
import { failed, folder, missing } from "./viewer-states.js";

/** @import {Artifact, LevelPage, Markup} from "../../lib/types.js" */
/** @import {OpenView} from "./open-view.js" */
/** @import {Api, PageQuery} from "./types.js" */
/** @typedef {{project: string, path: string, query: PageQuery}} FileWanted */
/** What is at a path: a file, a folder, or nothing. @typedef {{file?: Artifact | null, folder?: Pick<LevelPage, "folders" | "files"> | null}} Found */
/** @typedef {(path: string) => Promise<Found>} Find */

// What shows files is loaded with the first one.
const loadView = lazily(() => import("./open-view.js"), import.meta.resolve("./open-view.js"));

export class ArtifactViewer extends HTMLElement {
  /** @type {Api} */
  #api = /** @type {any} */ (null); // this and the next: from `setUp` on
  /** @type {Find} */
  #find = /** @type {any} */ (null);
  /** @type {OpenedFile | null} */
  #file = null;
  #opening = new AbortController();
  #head = new ViewerHead(this);
  /** @type {OpenView | null} */
  #view = null;
  /** @type {string | null} */
  #movedFrom = null; // where what is opened next was before

  connectedCallback() {
    delegate(this, "click", ".to-files", () => emit(this, "files-show"));
    this.#head.listen(() => this.#file?.artifact);
    listenForCopy(this);
    document.addEventListener("visibilitychange", () => this.#view?.wake());
  }

  /**
   * `api` are the calls of api.js, `find(path)` gives what the tree has at a path.
   * @param {Api} api
   * @param {Find} find
   */
  setUp(api, find) {
    this.#api = api;
    this.#find = find;
  }

  /**
   * Open a file, or another view of the one that is open.
   * @param {FileWanted} wanted
   */
  async show({ project, path, query }) {
    const open = this.#file;
    if (open?.path === path && open.project === project && open.query.encoding === query.encoding) {
      open.query = query;
      return this.#view?.show();
    }
    this.close();
    const { signal } = this.#opening;
    const file = (this.#file = new OpenedFile(this.#api, { project, path, query }));
    [file.movedFrom, this.#movedFrom] = [this.#movedFrom, null];
    render(this, html`<div class="file-wait">${state({ isWaiting: true })}</div>`);
    try {
      const found = await this.#find(path);
      if (signal.aborted) return;
      if (!found.file) return await this.#nothing(file, found, signal);
      file.artifact = found.file;
      this.#head.frame(file);
      const [{ OpenView }] = await Promise.all([loadView(), file.read(signal)]);
      if (signal.aborted) return;
      file.state = "open";
      this.#head.notify(file);
      file.markSeen();
      this.#view = new OpenView(this.#api, this, file, this.#handlers(file));
      await this.#view.show();
    } catch (error) {
      if (!signal.aborted) this.#failed(file, error);
    }
  }

  /** Show no file any more. */
  close() {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#view?.end();
    this.#file = this.#view = null;
    this.replaceChildren();
  }

  /**
   * The tree has changed: `artifact` is the file as it is known now, null if it is gone, undefined if that is not known.
   * @param {Artifact | null | undefined} artifact
   */
  compare(artifact) {
    const file = this.#file;
    if (!file || artifact === undefined || file.state === "opening") return;
    if (artifact === null) return file.state === "open" ? this.#gone(file) : undefined;
    if (file.state !== "open") return this.#restart(file);
    if (file.take(artifact)) this.#view?.readSoon();
  }

  /** True if it was not there when it was asked for, or is gone. */
  get isMissing() {
    return this.#file?.state === "missing" || this.#file?.state === "gone";
  }

  /** What was missing or failed is tried again. */
  retry() {
    const file = this.#file;
    if (file && (this.isMissing || file.state === "failed")) this.#restart(file);
  }

  /** Something was moved: if it is what is missing here, go after it. */
  async follow() {
    const file = this.#file;
    if (!file || !this.isMissing) return;
    const moved = await this.#api.getMoved(file.project, file.path).catch(() => null); // it may be nowhere
    if (!moved || this.#file !== file || !this.isMissing) return;
    this.#movedFrom = file.path;
    emit(this, "file-moved", moved);
  }

  /** @param {OpenedFile} file */
  #restart({ project, path, query }) {
    this.#file = null;
    this.show({ project, path, query });
  }

  /** @param {OpenedFile} file */
  #handlers(file) {
    return {
      onRead: () => this.#head.notify(file),
      onOther: () => this.#restart(file),
      onNotice: (/** @type {Markup} */ markup) => this.#head.notice(markup),
      onFailure: (/** @type {unknown} */ error) => this.#failed(file, error),
    };
  }

  /** @param {OpenedFile} file */
  #gone(file) {
    file.state = "gone";
    this.#head.notice(html`<strong>The file has been removed.</strong> What you see is what it was.`);
    this.follow();
  }

  /**
   * @param {OpenedFile} file
   * @param {Found} found
   * @param {AbortSignal} signal
   */
  async #nothing(file, found, signal) {
    file.state = "missing";
    if (found.folder) return render(this, folder(file, found.folder));
    await this.follow();
    if (!signal.aborted) render(this, missing(file));
  }

  /**
   * @param {OpenedFile} file
   * @param {unknown} error
   */
  #failed(file, error) {
    file.state = "failed";
    render(this.querySelector(".file-body") ?? this, failed(/** @type {Error} */ (error)));
  }
}

/** Make the element known. */
export function register() {
  define("artifact-viewer", ArtifactViewer);
}
