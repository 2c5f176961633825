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
    afterDatasetsDraw({ ctx, scales: { x, y }, chartArea, data: { datasets } }) {
      ctx.save();
      ctx.font = `${FONT_PX}px ${getComputedStyle(document.body).fontFamily}`;
      ctx.fillStyle = colour;
      ctx.textAlign = "center";
      ctx.textBaseline = "bottom";
      let right = -Infinity;
      texts.forEach((text, at) => {
        const middle = x.getPixelForValue(at);
        const half = ctx.measureText(text).width / 2;
        // What would run into its neighbour is left to the box at the pointer.
        if (text === "" || middle - half < right + GAP || middle + half > chartArea.right + half) return;
        const sum = datasets.reduce((total, { data }) => total + (data[at] ?? 0), 0);
        ctx.fillText(text, middle, y.getPixelForValue(sum) - 2);
        right = middle + half;
      });
      ctx.restore();
    },
  };
}
