/** How calls come here, for each way in: the lines to paste, with this service's own address. */
import { html } from "../../lib/html.js";
import { snippet } from "../../ui/snippet.js";

const SETTINGS = "~/.config/llm-service/config.yaml";
const CODEX_FOLDERS = 'codex_folders:\n  - "~/.codex/sessions"\n  - "~/.codex/archived_sessions"\n';
const AGENT_FOLDERS = `pi_folders: ["~/.pi/agent/sessions"]
openclaw_folders: ["~/.openclaw/agents"]
gemini_folders: ["~/.gemini/tmp"]
qwen_folders: ["~/.qwen/projects"]
opencode_folders: ["~/.local/share/opencode"]
`;
const COPILOT_FILE = "export COPILOT_OTEL_FILE_EXPORTER_PATH=~/.copilot/otel/copilot.jsonl\n";
const CALL = {
  agent_name: "ada",
  task_id: "2026-01-15-say-hello",
  model_name: "gpt-4o-mini",
  prompt_tokens: 1200,
  completion_tokens: 340,
  latency_ms: 2100,
};

/**
 * All ways in, each to be unfolded; the first is open if nothing comes in yet.
 * @param {string} origin
 * @param {boolean} isFirstOpen
 */
export function switchOn(origin, isFirstOpen) {
  return html`<div class="ways">${ways(origin).map(
    ({ title, text, snippets }, index) => html`<details class="fold way" ${isFirstOpen && index === 0 ? OPEN : null}>
    <summary>${title}</summary><div class="fold-body"><p>${text}</p>${snippets}</div>
  </details>`,
  )}</div>`;
}

const OPEN = html`open`;

/** @param {string} origin */
function ways(origin) {
  return [
    {
      title: "Claude Code",
      text:
        "Claude Code writes every session to its own folder. Name the folder, start the service again, and all of it is read, old and new, sub-agents included; Claude Code itself stays as it is.",
      snippets: snippet(SETTINGS, 'claude_folders:\n  - "~/.claude/projects"\n', "claude"),
    },
    {
      title: "Codex",
      text: "Codex writes its sessions to a folder too. Name the folder and start the service again.",
      snippets: snippet(SETTINGS, CODEX_FOLDERS, "codex"),
    },
    {
      title: "pi, OpenClaw, Gemini CLI, Qwen Code, OpenCode",
      text:
        "They keep their sessions on this machine too. Name the folders of those that you use and start the service again; llm-service init finds them.",
      snippets: snippet(SETTINGS, AGENT_FOLDERS, "agents"),
    },
    {
      title: "Copilot CLI",
      text:
        "Copilot CLI writes what it calls to a file if a variable names one. Set it where Copilot is started, name the folder and start the service again.",
      snippets: [
        snippet("Environment of Copilot CLI", COPILOT_FILE, "copilot-file"),
        snippet(SETTINGS, 'copilot_folders: ["~/.copilot/otel"]\n', "copilot"),
      ],
    },
    {
      title: "JSON lines",
      text:
        "Any program can append a line per call to a file in the telemetry folder. Nothing has to be set: it counts as soon as the line is whole.",
      snippets: snippet("work/telemetry/my-agent.jsonl", line(), "lines"),
    },
    {
      title: "OpenTelemetry (OTLP/HTTP)",
      text: "Whatever reports its calls as gen_ai spans, and Claude Code's own telemetry, can be sent here.",
      snippets: [
        snippet("Environment of Claude Code", claudeEnvironment(origin), "otlp-claude"),
        snippet("~/.codex/config.toml", codexSettings(origin), "otlp-codex"),
        snippet("Environment of any other program", otherEnvironment(origin), "otlp"),
      ],
    },
    {
      title: "REST",
      text: "One call or a list of them. A call that is sent twice under one invocation_id counts once.",
      snippets: snippet("Shell", command(origin), "rest"),
    },
  ];
}

/** @param {string} origin */
function claudeEnvironment(origin) {
  return `export CLAUDE_CODE_ENABLE_TELEMETRY=1
export OTEL_LOGS_EXPORTER=otlp
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
`;
}

/** @param {string} origin */
function codexSettings(origin) {
  return `[otel.exporter."otlp-http"]
endpoint = "${origin}/v1/logs"
protocol = "binary"
`;
}

/** @param {string} origin */
function otherEnvironment(origin) {
  return `export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
`;
}

function line() {
  return `${JSON.stringify({ timestamp: new Date().toISOString(), ...CALL })}\n`;
}

/** @param {string} origin */
function command(origin) {
  return `curl ${origin}/api/telemetry -H 'Content-Type: application/json' -d '${JSON.stringify(CALL)}'
`;
}
