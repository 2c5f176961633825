/**
 * One file: `show({project, path, query})` opens it, `compare(artifact)` takes note of what the tree knows of it now,
 * `close()` lets it go. Emits `query-change {changes}` and `files-show`.
 */
import { define, delegate, emit, remember, remembered } from "../../lib/dom.js";
import { atMostEvery } from "../../lib/signals.js";
import { html, render } from "../../lib/html.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { markTab, tabFor } from "../../ui/tabs.js";
import { FileBody } from "./file-body.js";
import { facts, fileFrame, noticeOf } from "./file-head.js";
import { viewsOf } from "./file-kinds.js";
import { OpenedFile, lineOf } from "./opened-file.js";
import { note } from "./states.js";
import { refreshAges } from "./labels.js";

const AGAIN_MS = 400;

export class ArtifactViewer extends HTMLElement {
  #api;
  #find; // (path) → the artifact, null if there is none
  #file = null; // OpenedFile
  #opening = new AbortController();
  #viewing = new AbortController();
  #bodyView = null;
  #again = atMostEvery(AGAIN_MS, () => this.#readAgain());

  connectedCallback() {
    delegate(this, "click", "[role=tab]", (_, { dataset }) => this.#choose(dataset.tab));
    delegate(this, "keydown", "[role=tab]", (event) => this.#tabKey(event));
    delegate(this, "click", ".to-files", () => emit(this, "files-show"));
    delegate(this, "click", ".wrap", () => this.#wrap(!this.hasAttribute("data-wrap"), true));
    delegate(this, "click", ".see-changes", () => this.#choose("diff"));
    listenForCopy(this);
    document.addEventListener("visibilitychange", () => this.#woken());
  }

  /** `api` are the calls of live/artifact-api.js, `find(path)` the artifact that the tree has at a path or null. */
  setUp(api, find) {
    this.#api = api;
    this.#find = find;
  }

  /** Open a file, or another view of the one that is open. */
  async show({ project, path, query }) {
    if (this.#file?.path === path && this.#file.project === project) return this.#view(query);
    this.close();
    const { signal } = this.#opening;
    const file = (this.#file = new OpenedFile(this.#api, { project, path, query }));
    render(this, html`<div class="state file-wait"><span class="spinner" aria-hidden="true"></span></div>`);
    try {
      file.artifact = await this.#find(path);
      if (signal.aborted) return;
      if (file.artifact === null) return this.#missing();
      this.#frame();
      await file.read(signal);
      if (signal.aborted) return;
      file.state = "open";
      this.#notify();
      file.look();
      await this.#view(file.query);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  /** Let it go. */
  close() {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#viewing.abort();
    this.#file = this.#bodyView = null;
    this.replaceChildren();
  }

  /** The tree has changed: `artifact` is the file as it is known now, null if it is gone, undefined if that is not known. */
  compare(artifact) {
    const file = this.#file;
    if (!file || artifact === undefined || file.state === "opening") return;
    if (artifact === null) return file.state === "open" ? this.#gone() : undefined;
    if (file.state !== "open") return this.#restart();
    if (file.take(artifact)) this.#again();
  }

  /** True if it was not there when it was asked for, or is gone. */
  get isMissing() {
    return ["missing", "gone"].includes(this.#file?.state);
  }

  /** What was missing or failed is tried again. */
  retry() {
    if (this.isMissing || this.#file?.state === "failed") this.#restart();
  }

  /** Update the ages. */
  refreshAges() {
    refreshAges(this);
  }

  get #body() {
    return this.querySelector(".file-body");
  }

  #restart() {
    const { project, path, query } = this.#file;
    this.#file = null;
    this.show({ project, path, query });
  }

  #frame() {
    const { project, artifact } = this.#file;
    render(this, fileFrame({ project, artifact, views: viewsOf(artifact) }));
    this.#wrap(remembered("wrap") === "yes", false);
    this.#notify();
  }

  async #view(query) {
    const file = this.#file;
    file.query = query;
    if (file.state !== "open") return;
    const views = viewsOf(file.artifact).map(({ name }) => name);
    const forLine = query.line && views.includes("source") ? "source" : views[0];
    const view = views.includes(query.view) ? query.view : forLine;
    const isSame = view === file.view;
    file.view = this.dataset.view = view;
    markTab(this, view);
    if (!isSame) this.#begin();
    const { signal } = this.#viewing;
    try {
      if (!isSame || view === "diff") await this.#bodyView.show(view);
      if (query.line && !signal.aborted) await this.#bodyView.goTo(lineOf(query));
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  #begin() {
    this.#viewing.abort();
    this.#viewing = new AbortController();
    this.#body.setAttribute("aria-labelledby", `view-${this.#file.view}`);
    this.#body.scrollTo(0, 0);
    this.#bodyView = new FileBody(this.#api, this.#body, this.#file, this.#viewing.signal);
  }

  /** The file was written while it is open. */
  async #readAgain() {
    const file = this.#file;
    if (file?.state !== "open" || document.hidden) return;
    const { signal } = this.#viewing;
    const before = file.answer;
    try {
      if (before === null) return await this.#bodyView.show(file.view);
      if ((await this.#bodyView.again(file.view)) === null) return;
      file.readAgain(before);
      this.#notify();
      file.look();
    } catch (error) {
      if (!signal.aborted && error.status !== 404) this.#notice(html`${error.message} What you see may be old.`);
    }
  }

  #woken() {
    if (document.hidden || this.#file?.state !== "open") return;
    this.#file.look();
    if (this.#file.isOld) this.#again();
  }

  #notify() {
    const { artifact, answer, base } = this.#file;
    render(this.querySelector(".file-facts"), facts(artifact, answer));
    this.#notice(noticeOf(answer, base));
  }

  #notice(markup) {
    const place = this.querySelector(".file-notice");
    place.hidden = markup === null;
    render(place, markup ?? html``);
  }

  #gone() {
    this.#file.state = "gone";
    this.#notice(html`<strong>The file has been removed.</strong> What you see is what it was.`);
  }

  #missing() {
    this.#file.state = "missing";
    const more = html`<p><button type="button" class="button to-files">To the files</button></p>`;
    const words = `${this.#file.path} was removed or renamed, or it is left out as ignored.`;
    render(this, html`<div class="file-body">${note({ name: "file-missing", title: "There is no such file", words, more })}</div>`);
  }

  #failed(error) {
    this.#file.state = "failed";
    render(this.#body ?? this, note({ name: "file-problem", sign: "alert", title: "The file cannot be shown", words: error.message }));
  }

  #choose(view) {
    const usual = viewsOf(this.#file.artifact)[0].name;
    emit(this, "query-change", { changes: { view: view === usual ? "" : view, from: "", to: "", line: "" } });
  }

  #tabKey(event) {
    const tab = tabFor(event.key, this);
    if (!tab) return;
    event.preventDefault();
    tab.focus();
    this.#choose(tab.dataset.tab);
  }

  #wrap(isWrapped, isChosen) {
    this.toggleAttribute("data-wrap", isWrapped);
    this.querySelector(".wrap")?.setAttribute("aria-pressed", String(isWrapped));
    if (isChosen) remember("wrap", isWrapped ? "yes" : "no");
  }
}

/** Make the element known. */
export function register() {
  define("artifact-viewer", ArtifactViewer);
}
