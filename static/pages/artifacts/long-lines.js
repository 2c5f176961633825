/** Lines that are longer than what is shown of them, a part at a time, and pointing out a line or a column in it. */
import { count } from "../../lib/format.js";
import { partsOf } from "../../lib/hidden.js";
import { goesOn } from "./code-lines.js";

/** @import {LinePart, TextSource} from "./types.js" */

const SHOWN_BEFORE = 200; // as the service does
const SHOWN = 2_000;

export class LongLines {
  #place;
  #file;

  /**
   * @param {HTMLElement} place
   * @param {TextSource} file
   */
  constructor(place, file) {
    this.#place = place;
    this.#file = file;
  }

  /**
   * Show another part of a line, which one of its buttons asks for.
   * @param {Element} button
   */
  async turn(button) {
    const line = /** @type {HTMLElement} */ (button.closest(".line"));
    const column = Number(/** @type {HTMLElement} */ (button).dataset.column);
    await this.#showPart(line, column === 1 ? 1 : column + SHOWN_BEFORE);
  }

  /**
   * Bring a line into view, and a column of it, from which `length` characters are marked.
   * @param {HTMLElement} line
   * @param {number} number
   * @param {number | null} column
   * @param {number} length
   */
  async point(line, number, column, length) {
    for (const old of this.#place.querySelectorAll("[data-target]")) old.removeAttribute("data-target");
    line.dataset.target = "";
    const isClipped = line.querySelector("button.clipped") !== null;
    if (column && isClipped && (column > SHOWN - SHOWN_BEFORE || line.dataset.from)) {
      const mark = await this.#showPart(line, column, length);
      if (mark) return mark.scrollIntoView({ block: "center", inline: "center" });
    }
    line.scrollIntoView({ block: "center", inline: "nearest" });
  }

  /**
   * @param {HTMLElement} line
   * @param {number} column
   * @param {number} [marked]
   */
  async #showPart(line, column, marked = 0) {
    const part = await this.#file.loadLine(Number(line.dataset.line), column);
    if (this.#file.signal.aborted) return null;
    const at = column - part.from_column;
    const { text } = part;
    const mark = document.createElement("mark");
    line.dataset.from = String(part.from_column);
    if (marked > 0 && at >= 0 && at < text.length) {
      mark.append(...partsOf(text.slice(at, at + marked)));
      line.replaceChildren(...partsOf(text.slice(0, at)), mark, ...partsOf(text.slice(at + marked)));
    } else line.replaceChildren(...partsOf(text));
    addButtons(line, part);
    return mark.isConnected ? mark : null;
  }
}

/**
 * @param {HTMLElement} line
 * @param {LinePart} part
 */
function addButtons(line, { from_column: from, text, follows }) {
  if (from > 1) {
    line.prepend(goesOn(1, "from the start"), goesOn(Math.max(1, from - SHOWN), `before column ${count(from)}`));
  }
  if (follows) line.append(goesOn(from + text.length));
}
