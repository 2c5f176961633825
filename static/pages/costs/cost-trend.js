/**
 * What was spent over time, as lines: by model, agent, task, project or all in one. Emits `query-change {changes}` when the
 * user chooses otherwise.
 */
import { define, delegate, emit } from "../../lib/dom.js";
import { sentenceCase } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { bucketName } from "../../lib/zone.js";
import { addUp, amountAt, amountOf, amountText } from "./amounts.js";
import { BY, seriesName } from "./naming.js";
import { panel, pictureFrame } from "../../ui/panel.js";
import { PicturePanel } from "./picture-panel.js";
import { stylesOf } from "./series-styles.js";
import { lines, summary } from "./trend-lines.js";

const BUCKETS = ["hour", "day", "month"];

export class CostTrend extends PicturePanel {
  #trends = null;

  connectedCallback() {
    super.connectedCallback();
    delegate(this, "change", "select", (_, { name, value }) =>
      emit(this, "query-change", { changes: { [name]: value } }),
    );
  }

  /** What is chosen: `{by, bucket}`, and in which `buckets` the range can be shown. */
  set choice({ by, bucket, buckets }) {
    this.querySelector("select[name=by]").value = by;
    const select = this.querySelector("select[name=bucket]");
    for (const option of select.options) option.disabled = !buckets.includes(option.value);
    select.value = bucket;
  }

  /** The answer of the service about the trend. */
  set trends(trends) {
    this.#trends = { ...trends, series: trends.series.map((one) => ({ ...one, name: seriesName(trends.by, one) })) };
    const { by, series, bucket, buckets } = this.#trends;
    const styles = stylesOf(by, series);
    series.forEach((one, index) => Object.assign(one, { style: styles[index], total: amountOf(one) }));
    this.showData({
      isEmpty: !series.some(({ calls }) => calls.some((count) => count > 0)),
      legend: series.map(({ name, style, total }) => ({ name, style, amount: amountText(total) })),
      table: {
        caption: `Cost per ${bucket}${by ? ` by ${by}` : ""}`,
        heads: [sentenceCase(bucket), ...series.map(({ name }) => name), ...(series.length > 1 ? ["Together"] : [])],
        rows: buckets.map((start, at) => {
          const amounts = series.map((one) => amountAt(one, at));
          const together = series.length > 1 ? [addUp(amounts)] : [];
          return [bucketName(bucket, start, true), ...[...amounts, ...together].map(amountText)];
        }),
      },
    });
  }

  frame() {
    const choice = (name, label, options) =>
      html`<select class="pill" name="${name}" data-testid="trend-${name}" aria-label="${label}">
        ${options.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
      </select>`;
    const bys = [["none", "All in one"], ...BY.map((by) => [by, `By ${by}`])];
    const buckets = BUCKETS.map((bucket) => [bucket, `Per ${bucket}`]);
    return panel({
      name: "trend",
      title: "Cost over time",
      controls: html`${choice("by", "Grouped by", bys)}${choice("bucket", "Per hour, day or month", buckets)}`,
      body: pictureFrame({ name: "trend" }),
    });
  }

  drawing(isHidden) {
    const shown = this.#trends.series.filter(({ name }) => !isHidden(name));
    return { chart: (ink) => lines(this.#trends, shown, ink), summary: summary(this.#trends, shown) };
  }
}

/** Make the element known. */
export function register() {
  define("cost-trend", CostTrend);
}
