"""The way to Redis: `RedisLink(url).connect()`, and what the keys of a board are called (`BoardKeys`).

redis-py is the extra `redis`, imported when it is first used. A connection is made anew after every error, with bounds
for each step, so that a half-open one is noticed; redis-py's own retries are off, as they would hide what was lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ServiceError

REQUIREMENT = "redis[hiredis]>=8.1,<9"
"""As in requirements-redis.txt."""
PREFIX = "llm"
Client = Any
"""A `redis.Redis`. Its annotations say text where it gives bytes, so they check nothing here."""
CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 5.0
MEMBER, FORGOTTEN = b"1", b"0"
"""Values of the index of members."""
EVENTS, TEXT_EVENTS = "evz", "ev"
"""Streams of an observer: of packed events, and of text, as earlier versions write and read it. Such a reader finds
nothing in the stream and elsewhere an `at` that is not where it is: it takes the state, once a second."""
DICTIONARY = "dict"
_IN_PIPELINE = re.compile(r"Command # \d+ \((?P<command>\w+) (?P<key>[^ )]+).*?\) of pipeline caused error: ")
"""What redis-py puts before the error of a command in a pipeline: all that was to be written, packed events too."""


class RedisMissing(ServiceError):
    """The extra `redis` is not installed."""

    code = "REDIS_MISSING"
    exit_code = 3


class RedisUnusable(Exception):
    """What Redis answered, or did not, as a sentence for people without a full stop; never with a password."""


@dataclass(frozen=True, slots=True)
class BoardKeys:
    """The names of the keys of a board."""

    board: str

    @property
    def members(self) -> str:
        """Hash: observer -> `MEMBER` or `FORGOTTEN`. An index only: all observers write to it."""
        return f"{PREFIX}:{self.board}:members"

    def of(self, observer: str, name: str) -> str:
        """A key that only this observer writes: `evz`, `dict`, `at`, `base`, `alive`, `owner`, `card`."""
        return f"{PREFIX}:{self.board}:{observer}:{name}"

    def state(self, observer: str, topic: str) -> str:
        """Hash: `<collection>:<key>` -> JSON."""
        return self.of(observer, f"state:{topic}")


class RedisLink:
    """Connects to one server. Immutable; each thread has its own connection."""

    def __init__(self, url: str) -> None:
        self._url = url

    def connect(self) -> Client:
        """A client with one connection, which is opened now, and never again: what is written after something was read
        goes to the server that it was read from, or fails. Raises what `errors` has, RedisMissing."""
        redis = module()
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        pool = redis.ConnectionPool.from_url(
            self._url,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            socket_timeout=ANSWER_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            max_connections=1,
        )
        pool.connection_class = _opened_once(pool.connection_class)
        client = redis.Redis.from_pool(pool)
        client.ping()
        return client

    def run(self, work: Callable[[Client], Any]) -> Any:
        """`work(client)` with a connection of its own. Raises RedisUnusable, RedisMissing."""
        try:
            client = self.connect()
            try:
                return work(client)
            finally:
                client.close()
        except errors() as problem:
            raise RedisUnusable(reason_of(problem)) from problem


def module() -> Any:
    """redis-py. Raises RedisMissing."""
    try:
        import redis
    except ImportError as problem:
        raise RedisMissing(
            f"Several hosts on one board need redis-py: pip install '{REQUIREMENT}', or unset board and redis_url."
        ) from problem
    return redis


def _opened_once(kind: Any) -> Any:
    """The class of connections, but that one which was lost is not opened again: a pool does that without a word, and
    the server may have lost what it had."""
    lost = module().ConnectionError

    class Once(kind):  # type: ignore[misc]
        _was_opened = False

        def _connect(self) -> Any:
            if self._was_opened:
                raise lost("the connection was lost")
            self._was_opened = True
            return super()._connect()

    return Once


def errors() -> tuple[type[Exception], ...]:
    """What can go wrong with a connection or an answer."""
    return (module().RedisError, OSError)


def is_wrong_type(problem: object) -> bool:
    """True if a key is of another type than ours: another program, or its host, wrote something else there."""
    return isinstance(problem, module().ResponseError) and "WRONGTYPE" in str(problem)


def reason_of(problem: Exception) -> str:
    """What went wrong, in one line without a full stop, without what the URL and the commands say."""
    if isinstance(problem, RedisMissing):
        return problem.message.rstrip(".")
    text = " ".join(str(problem).split())
    in_pipeline = _IN_PIPELINE.match(text)
    if in_pipeline is not None:
        text = f"{in_pipeline['command']} {in_pipeline['key']}: {text[in_pipeline.end() :]}"
    return text[:200].rstrip(".") or type(problem).__name__


def kind_of(problem: Exception) -> str:
    """What kind of thing went wrong: that it cannot be reached, or that it does not do what it is asked for; "" for
    what we say ourselves."""
    if isinstance(problem, RedisMissing) or not isinstance(problem, errors()):
        return ""
    redis = module()
    # One that is loading its data is of the class of those that cannot be reached.
    is_away = isinstance(problem, (redis.ConnectionError, redis.TimeoutError, OSError))
    is_refused = isinstance(problem, redis.AuthenticationError)
    return "Redis cannot be reached" if is_away and not is_refused else "Redis refuses"
