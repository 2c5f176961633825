"""`keep_connected`: what the threads that write to Redis and read from it have in common, a connection again after
every error, until the thread has to end."""

from __future__ import annotations

from collections.abc import Callable

from .redis_link import Client, RedisLink, RedisMissing, errors
from .woken_thread import WokenThread, wait_after


class JoinAnew(Exception):
    """Redis is not where the session left it: it begins again at once, with a new connection."""


class Refused(Exception):
    """The session may not go on; said to people as it is, and tried again."""


Session = Callable[[Client, Callable[[], None]], None]
"""Works with a connection until there is an error, or the thread has to end; calls the function when it has begun to
work: then the next failure is the first one."""


def keep_connected(
    thread: WokenThread, link: RedisLink, session: Session, on_problem: Callable[[Exception], None]
) -> None:
    """Run the session until the thread has to end. `on_problem` gets why it ended before: a Refused, what `errors` has,
    or RedisMissing, after which nothing is tried any more."""
    try:
        known: tuple[type[Exception], ...] = (*errors(), Refused)
    except RedisMissing as problem:
        on_problem(problem)
        return
    failures = 0

    def works() -> None:
        nonlocal failures
        failures = 0

    while not thread.is_stopping:
        client = None
        try:
            client = link.connect()
            session(client, works)
        except JoinAnew:
            works()
        except known as problem:
            failures += 1
            on_problem(problem)
        finally:
            if client is not None:
                client.close()
        if failures:
            thread.rest(wait_after(failures))
