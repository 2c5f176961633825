"""How programs write log lines: `read_line(text)` gives level, time and message of one."""
