"""Jobs: a script that is run for a project, with its phases, logs, lines and insights."""
