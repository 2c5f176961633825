/**
 * The pages of the dashboard, in the order of the navigation. A page is a folder with a `page.js`, which says how it is called
 * and where it is loaded from: see CONTRIBUTING.md. To add one, add its line here.
 */
const pages = await Promise.all([
  import("./now/page.js"),
  import("./board/page.js"),
  import("./needs-you/page.js"),
  import("./sessions/page.js"),
  import("./jobs/page.js"),
  import("./pipelines/page.js"),
  import("./plans/page.js"),
  import("./costs/page.js"),
  import("./artifacts/page.js"),
  import("./mcp/page.js"),
  import("./settings/page.js"),
]);

/** @type {import("../lib/types.js").Page[]} */
export const PAGES = pages.map((page) => page.default);
