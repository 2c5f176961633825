/** Tokens over time, stacked: input, output, read from a cache, written to it. */
import { define } from "../../lib/dom.js";
import { count, sentenceCase, tokens } from "../../lib/format.js";
import { bucketName } from "../../lib/zone.js";
import { panel, pictureFrame } from "../../ui/panel.js";
import { PicturePanel } from "./picture-panel.js";
import { axes, tooltip } from "./picture.js";

const KINDS = [
  { kind: "cache_read", name: "Cache read", style: { colour: "tokens-cache-read", dash: [], shape: "rect" } },
  { kind: "cache_write", name: "Cache write", style: { colour: "tokens-cache-write", dash: [], shape: "triangle" } },
  { kind: "input", name: "Input", style: { colour: "tokens-input", dash: [], shape: "circle" } },
  { kind: "output", name: "Output", style: { colour: "tokens-output", dash: [], shape: "rectRot" } },
];

export class TokenTrend extends PicturePanel {
  #sums = null; // {bucket, buckets, input: [...], ...}

  /** The answer of the service about the trend, however it is grouped. */
  set trends(trends) {
    this.#sums = sumsOf(trends);
    const { bucket, buckets } = this.#sums;
    this.showData({
      isEmpty: !KINDS.some(({ kind }) => this.#sums[kind].some((sum) => sum > 0)),
      legend: KINDS.map(({ kind, name, style }) => ({ name, style, amount: tokens(total(this.#sums[kind])) })),
      table: {
        caption: `Tokens per ${bucket}`,
        heads: [sentenceCase(bucket), ...KINDS.map(({ name }) => name), "Together"],
        rows: buckets.map((start, at) => {
          const values = KINDS.map(({ kind }) => this.#sums[kind][at]);
          return [bucketName(bucket, start, true), ...[...values, total(values)].map(count)];
        }),
      },
    });
  }

  frame() {
    return panel({ name: "tokens", title: "Tokens over time", body: pictureFrame({ name: "tokens" }) });
  }

  drawing(isHidden) {
    const shown = KINDS.filter(({ name }) => !isHidden(name));
    return { chart: (ink) => bars(this.#sums, shown, ink), summary: summary(this.#sums, shown) };
  }
}

/** Make the element known. */
export function register() {
  define("token-trend", TokenTrend);
}

function sumsOf({ bucket, buckets, series }) {
  const sums = { bucket, buckets };
  for (const { kind } of KINDS) {
    sums[kind] = buckets.map((_, at) => total(series.map((one) => one.tokens[kind][at])));
  }
  return sums;
}

function total(numbers) {
  return numbers.reduce((sum, number) => sum + (number ?? 0), 0);
}

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
        pointStyle: style.shape,
        maxBarThickness: 36,
        borderRadius: 2,
      })),
    },
    options: {
      scales: axes(ink, { words: (value) => tokens(value), stacked: true }),
      plugins: {
        legend: { display: false },
        tooltip: tooltip(
          ink,
          {},
          {
            filter: ({ raw }) => raw > 0,
            callbacks: {
              title: ([item]) => (item ? bucketName(bucket, buckets[item.dataIndex], true) : ""),
              label: ({ dataset, raw }) => ` ${dataset.label}: ${count(raw)}`,
            },
          },
        ),
      },
    },
  };
}

function summary({ bucket, buckets, ...sums }, kinds) {
  if (buckets.length === 0) return "Tokens over time: nothing to show.";
  const span = `${bucketName(bucket, buckets[0], true)} to ${bucketName(bucket, buckets.at(-1), true)}`;
  return `Tokens per ${bucket}, ${span}: ${kinds.map(({ kind, name }) => `${name.toLowerCase()} ${tokens(total(sums[kind]))}`).join(", ")}.`;
}
