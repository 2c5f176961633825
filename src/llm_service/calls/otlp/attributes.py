"""Attributes of OpenTelemetry and the fields of a call they fill: one table per type of record, newest names first.

Sources: the GenAI semantic conventions (1.27 to 1.42, and the repository they moved to), OpenInference, OpenLLMetry,
Vercel's AI SDK (4 to 6), both exporters of LiteLLM (`gen_ai.cost.*` and `litellm.cost.*`), Langfuse's SDKs, the
manuals of Claude Code ("Monitoring") and Gemini CLI ("Telemetry"), and `codex-rs/otel` of Codex. Exporters send
different names in different versions; an absent name is no error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Names = tuple[str, ...]

CONTEXT_FIELDS: dict[str, Names] = {
    "agent_name": ("gen_ai.agent.name", "agent.name", "llm_service.agent", "service.name"),
    "task_id": ("llm_service.task_id", "task.id", "task_id", "traceloop.association.properties.task_id"),
    "job_id": ("llm_service.job_id", "job.id"),
    "run_id": ("llm_service.run_id", "run.id"),
    "session_id": (
        "gen_ai.conversation.id",
        "session.id",
        "conversation.id",
        "traceloop.association.properties.session_id",
        "langfuse.session.id",
    ),
    "project": ("llm_service.project", "project.name", "project", "openinference.project.name"),
    "privacy_level": ("llm_service.privacy_level",),
}
"""Read from the record, else from its resource, where `OTEL_RESOURCE_ATTRIBUTES=task.id=...` sets them."""


@dataclass(frozen=True, slots=True)
class RecordType:
    """How one type of record reports a call: for each field of a call its attributes; the first one present counts."""

    fields: Mapping[str, Names]
    provider: str | None = None
    """The provider, for records without one."""
    cached_tokens_separate: bool = False
    """True if the input tokens exclude those read from or written to a cache, as Anthropic's do."""
    extra_tokens: Mapping[str, Names] = field(default_factory=dict)
    """Attributes whose tokens are added to a field."""
    is_error: bool = False
    """True if programs write this record only for a failed call."""


GENERIC = RecordType(
    {
        "model_name": (
            "gen_ai.response.model",
            "gen_ai.request.model",
            "llm.response.model",
            "llm.request.model",
            "llm.model_name",
            "embedding.model_name",
            "ai.response.model",
            "ai.model.id",
            "langfuse.observation.model.name",
        ),
        "provider": (
            "gen_ai.provider.name",
            "gen_ai.system",
            "llm.provider",
            "llm.system",
            "llm.vendor",
            "ai.model.provider",
        ),
        "prompt_tokens": (
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.prompt_tokens",
            "llm.usage.prompt_tokens",
            "llm.token_count.prompt",
            "ai.usage.inputTokens",
            "ai.usage.promptTokens",
            "ai.usage.tokens",
        ),
        "completion_tokens": (
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "llm.usage.completion_tokens",
            "llm.token_count.completion",
            "ai.usage.outputTokens",
            "ai.usage.completionTokens",
        ),
        "cache_read_tokens": (
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.input_tokens.cached",
            "gen_ai.usage.details.cache_read_tokens",
            "gen_ai.usage.details.cached_tokens",
            "gen_ai.usage.cached_input_tokens",
            "llm.token_count.prompt_details.cache_read",
            "ai.usage.inputTokenDetails.cacheReadTokens",
            "ai.usage.cachedInputTokens",
        ),
        "cache_write_tokens": (
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
            "gen_ai.usage.cache_write_input_tokens",
            "gen_ai.usage.input_tokens.cache_write",
            "gen_ai.usage.details.cache_write_tokens",
            "llm.token_count.prompt_details.cache_write",
            "ai.usage.inputTokenDetails.cacheWriteTokens",
        ),
        # No convention tells how long a write lives; what Anthropic answers is sent under these names.
        "cache_write_1h_tokens": (
            "gen_ai.usage.cache_creation.ephemeral_1h_input_tokens",
            "gen_ai.usage.cache_creation.ephemeral_1h.input_tokens",
            "gen_ai.usage.cache_write.ephemeral_1h.input_tokens",
            "gen_ai.usage.cache_write_1h.input_tokens",
            "gen_ai.usage.cache_creation_1h.input_tokens",
            "gen_ai.usage.cache_creation_1h_input_tokens",
            "gen_ai.usage.cache_creation_1h_tokens",
            "gen_ai.usage.details.ephemeral_1h_input_tokens",
            "dash0.gen_ai.usage.cache_creation.ephemeral_1h.input_tokens",
        ),
        "service_tier": (
            "openai.response.service_tier",
            "gen_ai.openai.response.service_tier",
            "gen_ai.anthropic.service_tier",
        ),
        "inference_geo": ("gen_ai.anthropic.inference_geo",),
        "total_tokens": ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total"),
        "cost_usd": (
            "gen_ai.usage.cost",
            "llm.cost.total",
            "operation.cost",
            "gen_ai.cost.total_cost",
            "litellm.cost.total",
        ),
        "tool_name": ("gen_ai.tool.name",),
        "error_message": ("error.message", "exception.message", "error.type"),
    }
)
"""Spans of any program that follows the GenAI conventions, OpenInference or OpenLLMetry, or has a vendor's names."""

VERCEL_PROVIDER = "ai.model.provider"
"""`<provider>.<kind of API>` in spans of Vercel's AI SDK, which has the same text in `gen_ai.system`."""

VERCEL_METADATA = "ai.response.providerMetadata"
"""JSON of what else the provider answered, by its name."""

LANGFUSE_USAGE, LANGFUSE_COST = "langfuse.observation.usage_details", "langfuse.observation.cost_details"
"""JSON objects: tokens and dollars by type of usage."""

_CLAUDE_FIELDS: dict[str, Names] = {
    "model_name": ("model", "gen_ai.request.model"),
    "prompt_tokens": ("input_tokens",),
    "completion_tokens": ("output_tokens",),
    "cache_read_tokens": ("cache_read_tokens",),
    "cache_write_tokens": ("cache_creation_tokens",),
    "cost_usd": ("cost_usd",),
    "service_tier": ("speed",),
    "latency_ms": ("duration_ms",),
    "error_message": ("error",),
    "status_code": ("status_code",),
}
_GEMINI_FIELDS: dict[str, Names] = {
    "model_name": ("model", "model_name"),
    "prompt_tokens": ("input_token_count",),
    "completion_tokens": ("output_token_count",),
    "cache_read_tokens": ("cached_content_token_count",),
    "latency_ms": ("duration_ms",),
    "error_message": ("error.message", "error", "error_message"),
    "status_code": ("status_code",),
}
# Thoughts and tool results, which Gemini counts besides the completion and the prompt.
_GEMINI_EXTRA: dict[str, Names] = {
    "prompt_tokens": ("tool_token_count",),
    "completion_tokens": ("thoughts_token_count",),
}
_GEMINI = RecordType(_GEMINI_FIELDS, "google", extra_tokens=_GEMINI_EXTRA)
_GEMINI_ERROR = RecordType(_GEMINI_FIELDS, "google", is_error=True)

CODEX = RecordType(
    {
        "model_name": ("model", "slug"),
        "prompt_tokens": ("input_token_count",),
        "completion_tokens": ("output_token_count",),
        "cache_read_tokens": ("cached_token_count",),
        "cache_write_tokens": ("cache_write_token_count",),
    },
    "openai",
)
"""The end of a response in Codex: any event whose `event.kind` is `response.completed`; its name varies."""

LOG_EVENTS: dict[str, RecordType] = {
    "claude_code.api_request": RecordType(_CLAUDE_FIELDS, "anthropic", cached_tokens_separate=True),
    "claude_code.api_error": RecordType(_CLAUDE_FIELDS, "anthropic", cached_tokens_separate=True, is_error=True),
    "gemini_cli.api_response": _GEMINI,
    "gemini_cli.api_error": _GEMINI_ERROR,
    "qwen-code.api_response": RecordType(_GEMINI_FIELDS, None, extra_tokens=_GEMINI_EXTRA),
    "qwen-code.api_error": RecordType(_GEMINI_FIELDS, None, is_error=True),
    "gen_ai.client.inference.operation.details": GENERIC,
}
"""Types of log records by the name of their event."""

LOGGING_PROGRAMS = {
    "Claude Code": re.compile(r"(?:com\.anthropic\.)?claude[-_]code(?![a-z0-9])", re.IGNORECASE),
    "Codex": re.compile(r"codex(?![a-z0-9])", re.IGNORECASE),
    "Gemini CLI": re.compile(r"gemini[-_]cli(?![a-z0-9])", re.IGNORECASE),
    "Qwen Code": re.compile(r"qwen[-_]code(?![a-z0-9])", re.IGNORECASE),
}
"""Programs that write a log record for every call, by the prefix of their `service.name` or scope. Their spans and
metrics report the same calls again, as sums and parts, and are not counted."""

_PARENT_OPERATIONS = frozenset(
    {"invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "plan", "retrieval", "handoff"}
)


def is_around_calls(attributes: Mapping[str, object]) -> bool:
    """True for a span of an agent, a workflow, a tool and so on: its counts are the sum of the calls in it."""
    observed = attributes.get("langfuse.observation.type")
    operation = attributes.get("ai.operationId")
    return (
        attributes.get("gen_ai.operation.name") in _PARENT_OPERATIONS
        or attributes.get("openinference.span.kind", "LLM") not in ("LLM", "EMBEDDING", "RERANKER")
        or attributes.get("traceloop.span.kind") in ("workflow", "agent", "tool", "task")
        or (observed is not None and observed not in ("generation", "embedding"))
        # `ai.generateText` is around one `ai.generateText.doGenerate` for each step.
        or (isinstance(operation, str) and operation.startswith("ai.") and ".do" not in operation)
    )
