/** The lines of the cost trend for Chart.js, and the same as text. */
/** @import {Bucket, ChartConfig, Ink, Line, Point, ShownTrends} from "./types.js" */
import { money, percent, plural } from "../../lib/format.js";
import { bucketName } from "../../lib/zone.js";
import { addUp, amountAt, amountText } from "./amounts.js";
import { axes, tooltip } from "./picture.js";

const MOST_POINTS = 45; // beyond that, points would hide the line

/**
 * `{type, data, options}`: a line for each of the series; what is unknown leaves a gap.
 * @param {ShownTrends} trends
 * @param {Line[]} series
 * @param {Ink} ink
 * @returns {ChartConfig}
 */
export function lines({ bucket, buckets }, series, ink) {
  return {
    type: "line",
    data: {
      labels: buckets.map((start) => bucketName(bucket, start)),
      datasets: series.map((one) => line(one, ink, series.length === 1, buckets.length)),
    },
    options: {
      scales: axes(ink, { format: money }),
      plugins: { legend: { display: false }, tooltip: tooltip(ink, {}, { ...tooltipOf(bucket, buckets, series) }) },
    },
  };
}

/**
 * The picture in a sentence or two.
 * @param {ShownTrends} trends
 * @param {Line[]} series
 */
export function summary({ bucket, buckets, by }, series) {
  if (series.length === 0 || buckets.length === 0) return "Cost over time: nothing to show.";
  const sums = buckets.map((_, at) => addUp(series.map((one) => amountAt(one, at))).cost_usd);
  const { cost_usd: total, unpriced } = addUp(series.map((one) => one.total));
  const span = `${bucketName(bucket, buckets[0], true)} to ${bucketName(bucket, buckets[buckets.length - 1], true)}`;
  const parts = [`Cost per ${bucket}${by ? ` by ${by}` : ""}, ${span}: ${total === null ? "no known cost" : `${money(total)} together`}.`];
  const highest = sums.indexOf(Math.max(...sums.map((sum) => sum ?? -1)));
  if (total) parts.push(`Most in ${bucketName(bucket, buckets[highest], true)}: ${money(sums[highest])}.`);
  const first = series[0];
  if (by && total && first.total.cost_usd) parts.push(`Most by ${first.name}: ${percent(first.total.cost_usd / total)}.`);
  if (unpriced) parts.push(`${plural(unpriced, "call")} unpriced and not in it.`);
  return parts.join(" ");
}

/**
 * @param {Line} line
 * @param {Ink} ink
 * @param {boolean} isAlone
 * @param {number} length
 */
function line({ name, style, cost_usd, total }, ink, isAlone, length) {
  const colour = ink[style.colour];
  return {
    label: name,
    // Of what is unknown altogether no line is drawn, nor one at zero between its calls.
    data: total.cost_usd === null ? cost_usd.map(() => null) : cost_usd,
    borderColor: colour,
    backgroundColor: isAlone ? faded(colour) : colour,
    pointBackgroundColor: colour,
    pointBorderColor: colour,
    borderDash: style.dash,
    borderWidth: 2,
    pointStyle: style.shape,
    pointRadius: length <= MOST_POINTS ? 3.5 : 0,
    pointHoverRadius: 5,
    pointHitRadius: 12,
    cubicInterpolationMode: "monotone",
    fill: isAlone,
  };
}

/**
 * @param {Bucket} bucket
 * @param {string[]} buckets
 * @param {Line[]} series
 */
function tooltipOf(bucket, buckets, series) {
  return {
    filter: (/** @type {Point} */ { datasetIndex, dataIndex }) => series[datasetIndex].calls[dataIndex] > 0,
    itemSort: (/** @type {Point} */ a, /** @type {Point} */ b) => (b.raw ?? -1) - (a.raw ?? -1),
    callbacks: {
      title: (/** @type {Point[]} */ [item]) => (item ? bucketName(bucket, buckets[item.dataIndex], true) : ""),
      label: (/** @type {Point} */ { dataset, datasetIndex, dataIndex }) =>
        ` ${dataset.label}: ${amountText(amountAt(series[datasetIndex], dataIndex))}`,
      footer: (/** @type {Point[]} */ items) => (items.length ? footer(series, items[0].dataIndex) : ""),
    },
  };
}

/**
 * @param {Line[]} series
 * @param {number} at
 */
function footer(series, at) {
  const together = addUp(series.map((one) => amountAt(one, at)));
  return `${amountText(together)}, ${plural(together.calls, "call")}`;
}

/** @param {string} colour */
function faded(colour) {
  return colour.replace(/^rgb\((.*)\)$/, "rgba($1, 0.12)");
}
