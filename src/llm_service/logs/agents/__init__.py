"""What agents' programs write as events: Claude Code (`--output-format stream-json`), Codex (`exec --json`)."""
