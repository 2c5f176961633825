/** One card of the board. `show({record, dependencies, files, quiet, cost, evidence, host, width})` draws it; the board listens for clicks. */
import { define, one } from "../../lib/dom.js";
import { render } from "../../lib/html.js";
import { showCost, showEvidence, titleLines } from "./card-facts.js";
import { fitFoot } from "./card-foot.js";
import { TAGS_SHOWN, broken, whole } from "./card-markup.js";
import { showStatus } from "./card-status.js";
/** @import {DependencyState, Markup, TaskRecord} from "../../lib/types.js" */
/** @import {CardFacts} from "./types.js" */

export class TaskCard extends HTMLElement {
  /** @type {TaskRecord} */
  record = /** @type {any} */ (null);
  /** @type {string | null} */
  #shown = null;
  #flash = "a";
  #width = 0; // for which the foot was fitted

  connectedCallback() {
    this.classList.add("card");
    this.setAttribute("role", "listitem");
    this.addEventListener("animationend", () => delete this.dataset.flash);
  }

  /**
   * Draw what has changed. `dependencies` is the board's count, `files` how many have its id, `quiet` since when nothing happened, `cost` what its calls have cost (undefined: none),
   * `evidence` what was found of its artefacts (undefined: not checked yet), `width` decides how many lines a title has: one if
   * `density` is "compact".
   * @param {CardFacts & {record: TaskRecord, width: number, density: string}} facts
   */
  show({ record, dependencies, files, quiet, cost, evidence, host = null, isOld = false, width, density }) {
    const isNew = this.#draw(record, { dependencies, files, host }, density === "compact" ? 1 : titleLines(record, width));
    showStatus(this.querySelector(".card-status"), record, quiet, isOld);
    this.toggleAttribute("data-old", isOld);
    showCost(one(this, ".card-cost"), cost);
    showEvidence(this.querySelector(".card-evidence"), evidence, record.task);
    const foot = /** @type {HTMLElement | null} */ (this.querySelector(".card-foot"));
    if (foot && density !== "compact" && (isNew || this.#width !== width)) fitFoot(foot, record.task.error ? [] : record.task.tags.slice(TAGS_SHOWN));
    this.#width = density === "compact" ? 0 : width;
  }

  /**
   * @param {TaskRecord} record
   * @param {{dependencies: DependencyState, files: number, host: Markup | null}} facts
   * @param {number} lines
   */
  #draw(record, { dependencies, files, host }, lines) {
    const shown = `${lines} ${files} ${JSON.stringify(dependencies)} ${host?.text}`;
    if (this.record === record && this.#shown === shown) return false;
    this.record = record;
    this.#shown = shown;
    const hadFocus = this.contains(document.activeElement);
    const tabIndex = this.focusTarget?.tabIndex ?? -1;
    this.#label(record, lines);
    render(this, record.task.error ? broken(record, files, host) : whole(record, files, dependencies, host));
    this.focusTarget.tabIndex = tabIndex;
    if (hadFocus) this.focusTarget.focus({ preventScroll: true });
    return true;
  }

  /** The link that has the focus when the card has it. */
  get focusTarget() {
    return /** @type {HTMLElement} */ (this.querySelector("[data-focus]"));
  }

  /** Let the eye find what has just changed. */
  flash() {
    this.#flash = this.#flash === "a" ? "b" : "a";
    this.dataset.flash = this.#flash;
  }

  /**
   * @param {TaskRecord} record
   * @param {number} lines
   */
  #label({ task, lane, path, isDuplicate, host }, lines) {
    this.dataset.testid = task.error ? "card-broken" : "card";
    this.dataset.taskId = task.id;
    this.dataset.path = path;
    this.dataset.lane = lane;
    this.dataset.lines = String(lines);
    this.dataset.priority = task.error ? "broken" : task.priority;
    if (host === undefined) delete this.dataset.host;
    else this.dataset.host = host;
    this.toggleAttribute("data-duplicate", isDuplicate);
  }
}

/** Make the element known. */
export function register() {
  define("task-card", TaskCard);
}
