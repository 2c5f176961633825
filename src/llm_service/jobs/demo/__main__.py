"""`python -m llm_service.jobs.demo`: see `script`. Only the standard library is imported."""

from __future__ import annotations

import sys

from .script import main

sys.exit(main())
