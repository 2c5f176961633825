/** Which pages of a list are offered; pure. */
const AROUND = 1; // pages beside the present one

/**
 * The numbers of the first, the last, and those around the present page; null where some are left out.
 * @param {number} page
 * @param {number} total_pages
 * @returns {(number | null)[]}
 */
export function pagesOf(page, total_pages) {
  /** @type {(number | null)[]} */
  const shown = [];
  for (let number = 1; number <= total_pages; number += 1) {
    const isShown = number === 1 || number === total_pages || Math.abs(number - page) <= AROUND;
    if (isShown) shown.push(number);
    else if (number === page - AROUND - 1 && number === 2) shown.push(number); // a gap of one says less than its page
    else if (number === page + AROUND + 1 && number === total_pages - 1) shown.push(number);
    else if (shown.at(-1) !== null) shown.push(null);
  }
  return shown;
}

/**
 * "21–40 of 57"; "" where there is one page.
 * @param {{page: number, total_pages: number, total: number, shown: number, page_size: number}} list
 */
export function rangeText({ page, total_pages, total, shown, page_size }) {
  if (total_pages <= 1) return "";
  const first = (page - 1) * page_size;
  return `${first + 1}–${first + shown} of ${total}`;
}
