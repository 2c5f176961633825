"""What the demo program prints: lines in the forms that real scripts print, at a pace that can be followed."""

from __future__ import annotations

import json
import sys
import time
from random import Random

_NOISE = (
    "DEBUG:urllib3.connectionpool:Starting new HTTPS connection (1): api.example.org:443",
    "DEBUG:asyncio:Using selector: EpollSelector",
    "{at},118 INFO sqlalchemy.engine.Engine BEGIN (implicit)",
    "{at},119 INFO sqlalchemy.engine.Engine SELECT specs.id, specs.title FROM specs WHERE specs.id = ?",
    "{at},119 INFO sqlalchemy.engine.Engine [cached since 3.1s ago] (1,)",
    "DEBUG:prompt_cache:cache hit for prefix of 11,842 tokens (key 7f3a..)",
    "{at},140 INFO sqlalchemy.engine.Engine COMMIT",
)


class Output:
    """Prints to stdout. `seconds` is what the whole run takes, in `steps` steps."""

    def __init__(self, seconds: float, steps: int, random: Random) -> None:
        self._pause_s = seconds / max(1, steps)
        self._random = random

    def info(self, text: str) -> None:
        """`09:14:02 [INFO] text`"""
        self._print(f"{time.strftime('%H:%M:%S')} [INFO] {text}")

    def warn(self, text: str) -> None:
        """In yellow, as a terminal would show it."""
        self._print(f"\x1b[33m{time.strftime('%H:%M:%S')} [WARNING] {text}\x1b[0m")

    def error(self, text: str) -> None:
        """In red."""
        self._print(f"\x1b[31m{time.strftime('%H:%M:%S')} [ERROR] {text}\x1b[0m")

    def say(self, text: str) -> None:
        """A plain line, such as those that speak to the user."""
        self._print(text)

    def structured(self, event: str, **fields: object) -> None:
        """A JSON line, as structlog writes it."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._print(json.dumps({"timestamp": at, "level": "info", "event": event} | fields))

    def progress(self, done: int, total: int, what: str) -> None:
        """A bar that a terminal would draw over the one before."""
        filled = 20 * done // total
        self._print("".join(f"\r[{'#' * step}{'.' * (20 - step)}] {what}" for step in range(filled + 1)))

    def traceback(self, module: str) -> None:
        """A failure that is caught and tried again."""
        self.error(f"could not format {module}.py, trying again")
        for line in (
            "Traceback (most recent call last):",
            f'  File "tools/format.py", line {self._random.randint(20, 90)}, in format_file',
            "    result = formatter.run(source, timeout=5)",
            "TimeoutError: the formatter did not answer within 5 s",
        ):
            self._print(line)

    def step(self) -> None:
        """Some noise, then a pause: about as long as a step takes."""
        for _ in range(self._random.randint(0, 3)):
            self._print(self._random.choice(_NOISE).replace("{at}", time.strftime("%Y-%m-%d %H:%M:%S")))
        time.sleep(self._pause_s * self._random.uniform(0.6, 1.4))

    @staticmethod
    def _print(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
