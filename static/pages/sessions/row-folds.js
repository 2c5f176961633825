/** Which parts of a transcript's rows are unfolded, and their whole texts where those were asked for. By the line of the log. */
/** @import {Part, Row} from "./types.js" */

export class RowFolds {
  /** The numbers of unfolded parts as ",0,2,". @type {Map<number, string>} */
  #open = new Map();
  /** @type {Map<number, Part[]>} */
  #whole = new Map();

  /** Another transcript: all are folded. */
  clear() {
    this.#open.clear();
    this.#whole.clear();
  }

  /** Lines from this one on may have changed: forget their whole texts. @param {number} from */
  expire(from) {
    for (const line of this.#whole.keys()) if (line >= from) this.#whole.delete(line);
  }

  /** The numbers of unfolded parts as ",0,2,". @param {number} line */
  openOf(line) {
    return this.#open.get(line) ?? ",";
  }

  /** The parts with whole texts, if they are known. @param {number} line */
  wholeOf(line) {
    return this.#whole.get(line) ?? null;
  }

  /** @param {number} line @param {number} part */
  toggle(line, part) {
    const open = this.openOf(line);
    this.#open.set(line, open.includes(`,${part},`) ? open.replace(`${part},`, "") : `${open}${part},`);
  }

  /** Unfold all parts of a row, or fold them if they are. @param {Row} row */
  toggleAll({ line, parts }) {
    const all = `,${parts.map((_, index) => index).join(",")},`;
    this.#open.set(line, this.openOf(line) === all ? "," : all);
  }

  /**
   * Unfold a part with its whole text, which `load()` gives.
   * @param {number} line
   * @param {number} part
   * @param {() => Promise<Row | void>} load
   */
  async showWhole(line, part, load) {
    if (!this.openOf(line).includes(`,${part},`)) this.toggle(line, part);
    if (this.#whole.has(line)) return;
    const row = await load();
    if (row) this.#whole.set(line, row.parts);
  }
}
