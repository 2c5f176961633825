/**
 * What was spent over time, as stacked bars: by model, agent, task, project or all in one. Emits `query-change {changes}` when the
 * user selects otherwise.
 */
/** @import {Choice} from "../../ui/select.js" */
/** @import {Bucket, Drawing, IsHidden, Series, ShownTrends, Trends} from "./types.js" */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { sentenceCase } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { bucketName } from "../../lib/zone.js";
import { addUp, amountAt, amountOf, amountText } from "./amounts.js";
import { BY, seriesName } from "./naming.js";
import { panel } from "../../ui/panel.js";
import { select } from "../../ui/select.js";
import { pictureFrame } from "./picture-frame.js";
import { PicturePanel } from "./picture-panel.js";
import { stylesOf } from "./series-styles.js";
import { bars, summary } from "./trend-bars.js";

/** @type {Bucket[]} */
const BUCKETS = ["hour", "day", "month"];

export class CostTrend extends PicturePanel {
  /** @type {ShownTrends | null} */
  #trends = null;

  connectedCallback() {
    super.connectedCallback();
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
      isEmpty: !series.some(({ calls }) => calls.some((count) => count > 0)),
      legend: series.map(({ name, style, total }) => ({ name, style, amount: amountText(total) })),
      table: {
        caption: `Cost per ${bucket}${by ? ` by ${by}` : ""}`,
        heads: [sentenceCase(bucket), ...(series.length > 1 ? ["Total"] : []), ...series.map(({ name }) => name)],
        rows: buckets.map((start, at) => {
          const amounts = series.map((each) => amountAt(each, at));
          const total = series.length > 1 ? [addUp(amounts)] : [];
          return [bucketName(bucket, start, true), ...[...total, ...amounts].map(amountText)];
        }),
      },
    });
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
    return { chart: (ink) => bars(trends, shown, ink), summary: summary(trends, shown) };
  }
}

/** Make the element known. */
export function register() {
  define("cost-trend", CostTrend);
}
