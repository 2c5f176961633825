"""Secrets behind a name: `password=…`, `"api_key": "…"`, `export GITHUB_TOKEN=…`, also in JSON within JSON."""

from __future__ import annotations

NAMES = "|".join(
    (
        "passw(?:or)?ds?|passwrd|passphrase|passcode|pwd|secrets?|token|bearer|credentials?|creds?|_auth",
        "(?:api|access|secret|private|signing|encryption|master|auth|account|license|deploy|service|ssh|shared)"
        "[ _.-]?keys?",
    )
)
"""What a name has in it, in any case, whose value may be a secret."""
_NAME = rf"(?i:{NAMES})(?:[_.-]\w+|\d+)*|[A-Z0-9_]{{2,}}_KEY"
_BETWEEN = r"[\"'\\\]`]{0,4}\s{0,3}(?:=>|:=|==?|:)\s{0,3}"
_VALUES = (
    r"[brfu]{0,2}\"(?:[^\"\\]|\\.)+\"?",
    r"[brfu]{0,2}'(?:[^'\\]|\\.)+'?",
    r"\\+\"(?:[^\"\\]|\\[^\"])+\\*\"?",  # in escaped quotes, as within JSON
    r"\\+'(?:[^'\\]|\\[^'])+\\*'?",
    r"(?:[^\s\"'\\]|\\\\|\\[^\s\"'nrtu\\])+",
)
ASSIGNMENT = rf"([\w.$-]*(?:{_NAME}))({_BETWEEN})({'|'.join(_VALUES)})"
"""Three groups: the name, what is between, the value with its quotes."""
HINT = rf"(?:(?i:{NAMES})(?:[_.-]\w+|\d+)*|_KEY){_BETWEEN}[brfu]{{0,2}}[\"'\\]*[^\s\"'\\{{<\[(*,;)|]"
"""What all that `ASSIGNMENT` finds begins with, as far as it can be a secret; quicker to look for."""
