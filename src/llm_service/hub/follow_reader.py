"""`FollowReader`: what one other dashboard shares, read from that dashboard itself, and given to a `Followed`.

First its state at a position, then its stream of events, of which its own count: what it follows itself does not come
back. Its numbers have to follow each other, else the state is taken anew. It is asked every two seconds how and where
it is: a host that was stopped, a half-open connection and a stream that says nothing are noticed by that. After an
error the next attempt comes after 50 ms to 1 s, and the stream continues where it was, if the other end can.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Literal, Protocol, TypeVar

import msgspec

from .follow_link import FollowFailed, FollowLink, Message
from .outbox import Position, is_observer, parse_position
from .woken_thread import WokenThread, wait_after

STATE_PATH, REPORT_PATH, STREAM_PATH = "/api/members/state", "/api/members/report", "/streams/all"
POLL_S, POLL_TIMEOUT_S = 2.0, 4.0
MAX_REPORT_BYTES = 131_072
MAX_STATE_BYTES, STATE_TIMEOUT_S = 67_108_864, 60.0
UNREACHABLE_AFTER_S = 12.0
_LOADING_S = 0.25
_SHORT_SESSION_S = 2.0
"""A connection that ended before that counts as a failure like one that could not be made."""
_BETWEEN_STATES_S = 1.0
_STOP_S = 6.0
SHARES_NOTHING = "it shares nothing: start it with --share, or with --follow of another host"


class Followed(Protocol):
    """What takes it; called by the thread of the reader."""

    def claim(self, url: str, observer: str) -> str | None:
        """The address is that of this observer; returns what is wrong with that, if anything."""

    def is_wanted(self, url: str, observer: str) -> bool:
        """False while this observer is heard another way."""

    def alive(self, url: str, observer: str, card: bytes, report: bytes) -> None:
        """It answers."""

    def snapshot(self, url: str, observer: str, position: Position, entries: Iterable[tuple[str, str, bytes]]) -> None:
        """All that it shares."""

    def event(self, url: str, observer: str, position: Position, data: bytes) -> bool:
        """The next event; False if its number does not follow."""

    def behind(self, url: str, observer: str, at: Position) -> None:
        """Where it is, by its own account."""

    def silent(self, url: str, observer: str, reason: str, is_unreachable: bool) -> None:
        """It does not answer; `is_unreachable` if so for long."""

    def trouble(self, url: str, reason: str | None) -> None:
        """What is wrong with following this address; None if nothing is any more."""


class Report(msgspec.Struct, frozen=True):
    """The body of `GET /api/members/report`, untrusted."""

    observer: str | None
    position: str | None
    card: msgspec.Raw = msgspec.Raw(b"{}")
    report: msgspec.Raw = msgspec.Raw(b"{}")
    ready: bool = False
    resume: str = ""


class State(Report, frozen=True):
    """The body of `GET /api/members/state`, untrusted: at `position`, which the stream has after `resume`."""

    state: dict[str, dict[str, msgspec.Raw]] = msgspec.field(default_factory=dict)


class _Origin(msgspec.Struct):
    observer: str = ""
    id: str = ""


class _Head(msgspec.Struct):
    origin: _Origin | None = None


class _Stopped(Exception):
    """The reader ends."""


class _Gap(Exception):
    """The state has to be taken anew."""


class _Elsewhere(Exception):
    """It is heard another way."""


R = TypeVar("R", bound=Report)
_ID = re.compile(r"[0-9A-Za-z_.-]{1,60}")
_reports = msgspec.json.Decoder(Report)
_states = msgspec.json.Decoder(State)
_heads = msgspec.json.Decoder(_Head)
_BAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class FollowReader:
    """`start` and `stop` once. `snapshots` counts the states that were taken; `observer` is who is at the address."""

    def __init__(self, link: FollowLink, sink: Followed, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._link, self._sink, self._clock = link, sink, clock
        self._thread = WokenThread("follow-reader", self._run, _STOP_S)
        self.observer: str | None = None
        self.snapshots = 0
        self._position: Position | None = None
        self._last_id = ""
        self._state_at = self._poll_at = 0.0
        self._answered_at = self._clock()
        self._failures = 0
        self._was_elsewhere: Position | None = None
        """Where the host said that it was, while our position was another."""

    def start(self) -> None:
        """Start the thread; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._thread.stop()

    # The thread.

    def _run(self) -> None:
        while not self._thread.is_stopping:
            begun_at = self._clock()
            try:
                self._session()
                raise FollowFailed("it ended the connection")
            except _Stopped:
                return
            except _Gap:
                self._position = None
            except _Elsewhere:
                self._position = None
                self._thread.rest(_LOADING_S)
            except FollowFailed as problem:
                is_short = self._clock() - begun_at < _SHORT_SESSION_S
                self._failures = self._failures + 1 if is_short else 1
                self._fail(str(problem))
                self._thread.rest(wait_after(self._failures))

    def _fail(self, reason: str) -> None:
        self._sink.trouble(self._link.url, reason)
        if self.observer is not None:
            is_unreachable = self._clock() - self._answered_at >= UNREACHABLE_AFTER_S
            self._sink.silent(self._link.url, self.observer, reason, is_unreachable)

    def _session(self) -> None:
        """From the connection to its end."""
        observer = self._ask()
        if self._position is None:
            observer = self._take_state()
        self._poll_at = self._clock() + POLL_S
        with closing(self._link.stream(STREAM_PATH, self._last_id, self._tick)) as messages:
            for message in messages:
                self._apply(observer, message)

    def _tick(self) -> None:
        """Called several times a second while something is read."""
        self._check_running()
        if self._clock() >= self._poll_at and self.observer is not None:
            self._poll_at = self._clock() + POLL_S
            self._ask()
            self._sink.trouble(self._link.url, None)  # it lasts: one that ends each time is not in order

    def _check_running(self) -> None:
        if self._thread.is_stopping:
            raise _Stopped

    def _ask(self) -> str:
        """How the host is; returns who it is."""
        data = self._link.get(REPORT_PATH, MAX_REPORT_BYTES, POLL_TIMEOUT_S, self._check_running)
        found = _decoded(_reports, data)
        observer = self._known(found)
        at = parse_position(found.position)
        if at is None:
            raise FollowFailed("it says no position")
        self._heard(observer, found)
        if self._position is not None:
            self._sink.behind(self._link.url, observer, at)
            # Twice the same place which is not ours, and no event in between: nothing comes from there.
            if at != self._position and at == self._was_elsewhere:
                self._was_elsewhere = None
                raise _Gap
            self._was_elsewhere = at if at != self._position else None
        return observer

    def _known(self, found: Report) -> str:
        """Who is there, if it can be followed. Raises FollowFailed, _Elsewhere."""
        if found.observer is None:
            raise FollowFailed(SHARES_NOTHING)
        if not is_observer(found.observer):
            raise FollowFailed("it says an id that is none")
        url, observer = self._link.url, found.observer
        if observer != self.observer:
            problem = self._sink.claim(url, observer)
            if problem is not None:
                raise FollowFailed(problem)
            if self.observer is not None:
                self._sink.silent(url, self.observer, f"another host is at {url}", True)
            self.observer, self._position = observer, None
        if not self._sink.is_wanted(url, observer):
            self._answered_at = self._clock()
            self._sink.trouble(url, None)
            self._thread.rest(POLL_S)
            raise _Elsewhere
        if not found.ready:
            self._thread.rest(_LOADING_S)
            raise FollowFailed("it is loading its board")
        return observer

    def _heard(self, observer: str, found: Report) -> None:
        self._answered_at = self._clock()
        self._sink.alive(self._link.url, observer, bytes(found.card), bytes(found.report))

    def _take_state(self) -> str:
        wait = self._state_at + _BETWEEN_STATES_S - self._clock()
        if self.snapshots and wait > 0:
            self._thread.rest(wait)
            self._check_running()
        self._state_at = self._clock()
        data = self._link.get(STATE_PATH, MAX_STATE_BYTES, STATE_TIMEOUT_S, self._check_running)
        found = _decoded(_states, data)
        observer = self._known(found)
        position = parse_position(found.position)
        if position is None or _ID.fullmatch(found.resume) is None:
            raise FollowFailed("it says no position")
        entries = (
            (collection, key, bytes(value)) for collection, its in found.state.items() for key, value in its.items()
        )
        self._sink.snapshot(self._link.url, observer, position, entries)
        self._heard(observer, found)
        self._sink.behind(self._link.url, observer, position)
        self.snapshots += 1
        self._position, self._last_id, self._was_elsewhere = position, found.resume, None
        return observer

    def _apply(self, observer: str, message: Message) -> None:
        """One event of the stream. Raises _Gap if one is missing."""
        if message.name == "snapshot":
            raise _Gap
        try:
            origin = _heads.decode(message.data).origin
        except _BAD:
            origin = None
        position = None if origin is None or origin.observer != observer else parse_position(origin.id)
        known = self._position
        if position is not None and known is not None:
            is_repeated = position[0] == known[0] and position[1] <= known[1]
            if not is_repeated:
                if not self._sink.event(self._link.url, observer, position, message.data):
                    raise _Gap
                self._position, self._was_elsewhere = position, None
        if _ID.fullmatch(message.id):
            self._last_id = message.id


def _decoded(decoder: msgspec.json.Decoder[R], data: bytes) -> R:
    try:
        return decoder.decode(data)
    except _BAD as problem:
        raise FollowFailed("what it says is not as it should be") from problem


def look(link: FollowLink, own: str | None) -> tuple[Literal["ok", "problem"], str, str]:
    """(level, what, text) for `llm-service doctor`: whether this address can be followed."""
    try:
        data = link.get(REPORT_PATH, MAX_REPORT_BYTES, POLL_TIMEOUT_S, lambda: None)
        found = _decoded(_reports, data)
    except FollowFailed as problem:
        return "problem", "follow", f"{link.url}: {problem}"
    if found.observer is None:
        return "problem", "follow", f"{link.url}: {SHARES_NOTHING}"
    if found.observer == own or not is_observer(found.observer):
        reason = "it is this dashboard itself" if found.observer == own else "it says an id that is none"
        return "problem", "follow", f"{link.url}: {reason}"
    return "ok", "follow", f"{link.url} is the host {found.observer}"
