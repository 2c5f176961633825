// Prints every insight, and resumes after a disconnect: node follow_insights.mjs [URL] [TOPIC]
// A page imports the same helper from the dashboard: see insights.html.
import { useEventSource } from "../static/lib/use-event-source.js";

const base = process.argv[2] ?? process.env.DASHBOARD_URL ?? "http://127.0.0.1:8080";
const topic = process.argv[3] ?? "insights";

useEventSource(
  topic,
  { "insight.created": ({ seq, severity, job, text }) => console.log(seq, severity ?? "-", job ?? "-", text) },
  { base, token: process.env.LLM_SERVICE_TOKEN, onState: (state) => console.error(state) },
);
