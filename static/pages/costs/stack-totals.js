/** The total of each stack of bars, written over it where there is room: a plugin of Chart.js. */
/** @import {Plugin} from "./types.js" */

const GAP = 4;
const FONT_PX = 10.5;

/**
 * `texts` are the totals in the order of the bars; "" is not written.
 * @param {string[]} texts
 * @param {string} colour
 * @returns {Plugin}
 */
export function stackTotals(texts, colour) {
  return {
    id: "stackTotals",
    afterDatasetsDraw(chart) {
      const { ctx, scales: { x, y }, chartArea, data: { datasets } } = chart;
      const stack = datasets.filter((one) => one.stack !== "before"); // the range before is no part of the bars
      const tops = texts.map((_, at) => y.getPixelForValue(stack.reduce((total, { data }) => total + (data[at] ?? 0), 0)));
      const places = texts.map((_, at) => x.getPixelForValue(at));
      const barHalf = (chart.getDatasetMeta(0).data[0]?.width ?? 0) / 2;
      // Written over a low bar, a wide text would run into a higher one beside it.
      const hits = (/** @type {number} */ at, /** @type {number} */ half) =>
        tops.some((top, other) => other !== at && Math.abs(places[other] - places[at]) < half + barHalf && top < tops[at]);
      ctx.save();
      ctx.font = `${FONT_PX}px ${getComputedStyle(document.body).fontFamily}`;
      ctx.fillStyle = colour;
      ctx.textAlign = "center";
      ctx.textBaseline = "bottom";
      let right = -Infinity;
      texts.forEach((text, at) => {
        const middle = places[at];
        const half = ctx.measureText(text).width / 2;
        // What would run into its neighbour is left to the box at the pointer.
        if (text === "" || middle - half < right + GAP || middle + half > chartArea.right + half || hits(at, half)) return;
        ctx.fillText(text, middle, tops[at] - 2);
        right = middle + half;
      });
      ctx.restore();
    },
  };
}
