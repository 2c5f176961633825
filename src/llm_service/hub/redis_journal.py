"""`RedisJournal`: writes what this host shares to Redis, for the other hosts of the board.

Local first, Redis after: a thread reads the outbox, so nothing ever waits for Redis. Each batch is one MULTI with the
events (a stream, whose ids are ours), the entries they change (hashes by topic), and the position (`at`) that both
have: a dashboard that reads `at` first and the hashes after it misses nothing. After any error, and whenever `at` is
not what was written last, the thread looks where Redis is, and writes what it lacks: the events from the outbox, or,
if it has lost more than that, the whole state under a new epoch. What says that a state was written whole is a key of
its own (`base`): a batch that comes to an emptied server writes `at` and a few entries, and not that key.

Events are packed with a dictionary (`packed_events`), which is chosen from the first of them and belongs to the epoch.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from ..settings.troubles import Troubles
from .board import Source, encode_entry
from .outbox import Outbox, Position, SharedEvent, parse_position, position_text
from .packed_events import EventPacker, sample_of
from .redis_link import (
    DICTIONARY,
    EVENTS,
    MEMBER,
    TEXT_EVENTS,
    BoardKeys,
    Client,
    RedisLink,
    kind_of,
    reason_of,
)
from .redis_owner import Owner
from .redis_session import JoinAnew, keep_connected
from .run_token import Run
from .woken_thread import WokenThread

MAX_STREAM = 10_000
ALIVE_S = 15
HEARTBEAT_S = 1.0
_BATCH = 500
_GATHER_S = 0.005
"""After a batch: events that come thick are written together."""
_FIELDS_AT_ONCE = 1_000
_STOP_S = 6.0


class RedisJournal:
    """`start` and `stop` once; `health` and `trouble` by any thread."""

    def __init__(
        self,
        link: RedisLink,
        keys: BoardKeys,
        outbox: Outbox,
        source: Source,
        on_trouble: Callable[[str | None], None] = lambda reason: None,
        *,
        run: Run | None = None,
        max_stream: int = MAX_STREAM,
        republishes: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`run`: see `begin_run`; without one, no other's place is taken. `republishes`: False only to show in a test
        what would be lost."""
        self._link, self._keys, self._outbox, self._source = link, keys, outbox, source
        self._max_stream, self._republishes, self._clock = max_stream, republishes, clock
        self._troubles = Troubles(on_trouble)
        self._owner = Owner(keys.of(outbox.observer, "owner"), outbox.observer, run)
        self._written: Position = (0, 0)
        self._base = ""
        self._known_topics: set[str] = set()
        self._like: list[bytes] = []
        """Entries of the state, one of each topic: what events are made of."""
        self._packer: EventPacker | None = None
        self._beat_at = 0.0
        self._thread = WokenThread("redis-journal", self._run, _STOP_S)
        self.since: float | None = clock()
        """Unix time since when it cannot be written; None if it can."""
        self._failing = ""
        self.states_written = 0
        self.republished = 0

    @property
    def trouble(self) -> str | None:
        """Why it cannot be written; None if it can."""
        return self._troubles.problem

    @property
    def waiting(self) -> int:
        """How many events wait to be written."""
        return max(0, self._outbox.position[1] - self._written[1])

    def start(self) -> None:
        """Start the thread; returns at once, also if there is no Redis."""
        self._thread.start()

    def flush(self, timeout_s: float) -> bool:
        """See `EventLog`."""
        wanted = self._outbox.position[1]
        with self._thread.changed:
            return self._thread.wait_for(lambda: self._written[1] >= wanted, timeout_s) and self._written[1] >= wanted

    def stop(self) -> None:
        """Write what waits if that is possible at once, and end the thread."""
        self._outbox.close()
        self._thread.stop()

    # The thread.

    def _run(self) -> None:
        while not self._source.is_ready():
            if not self._thread.rest(0.05):
                return
        keep_connected(self._thread, self._link, self._session, self._fails)

    def _session(self, client: Client, works: Callable[[], None]) -> None:
        self._owner.claim(client)
        self._join(client)
        works()
        self.since = None
        self._troubles.end()
        self._write(client)

    def _fails(self, problem: Exception) -> None:
        """Say what is wrong, once as long as it is of a kind: each attempt may fail in another way."""
        if self.since is None:
            self.since = self._clock()
        kind = kind_of(problem)
        if kind != self._failing or self._troubles.problem is None:
            self._failing = kind
            self._troubles.begin(f"{kind}: {reason_of(problem)}" if kind else reason_of(problem))

    def _join(self, client: Client) -> None:
        """Find out where Redis is, and write what it lacks."""
        observer, outbox = self._outbox.observer, self._outbox
        last = client.xrevrange(self._key(EVENTS), "+", "-", count=1)
        end = parse_position(last[0][0]) if last else None
        at = parse_position(client.get(self._key("at")))
        epoch, number = outbox.position
        latest = max(end or (0, 0), at or (0, 0))
        if latest > (epoch, number):
            # A clock that was set back, or data of a run whose end we do not know.
            outbox.renew(max(int(self._clock() * 1000), latest[0] + 1))
        client.hset(self._keys.members, observer, MEMBER)
        client.set(self._key("card"), self._source.card())
        epoch, number = outbox.position
        if self._packer is not None and self._packer.epoch == epoch:
            client.set(self._key(DICTIONARY), self._packer.dictionary)
        is_whole = self._base != "" and client.get(self._key("base")) == self._base.encode()
        is_beside = end is not None and end[0] == epoch and end != at
        if not is_whole or at is None or at[0] != epoch or at[1] > number or is_beside:
            self._write_state(client)  # nothing of this epoch is there, or what is there does not fit together
        elif not self._republishes:
            self._written = (epoch, number)
            client.set(self._key("at"), position_text(self._written))
        elif not self._has_state(client):
            self._write_state(client)
        elif outbox.after(at[1], limit=1) is None:
            # More is lost than we have: what is there cannot be continued.
            outbox.renew(max(int(self._clock() * 1000), epoch + 1))
            self._write_state(client)
        else:
            self.republished += number - at[1]
            self._written = at

    def _has_state(self, client: Client) -> bool:
        keys = [self._keys.state(self._outbox.observer, topic) for topic in self._known_topics]
        return not keys or client.exists(*keys) == len(keys)

    def _write_state(self, client: Client) -> None:
        """The whole state, at the position that was read before it."""
        observer, position = self._outbox.observer, self._outbox.position
        state = self._source.state()
        # Two transactions would show half a state under the old position; one of 20,000 tasks takes 0.2 s.
        pipe = client.pipeline(transaction=True)
        for topic in {*state, *self._known_topics}:
            pipe.delete(self._keys.state(observer, topic))
        for topic, fields in state.items():
            key, entries = self._keys.state(observer, topic), list(fields.items())
            for start in range(0, len(entries), _FIELDS_AT_ONCE):
                pipe.hset(key, mapping=dict(entries[start : start + _FIELDS_AT_ONCE]))
        base = secrets.token_hex(8)
        pipe.delete(self._key(TEXT_EVENTS))
        pipe.set(self._key("base"), base)
        pipe.set(self._key("at"), position_text(position))
        pipe.execute()
        self._base = base
        self._like = [next(iter(fields.values())) for fields in state.values() if fields]
        self._known_topics = {topic for topic, fields in state.items() if fields}
        self._reached(position)
        self.states_written += 1

    def _write(self, client: Client) -> None:
        """Write events as they come, until there is an error, or the end."""
        self._beat_at = 0.0
        while True:
            now = time.monotonic()
            if now >= self._beat_at:
                self._beat(client)
                self._beat_at = now + HEARTBEAT_S
            epoch, number = self._written
            if self._outbox.wait(number, max(0.0, self._beat_at - time.monotonic())) or self._thread.is_stopping:
                if self._outbox.position[0] != epoch:
                    raise JoinAnew
                events = self._outbox.after(number, _BATCH)
                if events is None:
                    raise JoinAnew
                if events:
                    self._write_batch(client, epoch, events)
                    if len(events) > 1 or self.waiting:
                        self._thread.rest(_GATHER_S)
            if self._thread.is_stopping and not self.waiting:
                self._leave(client)
                return

    def _write_batch(self, client: Client, epoch: int, events: list[SharedEvent]) -> None:
        pipe = client.pipeline(transaction=True)
        stream, changed = self._key(EVENTS), dict[tuple[str, str], bytes | None]()
        packer = self._packer
        if packer is None or packer.epoch != epoch:
            kinds = {one.event.type: one.text.encode() for one in events}
            packer = self._packer = EventPacker(epoch, sample_of([*self._like, *kinds.values()]))
            pipe.set(self._key(DICTIONARY), packer.dictionary)
        for one in events:
            pipe.xadd(
                stream,
                {"e": packer.pack(one.text), "t": one.event.topic},
                id=position_text((epoch, one.number)),
                maxlen=self._max_stream,
                approximate=True,
            )
            for collection, key, value in one.event.entries():
                topic = self._source.topic_of(collection)
                if topic is not None:
                    changed[(topic, f"{collection}:{key}")] = None if value is None else encode_entry(value)
        by_topic = dict[str, tuple[dict[str, bytes], list[str]]]()
        for (topic, name), data in changed.items():
            fields, removed = by_topic.setdefault(topic, ({}, []))
            if data is None:
                removed.append(name)
            else:
                fields[name] = data
        for topic, (fields, removed) in by_topic.items():
            hash_key = self._keys.state(self._outbox.observer, topic)
            if fields:
                pipe.hset(hash_key, mapping=fields)
                self._known_topics.add(topic)
            if removed:
                pipe.hdel(hash_key, *removed)
                if not fields:
                    self._known_topics.discard(topic)  # it may be empty now, and is not there then
        after = (epoch, events[-1].number)
        pipe.get(self._key("base"))
        pipe.set(self._key("at"), position_text(after), get=True)
        *_, base, before = pipe.execute()
        if base != self._base.encode() or parse_position(before) != self._written:
            # What was there before is not what we left, and `at` is now that of this batch: neither can be continued.
            self._base = ""
            raise JoinAnew
        self._reached(after)

    def _reached(self, position: Position) -> None:
        with self._thread.changed:
            self._written = position
            self._thread.changed.notify_all()

    def _beat(self, client: Client) -> None:
        """Say that we are there, and look whether everything is as we left it."""
        pipe = client.pipeline(transaction=False)
        pipe.get(self._owner.key)
        pipe.get(self._key("at"))
        pipe.hget(self._keys.members, self._outbox.observer)
        pipe.set(self._key("alive"), self._source.report(), ex=ALIVE_S)
        described = [self._key("card")] + ([self._key(DICTIONARY)] if self._packer is not None else [])
        pipe.exists(*described)
        pipe.get(self._key("base"))
        owner, at, member, _, count, base = pipe.execute()
        is_there = member == MEMBER and count == len(described) and base == self._base.encode()
        if not self._owner.is_held_by(owner) or not is_there:
            raise JoinAnew
        if parse_position(at) != self._written or not self._has_state(client):
            raise JoinAnew
        self._owner.renew(client)

    def _leave(self, client: Client) -> None:
        """Others need not wait to learn that we are gone."""
        if self._owner.is_mine(client):
            client.delete(self._owner.key, self._key("alive"))

    def _key(self, name: str) -> Any:
        return self._keys.of(self._outbox.observer, name)
