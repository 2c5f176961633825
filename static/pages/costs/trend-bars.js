/** The bars of the cost trend for Chart.js, stacked, with their total over them; and the same as text. */
/** @import {Bucket, ChartConfig, Ink, Line, Point, SeriesBefore, ShownTrends} from "./types.js" */
import { visible } from "../../lib/hidden.js";
import { axisMoney, money, percent, plural } from "../../lib/format.js";
import { bucketName } from "../../lib/zone.js";
import { addUp, amountAt, amountOf, amountText } from "./amounts.js";
import { axes, tooltip } from "./picture.js";
import { stackTotals } from "./stack-totals.js";

const WHOLE_FROM = 10; // over a bar there is little room
const BEFORE = "The range before";

/**
 * `{type, data, options}`: a bar for each step of time, a part of it for each of the series; what is unknown is not in it.
 * @param {ShownTrends} trends
 * @param {Line[]} series
 * @param {Ink} ink
 * @returns {ChartConfig}
 */
export function bars({ bucket, buckets, before }, series, ink) {
  const totals = buckets.map((_, at) => addUp(series.map((one) => amountAt(one, at))).cost_usd);
  return {
    type: "bar",
    data: {
      labels: buckets.map((start) => bucketName(bucket, start)),
      datasets: [...series.map((one) => part(one, ink)), ...(before ? [outline(before, buckets.length, ink)] : [])],
    },
    options: {
      scales: axes(ink, { format: axisMoney, stacked: true }),
      plugins: { legend: { display: false }, tooltip: tooltip(ink, {}, { ...tooltipOf(bucket, buckets, series, before) }) },
    },
    plugins: [stackTotals(totals.map((total) => (total ? axisMoney(total >= WHOLE_FROM ? Math.round(total) : total) : "")), ink["text-soft"])],
  };
}

/**
 * The picture in a sentence or two.
 * @param {ShownTrends} trends
 * @param {Line[]} series
 */
export function summary({ bucket, buckets, by, before }, series) {
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
  if (before) parts.push(`${BEFORE}, from ${bucketName(bucket, before.from, true)}, is a dashed line: ${amountText(amountOf(before.series))}.`);
  return parts.join(" ");
}

/**
 * @param {Line} line
 * @param {Ink} ink
 */
function part({ name, style, cost_usd, total }, ink) {
  return {
    label: visible(name),
    // Of what is unknown altogether there is no part, nor one of zero.
    data: total.cost_usd === null ? cost_usd.map(() => null) : cost_usd,
    stack: "now",
    backgroundColor: ink[style.colour],
    borderColor: ink.surface,
    borderWidth: { top: 1 },
    maxBarThickness: 36,
    borderRadius: 2,
  };
}

/**
 * The range before, as a faint line of steps; it may have fewer or more buckets than there are places.
 * @param {SeriesBefore} before
 * @param {number} places
 * @param {Ink} ink
 */
function outline({ series }, places, ink) {
  return {
    type: "line",
    label: BEFORE,
    data: Array.from({ length: places }, (_, at) => series.cost_usd[at] ?? null),
    stack: "before",
    stepped: "middle",
    borderColor: ink["text-faint"],
    borderWidth: 1.5,
    borderDash: [3, 3],
    pointRadius: 0,
    pointHitRadius: 0,
    order: -1,
  };
}

/**
 * @param {Bucket} bucket
 * @param {string[]} buckets
 * @param {Line[]} series
 * @param {SeriesBefore | null} before
 */
function tooltipOf(bucket, buckets, series, before) {
  return {
    filter: (/** @type {Point} */ { datasetIndex, dataIndex }) => series[datasetIndex]?.calls[dataIndex] > 0,
    itemSort: (/** @type {Point} */ a, /** @type {Point} */ b) => (b.raw ?? -1) - (a.raw ?? -1),
    callbacks: {
      title: (/** @type {Point[]} */ [item]) => (item ? bucketName(bucket, buckets[item.dataIndex], true) : ""),
      label: (/** @type {Point} */ { dataset, datasetIndex, dataIndex }) =>
        ` ${dataset.label}: ${amountText(amountAt(series[datasetIndex], dataIndex))}`,
      footer: (/** @type {Point[]} */ items) => (items.length ? footer(series, items[0].dataIndex) + footerBefore(bucket, before, items[0].dataIndex) : ""),
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

/**
 * @param {Bucket} bucket
 * @param {SeriesBefore | null} before
 * @param {number} at
 */
function footerBefore(bucket, before, at) {
  const start = before?.buckets[at];
  if (!before || start === undefined) return "";
  return `\nBefore, ${bucketName(bucket, start, true)}: ${amountText(amountAt(before.series, at))}`;
}
