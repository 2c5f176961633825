// The official TypeScript client, over HTTP or stdio: `node npm_client.mjs URL`, or `node npm_client.mjs COMMAND ...`.
// It calls every tool and prints `{server, tools, answers: [[tool, isError, answer]]}` as JSON.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [place, ...args] = process.argv.slice(2);
const transport = place.startsWith("http")
  ? new StreamableHTTPClientTransport(new URL(place))
  : new StdioClientTransport({ command: place, args, env: process.env, stderr: "inherit" });
const client = new Client({ name: "npm", version: "1" });
await client.connect(transport);
const answers = [];

async function call(name, given = {}, tries = 5) {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: given });
  if (structuredContent.code === "TOO_SLOW" && tries > 1) return call(name, given, tries - 1); // as the answer says
  assert.equal(content.length, 1);
  assert.deepEqual(JSON.parse(content[0].text), structuredContent); // for clients that read the text only
  answers.push([name, isError ?? false, structuredContent]);
  return structuredContent;
}

const { tools } = await client.listTools();
const { pipeline_id } = await call("create_pipeline", { pipeline_type: "ticket_work", ticket_id: "T-1", meta: { sprint_id: "S-npm" } });
const { job_id } = await call("create_pipeline_job", { pipeline_id, step: "coding", name: "Write", agent_type: "coder", status: "running" });
await call("append_job_log", { job_id, content: "# Found it" });
await call("update_pipeline_job", { job_id, status: "success", score: 90, summary: "Done." });
await call("get_pipeline_job_log", { job_id });
await call("get_pipeline", { pipeline_id });
await call("finish_pipeline", { pipeline_id });
await call("finish_pipeline", { pipeline_id });
await call("list_pipelines", { status: "success" });
await call("clean_pipeline_logs", { sprint_id: "S-npm" });
await call("list_tasks", { words: "pump" });
await call("get_task", { task_id: "T-1" });
await call("search_logs", { words: "anything" });
await call("list_artifacts", { project: "shop" });
await call("read_artifact", { project: "shop", path: "main.py" });
await call("record_call", { model: "claude-sonnet-4-5", input_tokens: 10, output_tokens: 1, agent: "npm" });
await call("cost_totals", { by: "agent" });
await call("propose_fact", { text: "Port 1 is taken", source: "npm" });
await call("search_facts");
await call("broadcast", { topic: "insights", text: "All is well", source: "npm" });
await client.close();
console.log(JSON.stringify({ server: client.getServerVersion(), tools: tools.map(({ name }) => name), answers }));
