"""`LABELS`: every text that can be in the place of a secret."""

from __future__ import annotations

from .expressions import RULES
from .line import MARK
from .private_keys import REDACTED as PRIVATE_KEY
from .yaml_blocks import REDACTED as SECRET

LABELS: tuple[str, ...] = (
    *(f"{MARK.decode()}{rule.name}]" for rule in RULES),
    PRIVATE_KEY.decode(),
    SECRET.decode(),
)
