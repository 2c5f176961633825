"""Lists of messages and facts, filtered and paged: `select_messages`, `select_facts`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import islice

from .model import Fact, Message
from .store import MessageStore

_MOST_SEARCHED = 20_000


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages, the newest first; `next_before` continues, None at the end."""

    messages: tuple[Message, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages: all that have one of the values of each filter that is not empty."""

    jobs: Collection[str] = ()
    severities: Collection[str] = ()
    sources: Collection[str] = ()
    words: tuple[str, ...] = ()
    may_see: Callable[[str | None], bool] = lambda project: True

    def has(self, message: Message) -> bool:
        """True if it is one of them."""
        return (
            self.may_see(message.project)
            and (not self.jobs or message.job in self.jobs)
            and (not self.severities or message.severity in self.severities)
            and (not self.sources or message.source in self.sources)
            and all(word in message.text.casefold() for word in self.words)
        )


def select_messages(
    store: MessageStore, topic: str, wanted: MessageFilter, before: int | None, limit: int
) -> MessagePage:
    """A page of the messages of a topic. At most 20,000 messages are searched for one page: then it is shorter, and
    `next_before` says where to go on."""
    found: list[Message] = []
    last: int | None = None
    for number, message in enumerate(islice(store.newest_first(topic, before), _MOST_SEARCHED + 1)):
        if len(found) == limit or number == _MOST_SEARCHED:
            return MessagePage(tuple(found), last)
        last = message.id
        if wanted.has(message):
            found.append(message)
    return MessagePage(tuple(found), None)


def select_facts(facts: Iterable[Fact], statuses: Collection[str], words: Collection[str]) -> list[Fact]:
    """The facts with one of these statuses (all if none is given) whose text, tags, id and sources have all words."""
    found = []
    for fact in facts:
        if statuses and fact.status not in statuses:
            continue
        searched = " ".join(
            [fact.text, fact.id, *fact.tags, *(f"{one.source} {one.job or ''}" for one in fact.sources)]
        ).casefold()
        if all(word in searched for word in words):
            found.append(fact)
    return found


def words_of(text: str) -> tuple[str, ...]:
    """The words of a search."""
    return tuple(text.casefold().split())
