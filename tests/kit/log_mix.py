"""Log lines as agents, servers and build tools write them, in believable shares; no line has a secret in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random

_TEXT = (
    "the request was handled worker queue started module config loaded from file user session created order item "
    "checkout page rendered index rebuilt token count prompt response model stream closed retry after batch of rows "
    "inserted into table finished in step compile bundle asset chunk test suite api route handler cache layer schema "
    "migration applied key pair generated password policy checked secret rotation scheduled auth flow completed"
)
_WORDS = _TEXT.split()
_FILES = (
    "src/app/main.py",
    "src/app/routes/orders.py",
    "lib/queue/worker.ts",
    "tests/test_orders.py",
    "spec.md",
    "go/main.go",
)
_LOGGERS = ("app.core", "uvicorn.access", "worker.queue", "db.pool", "sqlalchemy.engine.Engine", "httpx")
_LEVELS = ("INFO", "INFO", "INFO", "INFO", "INFO", "DEBUG", "DEBUG", "WARNING", "ERROR")
_TRACEBACK = (
    "Traceback (most recent call last):",
    '  File "/srv/demo/src/app/main.py", line 42, in handle',
    "    return self.orders[order_id].total",
    "           ~~~~~~~~~~~^^^^^^^^^^",
    '  File "/srv/demo/src/app/orders.py", line 7, in __getitem__',
    "    raise OrderMissing(order_id)",
    "app.orders.OrderMissing: no order 8812",
)


class LogMix:
    """`lines()` goes on for ever; the same `seed`, the same lines."""

    def __init__(self, seed: int = 1) -> None:
        self._random = Random(seed)
        self._second = 0
        self._open_uses: list[str] = []
        self._makers: list[tuple[int, Callable[[], list[str]]]] = [
            (250, lambda: [f"{self._time('T')}Z {self._level()} {self._text()}"]),
            (120, lambda: [f"{self._time(' ', ',')} - {self._pick(_LOGGERS)} - {self._level()} - {self._text()}"]),
            (70, lambda: [f"{self._time(' ')[11:19]} [{self._level()}] {self._text()}"]),
            (180, lambda: [self._text(14)]),
            (60, lambda: [f"  {self._pick(('-', '*', '✓', '•'))} {self._text()} ({self._pick(_FILES)})"]),
            (50, lambda: [f"{self._level()}:{self._pick(_LOGGERS)}:{self._text()}"]),
            (60, lambda: [self._json()]),
            (
                30,
                lambda: [f'time="{self._time("T")}Z" level=info msg="{self._text(6)}" rows={self._number()} took=12ms'],
            ),
            (20, lambda: [f"I1130 {self._time(' ')[11:]}000 1 reconciler.go:{self._number()}] {self._text()}"]),
            (40, lambda: [f"\x1b[2m{self._time('T')}\x1b[0m \x1b[32m INFO\x1b[0m \x1b[1mapp\x1b[0m: {self._text()}"]),
            (15, lambda: [f"\x1b[33mwarning\x1b[0m: unused variable `{self._pick(_WORDS)}`"]),
            (
                40,
                lambda: [f"commit {self._hex(40)} {self._text(5)}", f"request {self._uuid()} took {self._number()} ms"],
            ),
            (40, lambda: [self._claude()]),
            (20, lambda: [self._codex()]),
            (4, lambda: list(_TRACEBACK)),
            (6, lambda: ["\r".join(f"Downloading {share}%" for share in range(0, 101, 10))]),
            (10, lambda: [f"tests/test_orders.py::test_{self._pick(_WORDS)} PASSED [{self._number() % 100}%]"]),
            (
                8,
                lambda: [
                    f"input_tokens={self._number()} output_tokens={self._number()} total_tokens: {self._number()}"
                ],
            ),
            (8, lambda: [f"token = self.tokens[{self._number()}]; password = settings.password  # {self._text(3)}"]),
            (3, lambda: [f"data:image/png;base64,{self._base64(400)}"]),
        ]

    def lines(self) -> Iterator[str]:
        """Lines without their ends."""
        weights = [weight for weight, _ in self._makers]
        makers = [maker for _, maker in self._makers]
        while True:
            for maker in self._random.choices(makers, weights, k=256):
                yield from maker()

    def block(self, lines: int) -> bytes:
        """So many lines."""
        each = self.lines()
        return "".join(f"{next(each)}\n" for _ in range(lines)).encode()

    def _pick(self, values: tuple[str, ...] | list[str]) -> str:
        return self._random.choice(values)

    def _text(self, words: int = 9) -> str:
        return " ".join(self._random.choices(_WORDS, k=self._random.randint(words // 2, words)))

    def _level(self) -> str:
        return self._pick(_LEVELS)

    def _number(self) -> int:
        return self._random.randrange(1, 100_000)

    def _time(self, between: str, fraction: str = ".") -> str:
        self._second += self._random.random() < 0.01
        minute, second = divmod(self._second, 60)
        day_minute = f"{5 + minute // 60 % 18:02d}:{minute % 60:02d}:{second:02d}"
        return f"2026-11-30{between}{day_minute}{fraction}{self._random.randrange(1000):03d}"

    def _hex(self, digits: int) -> str:
        return "".join(self._random.choices("0123456789abcdef", k=digits))

    def _uuid(self) -> str:
        return "-".join(self._hex(size) for size in (8, 4, 4, 4, 12))

    def _base64(self, letters: int) -> str:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return "".join(self._random.choices(alphabet, k=letters))

    def _json(self) -> str:
        if self._random.random() < 0.5:
            return json.dumps(
                {"level": 30, "time": 1764480162123, "pid": 7, "hostname": "h", "msg": self._text(), "ms": 3}
            )
        fields = {"event": self._text(), "level": "info", "timestamp": f"{self._time('T')}Z", "rows": self._number()}
        return json.dumps(fields)

    def _claude(self) -> str:
        ids = {"session_id": "5f7f0f3c-3c0e-4b43-9c5e-0d7f0a1b2c3d", "uuid": self._uuid(), "parent_tool_use_id": None}
        turn = f"msg_{self._hex(20)}"
        kind = self._random.random()
        if kind < 0.4:
            content = [{"type": "text", "text": f"{self._text(20)}\n\n{self._text(20)}"}]
        elif kind < 0.7 and len(self._open_uses) < 4:
            use = {"command": f"npm test -- {self._pick(_FILES)}", "description": self._text(4)}
            self._open_uses.append(f"toolu_{self._hex(20)}")
            content = [{"type": "tool_use", "id": self._open_uses[-1], "name": "Bash", "input": use}]
        else:
            result = "\n".join(self._text(10) for _ in range(4))
            use_id = self._open_uses.pop(0) if self._open_uses else f"toolu_{self._hex(20)}"
            content = [{"type": "tool_result", "tool_use_id": use_id, "content": result}]
            return json.dumps({"type": "user", "message": {"role": "user", "content": content}, **ids})
        usage = {"input_tokens": self._number(), "cache_read_input_tokens": self._number(), "output_tokens": 7}
        message = {"id": turn, "type": "message", "role": "assistant", "model": "m", "content": content, "usage": usage}
        return json.dumps({"type": "assistant", "message": message, **ids})

    def _codex(self) -> str:
        item = {
            "id": "item_3",
            "type": "command_execution",
            "command": "bash -lc 'ls'",
            "aggregated_output": self._text(20),
        }
        return json.dumps({"type": "item.completed", "item": {**item, "exit_code": 0, "status": "completed"}})
