"""Lines of logs out of all pieces that heads and messages may have, sensible or not."""

from __future__ import annotations

import json
from random import Random

from llm_service.logs.formats.levels import LEVELS

SECONDS = (
    "2026-11-30T05:22:42", "2026-11-30 05:22:42", "2026/11/30 05:22:42", "2026-13-30 05:22:42", "2026-11-30-05:22:42",
    "2026/11-30 05:22:42", "9999-12-31 23:59:59", "05:22:42", "25:61:99", "5:22:42", "x026-11-30T05:22:42",
    "٢٠٢٦-11-30 05:22:42",
)  # fmt: skip
FRACTIONS = ("", ".1", ",123", ".123456", ".1234567890", ".", ",")
ZONES = ("", "Z", " Z", "UTC", "+01:00", " -0800", "-08", "ZZ")
BETWEEN = (" ", "  ", " - ", " | ", "\t", "] ", ": ", " -", "", ", ", " — ", "\x0b")
NAMES = ("", "app.core", "app.core -", "[main]", "(123)", "thread-1", "a:b/c@d", "x" * 81, "INFO", "Z", "名前")
WORDS = (*(word for word in LEVELS if word[0].islower() or word[0] in "DIWECNTFVSAP"), "INFOS", "message", "Z", "main")
BRACKETS = (("", ""), ("[", "]"), ("(", ")"), ("<", ">"), ("[", ""), ("", "]"), ("", "    "))
BEHIND = (" ", ": ", " - ", "  ", "", ":", " | ", "-", "]", ": - ")
PHRASES = (
    "the run started", "FACT: x", "Error:", "warning:", "3 failed", "deprecated", "Traceback (most recent call last):",
    "ValueError: no", "cache hit", "sqlalchemy.engine.Engine", "SELECT a FROM b ", "Running plan", "/speckit.plan",
    "rate limit exceeded",
    "proceed?", "proceed? [y/n]", "/work/project/a.py", "/work/project", "-", "|", ":", "]", "[INFO]", "✓", "✗",
    "é", "日本", "=", "key=value", "level=info", "msg=hi", "goroutine 1 [running]:", "main.main()", "heartbeat", "50%",
    "{}", "\x1b[31m", "\x1b[0m", "\r", "\x08", "\x00",
)  # fmt: skip
KLOG = ("I1130 05:22:42.123456 1 main.go:12] started", "I1130 05:22:42.1 1 main.go:12] x")


class Lines:
    """Lines out of all these pieces; the same seed, the same lines."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._pick = self._random.choice

    def message(self) -> str:
        return " ".join(self._random.choices(PHRASES, k=self._random.randrange(6)))

    def head(self) -> str:
        pick = self._pick
        opening, closing = pick(BRACKETS)
        time = f"{pick(SECONDS)}{pick(FRACTIONS)}{pick(ZONES)}{pick(BETWEEN)}"
        front = pick((time, time, f"{time}{pick(NAMES)}{pick(BETWEEN)}", f"{pick(NAMES)}{pick(BETWEEN)}", ""))
        return f"{front}{opening}{pick(WORDS)}{closing}{pick(BEHIND)}"

    def json(self) -> str:
        turn = {"id": self._pick("ab"), "content": [{"type": "text", "text": self.message()}]}
        fields = {
            "level": self._pick((30, 50, "info", "warning", "x")),
            "time": self._pick((1764480162123, "x")),
            "msg": self.message(),
            "type": self._pick(("assistant", "user", "item.completed", "x")),
            "message": self._pick((turn, self.message())),
            "a": self.message(),
        }
        names = self._random.sample(list(fields), self._random.randrange(len(fields)))
        return json.dumps({name: fields[name] for name in names}, ensure_ascii=False)

    def logfmt(self) -> str:
        values = self._random.choices(("x", "info", "a b", "k=v", "2026-11-30T05:22:42Z"), k=4)
        return 'time="{}" level={} msg="{}" {}'.format(*values)

    def line(self) -> str:
        kind = self._random.random()
        if kind < 0.5:
            return self.head() + self.message()
        if kind < 0.7:
            return self.message()
        if kind < 0.9:
            return self.json()
        return self._pick((self.logfmt(), *KLOG, "{", "[", "7"))
