/**
 * A part of the costs page that is a picture with its legend and its table. What extends it has `frame()`, its markup, and
 * `drawing(isHidden)`: `{chart: (ink) → what Chart.js is given, summary}` without the names that are hidden.
 */
/** @import {Markup} from "../../lib/types.js" */
/** @import {Drawing, IsHidden, LegendEntry, Table} from "./types.js" */
import { one } from "../../lib/dom.js";
import { render } from "../../lib/html.js";
import { Legend } from "./legend.js";
import { TableOf } from "./picture-frame.js";
import { showProblem } from "../../ui/panel.js";
import { Picture } from "./picture.js";

export class PicturePanel extends HTMLElement {
  /** @type {Picture} */
  #picture = /** @type {any} */ (null); // until it is connected
  /** @type {Legend} */
  #legend = /** @type {any} */ (null);
  /** @type {TableOf} */
  #table = /** @type {any} */ (null);

  connectedCallback() {
    render(this, this.frame());
    this.#picture = new Picture(one(this, "canvas"));
    this.#legend = new Legend(one(this, ".legend"), () => this.#draw());
    this.#table = new TableOf(one(this, ".as-table"));
  }

  /** @abstract @returns {Markup} */
  frame() {
    throw new TypeError("no frame");
  }

  /** @abstract @param {IsHidden} _isHidden @returns {Drawing} */
  drawing(_isHidden) {
    throw new TypeError("no drawing");
  }

  /** The picture was drawn anew. @abstract */
  drawn() {}

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    showProblem(this, error);
  }

  /**
   * Show what came: whether there are no calls in it, the entries of the legend, the table.
   * @param {{isEmpty: boolean, legend: LegendEntry[], table: Table}} shown
   */
  showData({ isEmpty, legend, table }) {
    showProblem(this, null);
    one(this, ".picture-empty").hidden = !isEmpty;
    this.#legend.show(legend);
    this.#draw();
    this.#table.show(table);
  }

  /** The picture, for what is laid over it. */
  get picture() {
    return this.#picture;
  }

  #draw() {
    const { chart, summary } = this.drawing((name) => this.#legend.isHidden(name));
    this.#picture.show(chart, summary).then(() => this.drawn(), (error) => showProblem(this, error));
  }
}
