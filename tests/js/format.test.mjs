import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../static/lib/format.js";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const SECOND = 1_000;
const DAY = 86_400 * SECOND;

test("an age has one unit, which changes at its edge", () => {
  const ago = (length_ms) => format.age(NOW - length_ms, NOW);
  assert.equal(ago(4_999), "now");
  assert.equal(ago(5 * SECOND), "5 s");
  assert.equal(ago(59 * SECOND), "59 s");
  assert.equal(ago(60 * SECOND), "1 min");
  assert.equal(ago(59 * 60 * SECOND), "59 min");
  assert.equal(ago(60 * 60 * SECOND), "1 h");
  assert.equal(ago(DAY), "1 d");
  assert.equal(ago(7 * DAY), "1 wk");
  assert.equal(ago(35 * DAY), "1 mo");
  assert.equal(ago(364 * DAY), "11 mo");
  assert.equal(ago(730.5 * DAY), "2 y");
  assert.equal(ago(-DAY), "now");
  assert.equal(format.age(NaN, NOW), "");
});

test("text that is no time is not made one", () => {
  assert.ok(Number.isNaN(format.moment("soon")));
  assert.ok(Number.isNaN(format.moment(2026)));
  assert.equal(format.moment("2026-11-29T12:00:00Z"), NOW);
  assert.equal(format.dateTime("soon"), "soon");
  for (const text of ["2026-11-05 (tentative)", "2026-11-05-fix", "2026-11-05 or later", "2026-13-45"]) assert.equal(format.dateTime(text), text);
  for (const text of ["2026-11-29T12:00Z", "2026-11-29 12:00:00.000 UTC", "2026-11-29T13:30:00+01:30", "2026-11-29 13:00:00 +0100"]) assert.equal(format.moment(text), NOW, text);
  assert.equal(format.dateTime(null), "");
  assert.equal(format.dateTime("2026-11-29"), "2026-11-29");
  assert.equal(format.clock("soon"), "");
});

test("a time is read in the forms in which people write it, and a name is not", () => {
  const day = Date.parse("2026-11-05T00:00:00Z");
  for (const text of ["2026-11-05", "Nov 5, 2026", "Nov. 5, 2026", "November 5th, 2026", "5 November 2026", "5. Nov 2026", "05-Nov-2026",
    "Thursday, November 5, 2026", "Thu, 05 Nov 2026", "05.11.2026", "5. 11. 2026", "2026/11/05", "Nov 5, 2026 00:00", "5 Nov 2026 00:00:00 GMT",
    "Nov 5, 2026 02:00 +0200"])
    assert.equal(format.writtenMoment(text), day, text);
  assert.equal(format.writtenMoment("1793836800"), day);
  assert.equal(format.writtenMoment("2026-11"), Date.parse("2026-11-01T00:00:00Z"));
  for (const text of ["soon", "2.10", "1.2.3", "Nov 5", "11/05/2026", "5.11.26", "version 2 2026", "202", null, 7, "Nov 5, 2026".padStart(70)])
    assert.ok(Number.isNaN(format.writtenMoment(text)), String(text));
});

test("names of words become readable, others stay as written", () => {
  for (const name of ["2.10", "1_000", "gpt-4o", "2026-11-05", "__init__", "v2", "p-1", "Größe_a", " x ", ""]) assert.equal(format.sentenceCase(name), name);
  assert.equal(format.sentenceCase("on-hold now"), "On hold now");
});

test("durations, numbers and sizes", () => {
  assert.equal(format.duration(59_400), "59 s");
  assert.equal(format.duration(60_000), "1 min");
  assert.equal(format.duration(7_200_000), "2 h");
  assert.equal(format.duration(2 * DAY), "2 d");
  assert.equal(format.count(1_234_567), "1,234,567");
  assert.equal(format.count(999), "999");
  assert.equal(format.plural(1, "entry", "entries"), "1 entry");
  assert.equal(format.plural(2_000, "task"), "2,000 tasks");
  assert.equal(format.bytes(1023), "1023 B");
  assert.equal(format.bytes(1024), "1.0 KB");
  assert.equal(format.bytes(1_048_576), "1.0 MB");
  assert.equal(format.bytes(1_073_741_824), "1.0 GB");
  assert.equal(format.sentenceCase("acceptance_criteria"), "Acceptance criteria");
  assert.equal(format.sentenceCase("__"), "__");
  assert.equal(format.fileName("a/b/c.md"), "c.md");
});

test("amounts are written as Intl writes them, and what is unknown is never 0", () => {
  for (const usd of [0, 0.1, 0.42, 1, 12.345, 999.999, 1234.5, 1e6, -3.5]) {
    const expected = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(usd);
    assert.equal(format.money(usd), expected);
  }
  assert.equal(format.money(0.0042), "$0.0042");
  assert.equal(format.money(0.05), "$0.05");
  assert.equal(format.money(1e-9), "<$0.000001");
  assert.equal(format.money(null), "—");
  assert.equal(format.money(undefined), "—");
  assert.equal(format.knownUsd(0, 3, 3), null);
  assert.equal(format.knownUsd(1.5, 3, 2), 1.5);
  assert.equal(format.knownUsd(0, 0, 0), 0);
  assert.equal(format.knownMoney(0, 2, 2), "—");
});

test("tokens and shares", () => {
  assert.equal(format.tokens(950), "950");
  assert.equal(format.tokens(12_340), "12.3 k");
  assert.equal(format.tokens(1_240_000), "1.24 M");
  assert.equal(format.tokens(150e9), "150 B");
  assert.equal(format.tokens(null), "—");
  assert.equal(format.allTokens({ input: 1, output: 2, cache_read: 3, cache_write: 4 }), 10);
  assert.equal(format.allTokens(null), null);
  assert.equal(format.percent(1), "100 %");
  assert.equal(format.percent(0.9999), "99.9 %");
  assert.equal(format.percent(0.0001), "< 0.1 %");
  assert.equal(format.percent(0.034), "3.4 %");
  assert.equal(format.percent(0), "0 %");
  assert.equal(format.percent(null), "—");
  assert.equal(format.latency(820.4), "820 ms");
  assert.equal(format.latency(4_200), "4.2 s");
  assert.equal(format.latency(184_000), "3 min 4 s");
});

test("amounts beside others have no digits that say nothing", () => {
  const shown = [0, 0.05, 0.5, 1, 12.5, 51.57, 104.48, 1204, 9999.6, 12345, 1234567, -15].map(format.axisMoney);
  assert.deepEqual(shown, ["$0", "$0.05", "$0.50", "$1", "$12.50", "$51.57", "$104", "$1,204", "$10,000", "$12.3 k", "$1.23 M", "-$15"]);
  assert.deepEqual(format.roundedRange(151.23, 155, 158.34), ["$151", "$155", "$158"]);
  assert.deepEqual(format.roundedRange(799.47, 806.44, 813.41), ["$800", "$806", "$814"]);
  assert.deepEqual(format.roundedRange(0.1, 0.2, 0.4), ["$0.10", "$0.20", "$0.40"]);
  assert.deepEqual(format.roundedRange(1000, 2000, 9000), ["$1,000", "$2,000", "$9,000"]);
  assert.equal(format.percent(94623143.14), "> 999 %");
  assert.equal(format.percent(1.05), "105 %");
});
