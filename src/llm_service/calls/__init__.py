"""LLM calls: read from session logs, OTLP, REST and JSON lines, priced and stored."""
