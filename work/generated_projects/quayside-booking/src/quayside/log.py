"""Log lines without telephone numbers."""

from __future__ import annotations

import logging
import re

_DIGITS = re.compile(r"\+?\d(?:[ /-]?\d){7,}")


class Blank(logging.Filter):
    """Blanks eight or more digits in a row."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _DIGITS.sub("[number]", record.getMessage())
        record.args = ()
        return True
