/** The ranges of the costs page and the words for what changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { changeOf, costChange, countChange, shareChange } from "../../static/pages/costs/change.js";
import { bucketEnd, bucketStart, isTime, rangeOf, timeText, zoomedIn, zoomedOut } from "../../static/pages/costs/range.js";
import { money } from "../../static/lib/format.js";

const NOON = Date.parse("2026-11-20T12:00:00Z");
const amount = (cost_usd, calls, unpriced_calls = 0) => ({ cost_usd, calls, unpriced_calls });

test("a range is of days or of times, and says what it can be compared with", () => {
  const shown = (query) => rangeOf(query, "UTC", NOON);
  assert.deepEqual([shown({ from: "2026-11-02", to: "2026-11-03" }).bucket, shown({ from: "2026-11-02", to: "2026-11-03" }).before], ["hour", "length"]);
  const hours = shown({ from: "2026-11-18T14:00:00+01:00", to: "2026-11-18T16:00:00+01:00" });
  assert.deepEqual([hours.name, hours.bucket, hours.from, hours.to], ["custom", "hour", "2026-11-18T14:00:00+01:00", "2026-11-18T16:00:00+01:00"]);
  // What ends first begins, whatever their offsets: 13:00Z is before 14:30+01:00.
  assert.deepEqual(shown({ from: "2026-11-18T14:30:00+01:00", to: "2026-11-18T13:00:00Z" }).from, "2026-11-18T13:00:00Z");
  assert.deepEqual([shown({ range: "month" }).before, shown({ range: "year" }).before, shown({ range: "all" }).before], ["month", "year", null]);
  for (const wrong of ["<b>", "2026-13-01", "2026-11-18T25:00", "1999-01-01", "2026-11-18T14:00:00+01:00,x"]) assert.equal(isTime(wrong), false, wrong);
  assert.equal(shown({ from: "nonsense", to: "more" }).name, "30d");
});

test("zooming in is remembered in the address, and zooming out leads back step by step", () => {
  let query = { range: "90d", by: "agent" };
  query = { ...query, ...zoomedIn(query, { from: "2026-11-01", to: "2026-11-10" }) };
  query = { ...query, ...zoomedIn(query, { from: "2026-11-03", to: "2026-11-04" }) };
  assert.equal(query.out, "90d,2026-11-01~2026-11-10");
  query = { ...query, ...zoomedOut(query) };
  assert.deepEqual([query.range, query.from, query.to, query.out], ["", "2026-11-01", "2026-11-10", "90d"]);
  query = { ...query, ...zoomedOut(query) };
  assert.deepEqual([query.range, query.from, query.to, query.out], ["90d", "", "", ""]);
  assert.equal(zoomedOut(query), null);
  // A link without what it came from leads to the usual range; what is no range in the address is none.
  assert.deepEqual(zoomedOut({ from: "2026-11-01", out: "evil,a~b,%00" })?.from, "");
  let deep = { range: "7d" };
  for (let step = 0; step < 30; step += 1) deep = { ...deep, ...zoomedIn(deep, { from: "2026-11-01", to: "2026-11-02" }) };
  assert.equal(deep.out.split(",").length, 8);
});

test("a bucket ends where the next begins: hours by their time, days and months with their last day", () => {
  assert.equal(bucketEnd("hour", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"), "2026-10-25T02:00:00+01:00");
  assert.equal(bucketEnd("hour", "2026-10-25T23:00:00+01:00", undefined), "2026-10-25T23:00:00.000Z");
  assert.equal(bucketEnd("day", "2026-10-25T00:00:00+02:00", undefined), "2026-10-25");
  assert.deepEqual(["2028-02-01", "2026-12-01", "2026-04-01"].map((start) => bucketEnd("month", `${start}T00:00:00+01:00`, undefined)), ["2028-02-29", "2026-12-31", "2026-04-30"]);
  assert.equal(bucketStart("month", "2026-12-01T00:00:00+01:00"), "2026-12-01");
  assert.equal(timeText("2026-10-25T12:30:00Z", "Asia/Kolkata"), "2026-10-25 18:00");
  assert.equal(timeText("2026-10-25", "Asia/Kolkata"), "2026-10-25");
});

test("what changed is said without judging, and never as a share of nothing", () => {
  assert.equal(costChange(amount(15, 3), amount(12, 2)).text, "+$3.00 (+25 %)");
  assert.equal(costChange(amount(9, 3), amount(12, 2)).text, "−$3.00 (−25 %)");
  assert.equal(costChange(amount(12, 3), amount(12, 2)).text, "as before");
  assert.equal(costChange(amount(12, 3), amount(0, 0)).text, "no calls before");
  assert.equal(costChange(amount(12, 3), amount(0, 4)).text, "+$12.00"); // free calls: no share of $0
  assert.equal(costChange(amount(12, 3), amount(null, 4, 4)).text, "unpriced before");
  assert.equal(costChange(amount(null, 3, 3), amount(4, 4)).text, "$4.00 before");
  assert.match(costChange(amount(12, 3), amount(8, 4, 2)).title, /\$8\.00 in the range before, \+ 2 unpriced/);
  assert.equal(countChange(5, 0).text, "no calls before");
  assert.equal(countChange(2_500, 2_000, true).text, "+500 (+25 %)");
  assert.equal(countChange(0, 4).text, "−4 (−100 %)");
  assert.equal(shareChange(0.905, 0.8).text, "+10.5 points");
  assert.equal(shareChange(0.5, null), null);
  assert.equal(changeOf(null, 3, money), null);
});
