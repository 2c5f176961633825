/** The page of sessions: the logs of agents, each with what is known of it and its transcript. */
import { lazily } from "../../lib/lazy.js";
/** @import {Page} from "../../lib/types.js" */

export default /** @satisfies {Page} */ ({
  name: "sessions",
  label: "Sessions",
  key: "s",
  topics: ["sessions"],
  styles: ["/ui/find-bar.css", ...["sessions.css", "transcript.css"].map((name) => `/pages/sessions/${name}`)],
  shortcuts: [
    { keys: ["n", "p"], does: "In a transcript: the next or previous match" },
    { keys: ["v"], does: "In a transcript: the conversation, or every line" },
    { keys: ["Home", "End"], does: "In a transcript: to its start or end" },
  ],
  load: lazily(() => import("./sessions-page.js"), import.meta.resolve("./sessions-page.js")),
});
