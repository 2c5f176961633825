/** The page of MCP: where agents report, and the servers that they use. */
import { lazily } from "../../lib/lazy.js";
/** @import {Page} from "../../lib/types.js" */

export default /** @satisfies {Page} */ ({
  name: "mcp",
  label: "MCP",
  key: "m",
  topics: [],
  styles: ["/pages/mcp/mcp.css"],
  load: lazily(() => import("./mcp-page.js"), import.meta.resolve("./mcp-page.js")),
});
