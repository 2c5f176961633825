/** Texts with numbers in their order: "P2" before "P10". By hand, as the first use of the browser's collator takes long. */

/**
 * Less than 0 if `a` comes first, more if `b` does.
 * @param {string} a
 * @param {string} b
 */
export function natural(a, b) {
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const [one, other] = [left[at], right[at]];
    if (one === other) continue;
    // Every second part is a number.
    const difference = at % 2 ? Number(one) - Number(other) : 0;
    return difference || (one < other ? -1 : 1);
  }
  return left.length - right.length;
}

/** @param {string} text */
function parts(text) {
  return text.toLowerCase().split(/(\d+)/);
}
