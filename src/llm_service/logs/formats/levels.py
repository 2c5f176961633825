"""The levels of all formats as the four that we have."""

from __future__ import annotations

_WORDS = {
    "debug": "trace finest finer fine verbose silly debug dbg d t",
    "info": "info inf information notice success http log i n",
    "warning": "warn warning wrn w",
    "error": "error err e severe critical crit fatal f alert emerg emergency panic c",
}
_ABBREVIATED = frozenset("dtinwefc")
LEVELS: dict[str, str] = {}
"""Level by its word as it is written: `INFO`, `info`, `Info`; single letters only in upper case."""
for _level, _words in _WORDS.items():
    for _word in _words.split():
        if _word in _ABBREVIATED:
            LEVELS[_word.upper()] = _level
        else:
            LEVELS |= {_word: _level, _word.upper(): _level, _word.title(): _level}

_SYSLOG = ("error", "error", "error", "error", "warning", "info", "info", "debug")


def level_of_value(value: object) -> str | None:
    """The level of a field of JSON or logfmt: a word, or a number of pino and bunyan (10 to 60) or syslog (0 to 7)."""
    if isinstance(value, str):
        return LEVELS.get(value) or LEVELS.get(value.lower())
    if type(value) is int:
        if value >= 10:
            return "error" if value >= 50 else "warning" if value >= 40 else "info" if value >= 30 else "debug"
        if 0 <= value < len(_SYSLOG):
            return _SYSLOG[value]
    return None
