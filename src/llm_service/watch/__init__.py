"""Watching folders: from the system's events to "check this path now". Knows nothing of what the files mean."""
