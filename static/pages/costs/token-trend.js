/** Tokens over time, stacked: input, output, read from a cache, written to it. */
/** @import {Tokens} from "../../lib/types.js" */
/** @import {Drawing, Ink, IsHidden, Point, Style, Trends} from "./types.js" */
/** @typedef {{kind: keyof Tokens, name: string, style: Style}} Kind */
/** @typedef {Pick<Trends, "bucket" | "buckets"> & Record<keyof Tokens, number[]>} Sums */
import { define } from "../../lib/dom.js";
import { count, sentenceCase, tokens } from "../../lib/format.js";
import { bucketName } from "../../lib/zone.js";
import { panel } from "../../ui/panel.js";
import { pictureFrame } from "./picture-frame.js";
import { PicturePanel } from "./picture-panel.js";
import { axes, tooltip } from "./picture.js";

/** @type {Kind[]} */
const KINDS = [
  { kind: "cache_read", name: "Cache read", style: { colour: "tokens-cache-read" } },
  { kind: "cache_write", name: "Cache write", style: { colour: "tokens-cache-write" } },
  { kind: "input", name: "Input", style: { colour: "tokens-input" } },
  { kind: "output", name: "Output", style: { colour: "tokens-output" } },
];

export class TokenTrend extends PicturePanel {
  /** @type {Sums | null} */
  #sums = null;

  /** The answer of the service about the trend, however it is grouped. @param {Trends} trends */
  set trends(trends) {
    const sums = sumsOf(trends);
    this.#sums = sums;
    const { bucket, buckets } = sums;
    this.showData({
      isEmpty: !KINDS.some(({ kind }) => sums[kind].some((sum) => sum > 0)),
      legend: KINDS.map(({ kind, name, style }) => ({ name, style, amount: tokens(total(sums[kind])) })),
      table: {
        caption: `Tokens per ${bucket}`,
        heads: [sentenceCase(bucket), "Total", ...KINDS.map(({ name }) => name)],
        rows: buckets.map((start, at) => {
          const values = KINDS.map(({ kind }) => sums[kind][at]);
          return [bucketName(bucket, start, true), ...[total(values), ...values].map(count)];
        }),
      },
    });
  }

  frame() {
    return panel({ name: "tokens", title: "Tokens over time", body: pictureFrame({ name: "tokens" }) });
  }

  /** @param {IsHidden} isHidden @returns {Drawing} */
  drawing(isHidden) {
    const sums = /** @type {Sums} */ (this.#sums);
    const shown = KINDS.filter(({ name }) => !isHidden(name));
    return { chart: (ink) => bars(sums, shown, ink), summary: summary(sums, shown) };
  }
}

/** Make the element known. */
export function register() {
  define("token-trend", TokenTrend);
}

/** @param {Trends} trends @returns {Sums} */
function sumsOf({ bucket, buckets, series }) {
  const sumsOfKind = (/** @type {keyof Tokens} */ kind) =>
    buckets.map((_, at) => total(series.map((one) => one.tokens[kind][at])));
  const [input, output] = [sumsOfKind("input"), sumsOfKind("output")];
  return { bucket, buckets, input, output, cache_read: sumsOfKind("cache_read"), cache_write: sumsOfKind("cache_write") };
}

/** @param {number[]} numbers */
function total(numbers) {
  return numbers.reduce((sum, number) => sum + (number ?? 0), 0);
}

/**
 * @param {Sums} sums
 * @param {Kind[]} kinds
 * @param {Ink} ink
 */
function bars({ bucket, buckets, ...sums }, kinds, ink) {
  return {
    type: "bar",
    data: {
      labels: buckets.map((start) => bucketName(bucket, start)),
      datasets: kinds.map(({ kind, name, style }) => ({
        label: name,
        data: sums[kind],
        backgroundColor: ink[style.colour],
        borderColor: ink.surface,
        borderWidth: { top: 1 },
        maxBarThickness: 36,
        borderRadius: 2,
      })),
    },
    options: {
      scales: axes(ink, { format: tokens, stacked: true }),
      plugins: {
        legend: { display: false },
        tooltip: tooltip(
          ink,
          {},
          {
            filter: (/** @type {Point} */ { raw }) => raw > 0,
            callbacks: {
              title: (/** @type {Point[]} */ [item]) => (item ? bucketName(bucket, buckets[item.dataIndex], true) : ""),
              label: (/** @type {Point} */ { dataset, raw }) => ` ${dataset.label}: ${count(raw)}`,
            },
          },
        ),
      },
    },
  };
}

/**
 * @param {Sums} sums
 * @param {Kind[]} kinds
 */
function summary({ bucket, buckets, ...sums }, kinds) {
  if (buckets.length === 0) return "Tokens over time: nothing to show.";
  const span = `${bucketName(bucket, buckets[0], true)} to ${bucketName(bucket, buckets[buckets.length - 1], true)}`;
  return `Tokens per ${bucket}, ${span}: ${kinds.map(({ kind, name }) => `${name.toLowerCase()} ${tokens(total(sums[kind]))}`).join(", ")}.`;
}
