/**
 * One file: `show({project, path, query})` opens it, `compare(artifact)` takes note of what the tree knows of it now,
 * `close()` ends that. Emits `query-change {changes}` and `files-show`.
 */
import { define, delegate, emit, one, remember, remembered } from "../../lib/dom.js";
import { atMostEvery } from "../../lib/signals.js";
import { html, render } from "../../lib/html.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { state } from "../../ui/state.js";
import { FileBody } from "./file-body.js";
import { facts, fileFrame, noticeOf } from "./file-head.js";
import { viewsOf } from "./file-kinds.js";
import { OpenedFile, lineOf } from "./opened-file.js";
import { note } from "./states.js";

/** @import {Artifact, Markup} from "../../lib/types.js" */
/** @import {HttpError} from "../../live/http.js" */
/** @import {Api, PageQuery} from "./types.js" */
/** @typedef {{project: string, path: string, query: PageQuery}} FileWanted */
/** @typedef {(path: string) => Promise<Artifact | null>} Find */

const AGAIN_MS = 400;

export class ArtifactViewer extends HTMLElement {
  /** @type {Api} */
  #api = /** @type {any} */ (null); // this and the next: from `setUp` on
  /** @type {Find} */
  #find = /** @type {any} */ (null);
  /** @type {OpenedFile | null} */
  #file = null;
  #opening = new AbortController();
  #viewing = new AbortController();
  /** @type {FileBody | null} */
  #bodyView = null;
  #again = atMostEvery(AGAIN_MS, () => this.#readAgain());

  connectedCallback() {
    this.addEventListener("tab-choose", ({ detail: { name } }) => this.#choose(name));
    delegate(this, "click", ".to-files", () => emit(this, "files-show"));
    delegate(this, "click", ".wrap", () => this.#wrap(!this.hasAttribute("data-wrap"), true));
    delegate(this, "click", ".see-changes", () => this.#choose("diff"));
    listenForCopy(this);
    document.addEventListener("visibilitychange", () => this.#woken());
  }

  /**
   * `api` are the calls of api.js, `find(path)` gives the artifact that the tree has at a path, null if there is none.
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
    if (this.#file?.path === path && this.#file.project === project) return this.#view(this.#file, query);
    this.close();
    const { signal } = this.#opening;
    const file = (this.#file = new OpenedFile(this.#api, { project, path, query }));
    render(this, html`<div class="file-wait">${state({ isWaiting: true })}</div>`);
    try {
      const artifact = await this.#find(path);
      if (signal.aborted) return;
      if (artifact === null) return this.#missing(file);
      file.artifact = artifact;
      this.#frame(file);
      await file.read(signal);
      if (signal.aborted) return;
      file.state = "open";
      this.#notify(file);
      file.markSeen();
      await this.#view(file, file.query);
    } catch (error) {
      if (!signal.aborted) this.#failed(file, error);
    }
  }

  /** Show no file any more. */
  close() {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#viewing.abort();
    this.#file = this.#bodyView = null;
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
    if (file.take(artifact)) this.#again();
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

  /** @param {OpenedFile} file */
  #restart({ project, path, query }) {
    this.#file = null;
    this.show({ project, path, query });
  }

  /** @param {OpenedFile} file */
  #frame(file) {
    const { project, artifact } = file;
    render(this, fileFrame({ project, artifact, views: viewsOf(artifact) }));
    this.#wrap(remembered("wrap") === "yes", false);
    this.#notify(file);
  }

  /**
   * @param {OpenedFile} file
   * @param {PageQuery} query
   */
  async #view(file, query) {
    file.query = query;
    if (file.state !== "open") return;
    const views = viewsOf(file.artifact).map(({ name }) => name);
    const forLine = query.line && views.includes("source") ? "source" : views[0];
    const view = query.view && views.includes(query.view) ? query.view : forLine;
    const isSame = view === file.view;
    file.view = this.dataset.view = view;
    /** @type {import("../../ui/tabs.js").TabBar} */ (one(this, "tab-bar")).selected = view;
    if (!isSame) this.#begin(file);
    const { signal } = this.#viewing;
    try {
      if (!isSame || view === "diff") await this.#bodyView?.show(view);
      if (query.line && !signal.aborted) await this.#bodyView?.goTo(lineOf(query));
    } catch (error) {
      if (!signal.aborted) this.#failed(file, error);
    }
  }

  /** @param {OpenedFile} file */
  #begin(file) {
    const body = one(this, ".file-body");
    this.#viewing.abort();
    this.#viewing = new AbortController();
    body.setAttribute("aria-labelledby", `view-${file.view}`);
    body.scrollTo(0, 0);
    this.#bodyView = new FileBody(this.#api, body, file, this.#viewing.signal);
  }

  /** The file was written while it is open. */
  async #readAgain() {
    const [file, body] = [this.#file, this.#bodyView];
    if (file?.state !== "open" || !body || document.hidden) return;
    if (file.isOtherKind) return this.#restart(file);
    const { signal } = this.#viewing;
    const before = file.answer;
    try {
      if (before === null) return await body.show(file.view);
      if ((await body.again(file.view)) === null) return;
      file.readAgain(before);
      this.#notify(file);
      file.markSeen();
    } catch (caught) {
      const error = /** @type {HttpError} */ (caught);
      if (!signal.aborted && error.status !== 404) this.#notice(html`${error.message} What you see may be old.`);
    }
  }

  #woken() {
    if (document.hidden || this.#file?.state !== "open") return;
    this.#file.markSeen();
    if (this.#file.isOld) this.#again();
  }

  /** @param {OpenedFile} file */
  #notify({ artifact, answer, base }) {
    render(one(this, ".file-facts"), facts(artifact, answer));
    this.#notice(noticeOf(answer, base));
  }

  /** @param {Markup | null} markup */
  #notice(markup) {
    const place = one(this, ".file-notice");
    place.hidden = markup === null;
    render(place, markup ?? html``);
  }

  /** @param {OpenedFile} file */
  #gone(file) {
    file.state = "gone";
    this.#notice(html`<strong>The file has been removed.</strong> What you see is what it was.`);
  }

  /** @param {OpenedFile} file */
  #missing(file) {
    file.state = "missing";
    const more = html`<p><button type="button" class="button to-files">To the files</button></p>`;
    const text = `${file.path} was removed or renamed, or it is left out as ignored.`;
    render(this, html`<div class="file-body">${note({ name: "file-missing", title: "There is no such file", text, more })}</div>`);
  }

  /**
   * @param {OpenedFile} file
   * @param {unknown} error
   */
  #failed(file, error) {
    file.state = "failed";
    const text = /** @type {Error} */ (error).message;
    const place = this.querySelector(".file-body") ?? this;
    render(place, note({ name: "file-problem", sign: "alert", title: "The file cannot be shown", text }));
  }

  /** @param {string | undefined} view */
  #choose(view) {
    if (!this.#file) return;
    const usual = viewsOf(this.#file.artifact)[0].name;
    emit(this, "query-change", { changes: { view: view === usual ? "" : view, from: "", to: "", line: "" } });
  }

  /**
   * @param {boolean} isWrapped
   * @param {boolean} isByUser
   */
  #wrap(isWrapped, isByUser) {
    this.toggleAttribute("data-wrap", isWrapped);
    this.querySelector(".wrap")?.setAttribute("aria-pressed", String(isWrapped));
    if (isByUser) remember("wrap", isWrapped ? "yes" : "no");
  }
}

/** Make the element known. */
export function register() {
  define("artifact-viewer", ArtifactViewer);
}
