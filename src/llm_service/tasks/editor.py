"""`editor_link(template, root, path)`: the link that opens the file of a task in the editor of who looks at it."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

_LINK = re.compile(r"[a-z][a-z0-9+.-]{1,40}:[!-~]*\Z")
_NEVER = ("javascript:", "data:", "vbscript:", "blob:", "file:", "about:")
"""Links that would run in the page, or that browsers do not follow from it."""
PLACE = "{path}"


def editor_problem(value: str) -> str | None:
    """What is expected instead of a template; None if it can be used. "" is none."""
    if not value:
        return None
    is_link = _LINK.match(value) and not value.startswith(_NEVER) and value.count(PLACE) == 1
    return None if is_link else f"a link with {PLACE} in it, such as vscode://file{PLACE}, or nothing"


def editor_link(template: str, root: str, path: str) -> str | None:
    """The link for the file at a path below `root`, both as on the disk; None without a template."""
    if not template:
        return None
    absolute = os.path.join(root, path).replace(os.sep, "/")
    if not absolute.startswith("/"):  # C:/...
        absolute = f"/{absolute}"
    return template.replace(PLACE, quote(os.fsencode(absolute)))
