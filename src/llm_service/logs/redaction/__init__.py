"""Secrets in logs become `[redacted:<kind>]` before anything is stored, searched, sent or shown.

`Redactor().redact(block)`. The rules are data: `tokens.py`, `services.py`, `vendors.py`, `contexts.py`.
"""

from .labels import LABELS
from .redactor import Redactor, redact

__all__ = ["LABELS", "Redactor", "redact"]
