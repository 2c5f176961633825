/**
 * Amounts of money and tokens in words. Unknown is "—", never 0. The texts are those of `Intl.NumberFormat("en-US")`, put
 * together by hand: its first use takes longer than a frame, and cards show amounts.
 */
import { count } from "./format.js";

export const UNKNOWN = "—";
const LEAST = 1e-6;
const STEPS = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];

/** "$12,345.60", "$0.42"; below ten cents with two digits that say something: "$0.0042". */
export function money(usd) {
  if (usd === null || usd === undefined || Number.isNaN(usd)) return UNKNOWN;
  const size = Math.abs(usd);
  if (size > 0 && size < LEAST) return `<$${LEAST.toFixed(6)}`;
  const digits = size === 0 || size >= 0.1 ? 2 : 1 - Math.floor(Math.log10(size));
  const [whole, part] = size.toFixed(digits).split(".");
  return `${usd < 0 ? "-" : ""}$${count(whole)}.${part.slice(0, 2)}${part.slice(2).replace(/0+$/, "")}`;
}

/** What is known of an amount, of which `unpriced` of `calls` are not: null if that is all of them. */
export function knownUsd(usd, calls, unpriced) {
  return calls > 0 && unpriced >= calls ? null : (usd ?? null);
}

/** The same in words: "—" if nothing is known. */
export function knownMoney(usd, calls, unpriced) {
  return money(knownUsd(usd, calls, unpriced));
}

/** "950", "12.3 k", "1.24 M". */
export function tokens(number) {
  if (number === null || number === undefined) return UNKNOWN;
  const [size, unit] = STEPS.find(([least]) => number >= least) ?? [1, ""];
  if (unit === "") return String(number);
  const amount = number / size;
  return `${amount.toFixed(amount < 10 ? 2 : amount < 100 ? 1 : 0)} ${unit}`;
}

/** All tokens of `{input, output, cache_read, cache_write}`; null if there is nothing to add. */
export function allTokens(parts) {
  return parts ? parts.input + parts.output + parts.cache_read + parts.cache_write : null;
}

/** "97 %" of a share between 0 and 1; what is not all or nothing is never said to be. */
export function percent(share) {
  if (share === null || share === undefined) return UNKNOWN;
  const hundredths = share * 100;
  if (hundredths > 0 && hundredths < 0.1) return "< 0.1 %";
  if (hundredths > 99 && hundredths < 100) return `${(Math.floor(hundredths * 10) / 10).toFixed(1)} %`;
  return `${hundredths < 10 && hundredths % 1 > 0.05 ? hundredths.toFixed(1) : Math.round(hundredths)} %`;
}

/** "820 ms", "4.2 s", "3 min": how long a call took. */
export function latency(length_ms) {
  if (length_ms === null || length_ms === undefined) return UNKNOWN;
  if (length_ms < 1000) return `${Math.round(length_ms)} ms`;
  if (length_ms < 60_000) return `${(length_ms / 1000).toFixed(1)} s`;
  return `${Math.floor(length_ms / 60_000)} min ${Math.round((length_ms % 60_000) / 1000)} s`;
}
