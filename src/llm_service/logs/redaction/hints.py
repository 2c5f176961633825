r"""`shortened(pattern)`: what all that an expression finds has in it, without the length of what is random.

RE2 makes a state of its automaton for each set of places in the expressions at which a text may be. A text of random
letters within `[0-9A-Za-z]{60,}`, beside 150 other rules, is at another set with nearly every letter: 35 µs each, 2 ms
for each secret that was never there before. What ends after a few letters is found before that.
"""

from __future__ import annotations

import re

_LETTERS = 4
_LEAST_TEXT = 3
"""What is as it is before the letters: after less, most that it finds is no secret."""
_TOKEN = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|\{(?P<least>\d+)(?:,\d*)?\}|(?P<other>.)", re.DOTALL
)
_SPACE = re.compile(r"^\[\^|\\[sSWDn]|\s")


def shortened(pattern: str) -> str:
    """The expression up to the first long repetition of letters that all that it finds must have, or as it is. What is
    left out behind it has no white space before the secret's end."""
    tokens = list(_TOKEN.finditer(pattern))
    depth, text_length, before = 0, 0, ""
    for number, token in enumerate(tokens):
        text = token[0]
        depth += (text == "(") - (text == ")")
        text_length += text.isalnum()
        if token["least"] and int(token["least"]) > _LETTERS and text_length >= _LEAST_TEXT and _is_of_letters(before):
            rest = [each[0] for each in tokens[number + 1 :]]
            if _is_needed(rest):
                return f"{pattern[: token.start()]}{{{_LETTERS}}}{')' * depth}"
        before = text
    return pattern


def _is_of_letters(atom: str) -> bool:
    return atom == r"\w" or (atom.startswith("[") and not _SPACE.search(atom))


def _is_needed(rest: list[str]) -> bool:
    """True if nothing of what follows makes a group around it one of several, or optional."""
    inner = 0
    for number, text in enumerate(rest):
        if text == "(":
            inner += 1
        elif text == ")" and inner:
            inner -= 1
        elif inner:
            continue
        elif text == "|" or (text == ")" and "".join(rest[number + 1 : number + 2])[:1] in tuple("?*{")):
            return False
    return True
