/** Tables whose columns sort: a head is a button, pressed again it turns the order round, and once more as it came. */
import { delegate } from "../lib/dom.js";
import { html } from "../lib/html.js";

/** What an item is sorted by; null is unknown and comes last. @typedef {string | number | null | undefined} Value */

/** The heads of a table of which one is pressed. */
export class SortHeads {
  /** The pressed column; null: the order as it came. @type {string | null} */
  name = null;
  isDown = true;
  #root;

  /**
   * `root` has the heads made by `sortHead`; `onChange()` is called for another order.
   * @param {HTMLElement} root
   * @param {() => void} onChange
   */
  constructor(root, onChange) {
    this.#root = root;
    delegate(root, "click", ".sort", (_, { dataset }) => {
      this.#press(dataset.by ?? "");
      onChange();
    });
  }

  /**
   * Show an order that comes from elsewhere.
   * @param {string | null} name
   * @param {boolean} isDown
   */
  set(name, isDown) {
    this.name = name;
    this.isDown = isDown;
    for (const head of this.#root.querySelectorAll("th[aria-sort]")) {
      const isSorted = head.querySelector(".sort")?.getAttribute("data-by") === name;
      head.setAttribute("aria-sort", !isSorted ? "none" : isDown ? "descending" : "ascending");
    }
  }

  /** @param {string} name */
  #press(name) {
    // Figures are wanted from the largest, names from the first: both are the first press.
    const isFirst = name !== this.name;
    const first = this.#root.querySelector(`.sort[data-by="${name}"]`)?.hasAttribute("data-number") ?? true;
    if (!isFirst && this.isDown !== first) this.set(null, true);
    else this.set(name, isFirst ? first : !this.isDown);
  }
}

/**
 * A table that has all its items, and sorts them by itself.
 * @template Item
 */
export class Sorting extends SortHeads {
  #values;

  /**
   * `values` are what each column is sorted by.
   * @param {HTMLElement} root
   * @param {Record<string, (item: Item) => Value>} values
   * @param {() => void} onChange
   */
  constructor(root, values, onChange) {
    super(root, onChange);
    this.#values = values;
  }

  /**
   * The items in the order of the pressed column; as they are if there is none.
   * @param {Item[]} items
   */
  sorted(items) {
    if (this.name === null) return items;
    const valueOf = this.#values[this.name];
    const sign = this.isDown ? -1 : 1;
    return [...items].sort((a, b) => compared(valueOf(a), valueOf(b), sign));
  }
}

/**
 * The head of a column.
 * @param {{name: string, label: string, isNumber?: boolean, title?: string}} column
 */
export function sortHead({ name, label, isNumber = false, title = "" }) {
  return html`<th scope="col" class="c-${name}" aria-sort="none"><button type="button" class="sort" data-by="${name}" ${isNumber ? html`data-number` : null} title="${title || `Sort by ${label.toLowerCase()}`}">${label}</button></th>`;
}

/**
 * @param {Value} a
 * @param {Value} b
 * @param {number} sign
 */
function compared(a, b, sign) {
  if (a === null || a === undefined || b === null || b === undefined) return Number(a === null || a === undefined) - Number(b === null || b === undefined);
  if (typeof a === "string" && typeof b === "string") return sign * natural.compare(a, b);
  return sign * (Number(a) - Number(b));
}

const natural = new Intl.Collator("en", { numeric: true });
