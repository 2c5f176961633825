/** What a tab of a job shows beside its log: `job-part`. Asked for when it is opened, and again when something happened. */
import { define, delegate, emit } from "../../lib/dom.js";
import { render } from "../../lib/html.js";
import { lazily } from "../../lib/lazy.js";
import { atMostEvery } from "../../lib/signals.js";
import { state } from "../../ui/state.js";
import * as api from "./api.js";
/** @import {Job, Markup, Run} from "../../lib/types.js" */

const AGAIN_MS = 1_000;
const loadParts = lazily(() => import("./parts.js"), import.meta.resolve("./parts.js"));

export class JobPart extends HTMLElement {
  /** @type {Job | null} */
  #job = null;
  /** @type {Run[]} */
  #runs = [];
  #tab = "";
  #asked = "";
  #shown = "";

  /** Ask again, soon. */
  again = atMostEvery(AGAIN_MS, () => this.#load());

  connectedCallback() {
    delegate(this, "click", "[data-answer]", (_, /** @type {HTMLButtonElement} */ button) => this.#answer(button));
    delegate(this, "click", ".again-stages", () => this.#load());
    this.addEventListener("submit", (event) => this.#compare(event));
  }

  /** @param {Job} job @param {Run[]} runs @param {string} tab */
  show(job, runs, tab) {
    const isOther = this.hidden || tab !== this.#tab || job.id !== this.#job?.id;
    Object.assign(this, { hidden: false });
    this.#job = job;
    this.#runs = runs;
    this.#tab = tab;
    if (isOther) this.#load();
    else if (tab === "runs" || tab === "files" || tab === "agent") this.again();
  }

  async #load() {
    const [tab, job] = [this.#tab, this.#job];
    if (this.hidden || !job) return;
    const asked = `${job.id} ${tab}`;
    if (asked !== this.#asked) this.#put("", state({ isWaiting: true, text: "Loading…" }));
    this.#asked = asked;
    const markup = await loadParts()
      .then(({ PARTS }) => PARTS[tab](job, this.#runs))
      .catch((error) => state({ name: "part-failed", sign: "alert", isAlert: true, isPart: true, title: "It cannot be shown", text: error.message }));
    if (asked === this.#asked) this.#put(asked, markup);
  }

  /**
   * What is shown already stays as it is, with the focus that it may have.
   * @param {string} asked
   * @param {Markup} markup
   */
  #put(asked, markup) {
    if (this.#shown === asked + markup.text) return;
    this.#shown = asked + markup.text;
    render(this, markup);
  }

  /** @param {HTMLButtonElement} button */
  async #answer(button) {
    const { fact = "", digest = "", answer } = button.dataset;
    button.disabled = true;
    try {
      await api.answerFact(fact, answer === "accept" ? "accept" : "decline", digest);
    } catch (error) {
      emit(this, "toast", { tone: "bad", title: "The answer was not taken", text: /** @type {Error} */ (error).message });
    }
    button.disabled = false;
    this.again();
  }

  /** @param {SubmitEvent} event */
  #compare(event) {
    if (!(event.target instanceof HTMLFormElement)) return;
    event.preventDefault();
    const chosen = new FormData(event.target).getAll("run").map(String);
    if (chosen.length === 2) emit(this, "page-open", { page: "jobs", item: this.#job?.id, query: { left: chosen[1], right: chosen[0] } });
    else emit(this, "toast", { tone: "warn", title: "Choose two runs", text: `You have chosen ${chosen.length}.`, key: "compare" });
  }
}

/** Make the element known. */
export function register() {
  define("job-part", JobPart);
}
