"""Lines of logs: parsed, redacted, indexed by segments, searched, streamed."""
