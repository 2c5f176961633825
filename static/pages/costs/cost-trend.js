/**
 * What was spent over time, as stacked bars: by model, agent, task, project or all in one, and the range before as a dashed
 * line. Emits `query-change {changes}` when the user selects otherwise; a range of bars that is selected, and the calls of a bar,
 * are addresses of their own, so that the way back of the browser leads back.
 */
/** @import {Choice} from "../../ui/select.js" */
/** @import {BarPicker, Bars} from "./bar-picker.js" */
/** @import {Amount, Bucket, Drawing, IsHidden, Line, Query, Series, ShownTrends, Trends} from "./types.js" */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { plural, sentenceCase } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { bucketName } from "../../lib/zone.js";
import { lazily } from "../../lib/lazy.js";
import { addUp, amountAt, amountOf, amountText } from "./amounts.js";
import { callsLink } from "./calls-link.js";
import { BY, NONE, seriesName } from "./naming.js";
import { bucketEnd, bucketStart, zoomedIn } from "./range.js";
import { panel } from "../../ui/panel.js";
import { select } from "../../ui/select.js";
import { pictureFrame } from "./picture-frame.js";
import { PicturePanel } from "./picture-panel.js";
import { stylesOf } from "./series-styles.js";
import { bars, summary } from "./trend-bars.js";

const loadPicker = lazily(() => import("./bar-picker.js"), import.meta.resolve("./bar-picker.js"));
/** @type {Bucket[]} */
const BUCKETS = ["hour", "day", "month"];

export class CostTrend extends PicturePanel {
  /** @type {ShownTrends | null} */
  #trends = null;
  /** Those that are not left out, from the bottom of the bars up. @type {Line[]} */
  #shown = [];
  /** @type {Promise<BarPicker> | null} */
  #picker = null;
  /** The present query, for links. @type {Query} */
  query = {};

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener("bars-select", ({ detail: { from, to } }) => this.#zoomIn(from, to));
    this.addEventListener("bar-open", ({ detail: { at, part } }) => {
      location.hash = this.#callsOf(at, part === null ? null : this.#shown[part]);
      emit(this, "to-calls");
    });
    delegate(this, "change", "select", (_, /** @type {HTMLSelectElement} */ { name, value }) =>
      emit(this, "query-change", { changes: { [name]: value } }),
    );
  }

  /**
   * What is selected: `{by, bucket}`, and in which `buckets` the range can be shown.
   * @param {{by: string, bucket: Bucket, buckets: Bucket[]}} choice
   */
  set choice({ by, bucket, buckets }) {
    /** @type {HTMLSelectElement} */ (one(this, "select[name=by]")).value = by;
    /** @type {HTMLSelectElement} */
    const list = one(this, "select[name=bucket]");
    for (const option of list.options) option.disabled = !buckets.includes(/** @type {Bucket} */ (option.value));
    list.value = bucket;
  }

  /** The answer of the service about the trend. @param {Trends} trends */
  set trends(trends) {
    const { by, bucket, buckets } = trends;
    const styles = stylesOf(by, trends.series);
    const lineOf = (/** @type {Series} */ each, /** @type {number} */ index) => ({
      ...each,
      name: seriesName(by, each),
      style: styles[index],
      total: amountOf(each),
    });
    const series = trends.series.map(lineOf);
    this.#trends = { ...trends, series };
    this.showData({
      isEmpty: !this.#hasCalls(),
      legend: series.map(({ name, style, total }) => ({ name, style, amount: amountText(total) })),
      table: {
        caption: `Cost per ${bucket}${by ? ` by ${by}` : ""}`,
        heads: [sentenceCase(bucket), ...(series.length > 1 ? ["Total"] : []), ...series.map(({ name }) => name)],
        rows: buckets.map((start, at) => {
          const amounts = series.map((each) => amountAt(each, at));
          const total = series.length > 1 ? [addUp(amounts)] : [];
          const links = [...(series.length > 1 ? [null] : []), ...series].map((each) => this.#callsOf(at, each));
          return [bucketName(bucket, start, true), ...[...total, ...amounts].map((amount, place) => figure(amount, links[place]))];
        }),
      },
    });
  }

  /** What selects bars is loaded when there are some. */
  async drawn() {
    if (!this.#hasCalls()) return;
    this.#picker ??= loadPicker().then(({ newPicker }) => {
      const picker = newPicker();
      one(this, ".canvas-box").append(picker);
      picker.follow(one(this, "canvas"));
      return picker;
    });
    const picker = await this.#picker.catch(() => (this.#picker = null)); // the next picture tries again
    if (picker) picker.bars = this.#bars(/** @type {ShownTrends} */ (this.#trends), this.#shown);
  }

  #hasCalls() {
    return this.#trends?.series.some(({ calls }) => calls.some((count) => count > 0)) ?? false;
  }

  /**
   * @param {ShownTrends} trends
   * @param {Line[]} shown
   * @returns {Bars}
   */
  #bars({ bucket, buckets }, shown) {
    const nameOf = (/** @type {number} */ at) => bucketName(bucket, buckets[at], true);
    const sumOf = (/** @type {number} */ from, /** @type {number} */ to) =>
      addUp(shown.flatMap((each) => Array.from({ length: to - from + 1 }, (_, place) => amountAt(each, from + place))));
    return {
      count: buckets.length,
      parts: shown.length,
      places: () => this.picture.places(),
      textOf: (at, part) => {
        const amount = part === null ? sumOf(at, at) : amountAt(shown[part], at);
        return `${nameOf(at)}${part === null ? "" : `, ${shown[part].name}`}: ${amountText(amount)}, ${plural(amount.calls, "call")}`;
      },
      spanText: (from, to) => `${nameOf(from)} to ${nameOf(to)}: ${amountText(sumOf(from, to))}`,
      partAt: (at, value) => partAt(shown.map((each) => each.cost_usd[at] ?? 0), value),
    };
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #zoomIn(from, to) {
    const { bucket, buckets } = /** @type {ShownTrends} */ (this.#trends);
    const inner = { from: bucketStart(bucket, buckets[from]), to: bucketEnd(bucket, buckets[to], buckets[to + 1]) };
    location.hash = address({ page: "costs", query: { ...this.query, ...zoomedIn(this.query, inner), show: "", since: "", until: "" } });
  }

  /**
   * The address of the calls of a bar, or of a part of it. "Others" are no name to filter by: then all of the bar.
   * @param {number} at
   * @param {Line | null} line
   */
  #callsOf(at, line) {
    const { by, bucket, buckets } = /** @type {ShownTrends} */ (this.#trends);
    const named = by && line && !line.other ? { [by]: line.key ?? NONE } : {};
    return callsLink(this.query, { ...named, since: bucketStart(bucket, buckets[at]), until: bucketEnd(bucket, buckets[at], buckets[at + 1]) });
  }

  frame() {
    /** @type {Choice[]} */
    const bys = [["none", "All in one"], ...BY.map((by) => /** @type {Choice} */ ([by, `By ${by}`]))];
    const buckets = BUCKETS.map((bucket) => /** @type {Choice} */ ([bucket, `Per ${bucket}`]));
    return panel({
      name: "trend",
      title: "Cost over time",
      controls: html`${select({ name: "by", label: "Grouped by", testid: "trend-by", choices: bys })}${select({ name: "bucket", label: "Per hour, day or month", testid: "trend-bucket", choices: buckets })}`,
      body: pictureFrame({ name: "trend" }),
    });
  }

  /** @param {IsHidden} isHidden @returns {Drawing} */
  drawing(isHidden) {
    const trends = /** @type {ShownTrends} */ (this.#trends);
    const shown = trends.series.filter(({ name }) => !isHidden(name));
    this.#shown = shown;
    return { chart: (ink) => bars(trends, shown, ink), summary: summary(trends, shown) };
  }
}

/** Make the element known. */
export function register() {
  define("cost-trend", CostTrend);
}

/**
 * An amount of the table; where there are calls, it leads to them.
 * @param {Amount} amount
 * @param {string} href
 */
function figure(amount, href) {
  return amount.calls ? html`<a href="${href}">${amountText(amount)}</a>` : amountText(amount);
}

/**
 * Which of the stacked values a height is in; null above and below them.
 * @param {number[]} values
 * @param {number} height
 */
function partAt(values, height) {
  let top = 0;
  for (const [at, value] of values.entries()) {
    top += value;
    if (height >= 0 && value > 0 && height <= top) return at;
  }
  return null;
}
