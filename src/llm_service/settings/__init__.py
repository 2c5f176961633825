"""One table of settings, many origins, errors with file and line."""
