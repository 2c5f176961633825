/**
 * Vercel's AI SDK at work, with models that answer what is written here; prints the spans that it makes, as the OTLP
 * request of an exporter. `ai` is the real one. The tracer is ours: OpenTelemetry's exporter is 25 MB of packages, and
 * changes nothing in what is sent.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { embed, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { MockEmbeddingModelV3, MockLanguageModelV3, simulateReadableStream } from "ai/test";

const active = new AsyncLocalStorage();
const ended = [];
let count = 0;

/** A value of an attribute in OTLP's JSON; exporters leave out what is undefined. */
function otlpValue(value) {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(otlpValue) } };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  return typeof value === "boolean" ? { boolValue: value } : { stringValue: String(value) };
}

class Span {
  constructor(name, attributes) {
    const parent = active.getStore();
    const spanId = (++count).toString(16).padStart(16, "0");
    this.context = { traceId: parent?.context.traceId ?? spanId.repeat(2), spanId, traceFlags: 1 };
    this.parentSpanId = parent?.context.spanId ?? "";
    this.name = name;
    this.attributes = {};
    this.startTime = Date.now();
    this.setAttributes(attributes ?? {});
  }
  spanContext() { return this.context; }
  setAttribute(name, value) { return this.setAttributes({ [name]: value }); }
  setAttributes(attributes) { Object.assign(this.attributes, attributes); return this; }
  addEvent() { return this; }
  addLink() { return this; }
  setStatus() { return this; }
  recordException() {}
  updateName(name) { this.name = name; return this; }
  isRecording() { return true; }
  end() {
    ended.push({
      ...this.context,
      parentSpanId: this.parentSpanId,
      name: this.name,
      startTimeUnixNano: `${this.startTime}000000`,
      endTimeUnixNano: `${Date.now()}000000`,
      attributes: Object.entries(this.attributes)
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([key, value]) => ({ key, value: otlpValue(value) })),
    });
  }
}

const tracer = {
  startSpan: (name, options) => new Span(name, options?.attributes),
  startActiveSpan: (name, ...rest) => {
    const span = new Span(name, typeof rest[0] === "object" ? rest[0].attributes : {});
    return active.run(span, () => rest.at(-1)(span));
  },
};

const experimental_telemetry = { isEnabled: true, tracer, functionId: "harbour" };
const usage = (noCache, cacheRead, cacheWrite, output) => ({
  inputTokens: { total: noCache + cacheRead + cacheWrite, noCache, cacheRead, cacheWrite },
  outputTokens: { total: output, text: output, reasoning: 0 },
});
const stopped = { unified: "stop", raw: "stop" };

/** A model of Anthropic that gives these answers, one after the other. */
function claude(...answers) {
  let step = 0;
  return new MockLanguageModelV3({
    provider: "anthropic.messages",
    modelId: "claude-sonnet-4-5",
    doGenerate: async () => ({ finishReason: stopped, warnings: [], ...answers[step++] }),
    doStream: async () => ({ stream: simulateReadableStream({ chunks: answers[step++] }) }),
  });
}

const text = [{ type: "text", text: "At high tide." }];
const call = [{ type: "tool-call", toolCallId: "t1", toolName: "tide", input: "{}" }];
const anthropic = {
  usage: {
    input_tokens: 400,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 50_000,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 50_000 },
    output_tokens: 60,
  },
};
await generateText({ model: claude({ content: text, usage: usage(1_000, 150_000, 10_000, 500) }), prompt: "When?", experimental_telemetry });
await generateText({
  model: claude(
    { content: call, finishReason: { unified: "tool-calls", raw: "tool_use" }, usage: usage(300, 0, 20_000, 40) },
    { content: text, usage: usage(100, 20_000, 500, 90) },
  ),
  tools: { tide: tool({ inputSchema: jsonSchema({ type: "object", properties: {} }), execute: async () => "high" }) },
  stopWhen: stepCountIs(3),
  prompt: "When?",
  experimental_telemetry,
});
await generateText({
  model: claude({ content: text, usage: usage(400, 0, 50_000, 60), providerMetadata: { anthropic } }),
  prompt: "Keep it for an hour.",
  experimental_telemetry,
});
const streamed = streamText({
  model: claude([
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "At noon." },
    { type: "text-end", id: "1" },
    { type: "finish", finishReason: stopped, usage: usage(700, 30_000, 0, 80) },
  ]),
  prompt: "When?",
  experimental_telemetry,
});
await streamed.consumeStream();
await generateObject({
  model: claude({ content: [{ type: "text", text: '{"hour": 12}' }], usage: usage(250, 0, 0, 30) }),
  schema: jsonSchema({ type: "object", properties: { hour: { type: "number" } } }),
  prompt: "When?",
  experimental_telemetry,
});
await embed({
  model: new MockEmbeddingModelV3({
    provider: "openai.embedding",
    modelId: "text-embedding-3-small",
    doEmbed: async () => ({ embeddings: [[0.1, 0.2]], usage: { tokens: 1_200 }, warnings: [] }),
  }),
  value: "tide",
  experimental_telemetry,
});

const resource = { attributes: [{ key: "service.name", value: { stringValue: "harbour-bot" } }] };
console.log(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "ai" }, spans: ended }] }] }));
