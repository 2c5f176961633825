"""Session logs of Claude Code and Codex, and JSON lines: follows them and reads each call once."""
