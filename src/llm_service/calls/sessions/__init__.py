"""Session logs of Claude Code and Codex, and JSON lines: followed, each call read once."""
