"""Settings: one table, several sources, errors with file and line."""
