"""The limits of what is reported."""

from __future__ import annotations

MAX_FILE_BYTES = 1_048_576
"""Of a `pipeline.yaml`."""
MAX_CALL_BYTES = 262_144
"""Of the content that one call adds to a log,"""
MAX_LOG_BYTES = 16_777_216
"""and of a whole log page."""
MAX_STEPS = 50
MAX_NAME, MAX_ID, MAX_TEXT = 200, 300, 8_000
"""Characters of names, of ids and branches, and of descriptions and summaries."""
MAX_META_BYTES = 16_384
MAX_REQUESTS = 500
"""Answers that are kept for calls that are repeated, of each pipeline."""
REQUEST_DAYS_S = 86_400.0
MAX_PIPELINES = 20_000
"""That are shown; the newest folders count."""
MAX_JOBS_LISTED = 2_000
"""Files in a folder of logs that are listed."""
