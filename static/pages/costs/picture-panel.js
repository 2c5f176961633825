/**
 * A part of the costs page that is a picture with its legend and its table. What extends it has `frame()`, its markup, and
 * `drawing(isHidden)`: `{chart: (ink) → what Chart.js is given, summary}` without the names that are hidden.
 */
import { render } from "../../lib/html.js";
import { Legend } from "./legend.js";
import { TableOf, showProblem } from "../../ui/panel.js";
import { Picture } from "./picture.js";

export class PicturePanel extends HTMLElement {
  #picture;
  #legend;
  #table;

  connectedCallback() {
    render(this, this.frame());
    this.#picture = new Picture(this.querySelector("canvas"));
    this.#legend = new Legend(this.querySelector(".legend"), () => this.#draw());
    this.#table = new TableOf(this.querySelector(".as-table"));
  }

  /** What went wrong when it was asked for. */
  set problem(error) {
    showProblem(this, error);
  }

  /** Show what came: whether there are no calls in it, the entries of the legend, the table. */
  showData({ isEmpty, legend, table }) {
    showProblem(this, null);
    this.querySelector(".picture-empty").hidden = !isEmpty;
    this.#legend.show(legend);
    this.#draw();
    this.#table.show(table);
  }

  #draw() {
    const { chart, summary } = this.drawing((name) => this.#legend.isHidden(name));
    this.#picture.show(chart, summary);
  }
}
