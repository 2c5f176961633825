/** The page of agents: who works on what, and the last that was heard of each. */
import { lazily } from "../../lib/lazy.js";
/** @import {Page} from "../../lib/types.js" */

export default /** @satisfies {Page} */ ({
  name: "agents",
  label: "Agents",
  key: "w",
  topics: ["tasks", "costs"],
  styles: ["/pages/agents/agents.css"],
  load: lazily(() => import("./agents-page.js"), import.meta.resolve("./agents-page.js")),
});
