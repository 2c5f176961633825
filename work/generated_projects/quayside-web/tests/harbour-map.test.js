import assert from "node:assert/strict";
import test from "node:test";
import { mistakes } from "../web/booking-form.js";
import { placeOf, wordsFor } from "../web/harbour-map.js";
import { columnsOf } from "../web/office-board.js";

test("a screen reader says number, state and size", () => {
  const words = wordsFor({ id: 17, free: true, length_cm: 1100, beam_cm: 360 });
  assert.equal(words, "berth 17, free, 11 by 3.6 metres");
});

test("berths of one number lie on one side", () => {
  assert.notEqual(placeOf({ id: 16, pontoon: "B" }).y, placeOf({ id: 17, pontoon: "B" }).y);
  assert.throws(() => placeOf({ id: 1, pontoon: "D" }), RangeError);
});

test("each mistake is said beside its field", () => {
  const answers = { arrival: "2026-11-08", departure: "2026-11-08", length: "11.2" };
  assert.deepEqual(Object.keys(mistakes("when", answers)), ["departure"]);
});

test("a berth given twice is trouble", () => {
  const stays = [
    { berth: 17, boat: "Petrel", arrival: "2026-11-07", departure: "2026-11-08" },
    { berth: 17, boat: "Annie May", arrival: "2026-11-07", departure: "2026-11-08" },
  ];
  const { today, tomorrow, trouble } = columnsOf(stays, "2026-11-07");
  assert.deepEqual([today.length, tomorrow.length, trouble.length], [2, 2, 1]);
});
