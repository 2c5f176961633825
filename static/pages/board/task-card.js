/** One card of the board. `show({record, dependencies, files, quiet, cost, evidence, width})` draws it; the board listens for clicks. */
import { define, one } from "../../lib/dom.js";
import { render } from "../../lib/html.js";
import { showCost, showEvidence, titleLines } from "./card-facts.js";
import { fitFoot } from "./card-foot.js";
import { TAGS_SHOWN, broken, whole } from "./card-markup.js";
import { showStatus } from "./card-status.js";
/** @import {DependencyState, TaskRecord} from "../../lib/types.js" */
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
   * `evidence` what was found of its artefacts (undefined: not checked yet), `width` decides how many lines a title has.
   * @param {CardFacts & {record: TaskRecord, width: number}} facts
   */
  show({ record, dependencies, files, quiet, cost, evidence, width }) {
    const isNew = this.#draw(record, dependencies, files, titleLines(record, width));
    showStatus(this.querySelector(".card-status"), record, quiet);
    showCost(one(this, ".card-cost"), cost);
    showEvidence(this.querySelector(".card-evidence"), evidence, record.task);
    if (isNew || this.#width !== width) fitFoot(one(this, ".card-foot"), record.task.error ? [] : record.task.tags.slice(TAGS_SHOWN));
    this.#width = width;
  }

  /**
   * @param {TaskRecord} record
   * @param {DependencyState} dependencies
   * @param {number} files
   * @param {number} lines
   */
  #draw(record, dependencies, files, lines) {
    const shown = `${lines} ${files} ${JSON.stringify(dependencies)}`;
    if (this.record === record && this.#shown === shown) return false;
    this.record = record;
    this.#shown = shown;
    const hadFocus = this.contains(document.activeElement);
    const tabIndex = this.focusTarget?.tabIndex ?? -1;
    this.#label(record, lines);
    render(this, record.task.error ? broken(record, files) : whole(record, files, dependencies));
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
  #label({ task, lane, path, isDuplicate }, lines) {
    this.dataset.testid = task.error ? "card-broken" : "card";
    this.dataset.taskId = task.id;
    this.dataset.path = path;
    this.dataset.lane = lane;
    this.dataset.lines = String(lines);
    this.dataset.priority = task.error ? "broken" : task.priority;
    this.toggleAttribute("data-duplicate", isDuplicate);
  }
}

/** Make the element known. */
export function register() {
  define("task-card", TaskCard);
}
