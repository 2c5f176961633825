"""The guard with users: whose token opens what, as whom, and what a cookie of a user proves."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from llm_service.errors import Forbidden, NotFound, Unauthorized
from llm_service.web.guard import Guard, GuardPolicy
from llm_service.web.guard_throttle import TooManyTokens
from llm_service.web.guard_tokens import TokenCheck
from llm_service.web.people import (
    LOCAL_ADMIN,
    NOBODY,
    PERSON,
    Person,
    person_of,
    projects_in,
    require_admin,
    require_project,
    visible,
)


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


ADA = Person("ada", False, frozenset({"shop"}), hashed("ada's"))
ROOT = Person("root", True, None, hashed("root's"))
POLICY = GuardPolicy(people=(ADA, ROOT), cookie_key=b"key")
BOTH = GuardPolicy(token="the one", people=(ADA, ROOT), cookie_key=b"key")


def ask(policy: GuardPolicy, path: str = "/api/tasks", **headers: str) -> tuple[int, Person | None, Any]:
    """(status, whom the app saw, headers of the answer)."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = EnvironBuilder(path=path, headers={"Host": "127.0.0.1:8080"} | named).get_environ()
    environ["HTTP_HOST"] = "127.0.0.1:8080"
    seen: list[Person] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ[PERSON])
        start_response("200 OK", [])
        return [b""]

    _, status, answered = run_wsgi_app(Guard(app, policy), environ, buffered=True)
    return int(status.split()[0]), seen[0] if seen else None, answered


@pytest.mark.parametrize(
    ("policy", "token", "person"),
    [
        (POLICY, "ada's", ADA),
        (POLICY, "root's", ROOT),
        (POLICY, "the one", None),
        (POLICY, "", None),
        (POLICY, hashed("ada's"), None),
        (POLICY, "\ud800", None),
        (BOTH, "the one", LOCAL_ADMIN),
        (BOTH, "ada's", ADA),
        (BOTH, "key", None),
    ],
)
def test_a_token_says_who_sent_a_request(policy: GuardPolicy, token: str, person: Person | None) -> None:
    check = TokenCheck(policy.token, people=policy.people, cookie_key=policy.cookie_key)
    assert check.holder(token) is person
    if token.isascii():
        status, seen, _ = ask(policy, Authorization=f"Bearer {token}")
        assert (status, seen) == ((200, person) if person else (401, None))


def test_with_users_a_request_needs_a_token_and_without_it_is_of_nobody() -> None:
    assert ask(POLICY)[:2] == (401, None)
    assert ask(POLICY, "/socket.io/?EIO=4")[:2] == (200, NOBODY)
    assert ask(GuardPolicy())[:2] == (200, LOCAL_ADMIN)


def test_a_cookie_says_who_it_is_and_is_renewed_as_that_one() -> None:
    status, _, headers = ask(POLICY, "/?token=ada%27s")
    assert status == 303
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert ask(POLICY, Cookie=cookie)[1] == ADA
    assert ask(POLICY, Cookie=cookie, Authorization="Bearer root's")[1] == ROOT
    assert ask(GuardPolicy(people=(ROOT,), cookie_key=b"key"), Cookie=cookie)[0] == 401
    assert ask(GuardPolicy(people=(ADA, ROOT), cookie_key=b"other"), Cookie=cookie)[0] == 401
    now = [0.0]
    check = TokenCheck(None, clock=lambda: now[0], people=POLICY.people, cookie_key=b"key")
    environ = {"SERVER_PORT": "80", "wsgi.url_scheme": "http", "QUERY_STRING": ""}
    environ["HTTP_COOKIE"] = check.cookie(environ, ADA).partition(";")[0]  # type: ignore[arg-type]
    now[0] = 5 * 86_400.0
    assert check.is_cookie_half_over(environ)  # type: ignore[arg-type]
    assert check.person(environ) == ADA  # type: ignore[arg-type]


def test_the_newest_of_several_cookies_counts() -> None:
    now = [0.0]
    check = TokenCheck(None, clock=lambda: now[0], people=POLICY.people, cookie_key=b"key")
    environ: Any = {"SERVER_PORT": "80", "wsgi.url_scheme": "http", "QUERY_STRING": ""}
    old = check.cookie(environ, ADA).partition(";")[0]
    now[0] = 10.0
    new = check.cookie(environ, ROOT).partition(";")[0]
    for cookies in (f"{old}; {new}", f"{new}; {old}"):
        assert check.person(environ | {"HTTP_COOKIE": cookies}) == ROOT


def test_every_hash_is_compared_whoever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: compared.append(other) or compare(one, other))  # type: ignore[func-returns-value]
    check = TokenCheck("the one", people=(ADA, ROOT), cookie_key=b"key")
    for token in ("the one", "ada's", "root's", "nobody's"):
        compared.clear()
        check.holder(token)
        assert len(compared) == 3, token


def test_a_packet_may_say_more_than_the_request() -> None:
    check = TokenCheck(None, people=(ADA, ROOT), cookie_key=b"key")
    environ = {"llm_service.authenticated": True, PERSON: ADA, "REMOTE_ADDR": "127.0.0.1"}
    assert [check.admit(environ, token) for token in (None, "wrong", "root's")] == [ADA, ADA, ROOT]
    alone = {"llm_service.authenticated": False, PERSON: NOBODY, "REMOTE_ADDR": "127.0.0.1"}
    assert check.admit(alone, "ada's") == ADA
    with pytest.raises(Unauthorized):
        check.admit(alone, None)
    with pytest.raises(TooManyTokens):
        for _ in range(20):
            with pytest.raises(Unauthorized):
                check.admit(alone, "wrong")
    assert Guard(lambda environ, start: [], GuardPolicy()).admit({}, None) == LOCAL_ADMIN


def test_users_without_a_key_for_their_cookies_are_refused() -> None:
    with pytest.raises(ValueError, match="could make a cookie"):
        GuardPolicy(people=(ADA,))
    assert "key" not in repr(GuardPolicy(cookie_key=b"key")).replace("cookie_key", "")
    assert ADA.token_sha256 not in repr(POLICY)


def test_people_see_their_projects() -> None:
    assert [ADA.may_see(project) for project in ("shop", "secret", None)] == [True, False, True]
    assert [ROOT.may_see("secret"), LOCAL_ADMIN.may_see("secret"), NOBODY.may_see("secret")] == [True, True, False]
    assert person_of({}) == LOCAL_ADMIN
    require_project({PERSON: ADA}, "shop")
    with pytest.raises(NotFound, match="secret"):
        require_project({PERSON: ADA}, "secret")
    require_admin({PERSON: ROOT})
    with pytest.raises(Forbidden, match="admin"):
        require_admin({PERSON: ADA})


def test_values_are_shown_without_entries_of_other_projects() -> None:
    class Job:
        project = "secret"

    value = {"jobs": [{"project": "shop"}, {"project": "secret"}, Job(), {"id": 1}, "text"], "count": {"x": (1, 2)}}
    assert visible(value, {"shop"}) == {"jobs": [{"project": "shop"}, {"id": 1}, "text"], "count": {"x": [1, 2]}}


def test_an_event_as_json_says_which_projects_it_is_about() -> None:
    assert projects_in({"type": "x", "project": "a", "previous_project": "b"}) == {"a", "b"}
    assert projects_in({"type": "x", "job": {"project": "a"}, "n": 1, "project": None}) == {"a"}
    assert projects_in({"type": "x", "job": "id"}) == set()


class Parts:
    """The body of a response that goes on and on."""

    is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"one", b"two", b"three")

    def close(self) -> None:
        self.is_closed = True


def test_an_answer_ends_in_the_middle_when_who_asked_has_lost_the_token() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        parts = Parts()

        def app(environ: dict[str, Any], start_response: Any) -> Parts:
            start_response("200 OK", [])
            return parts

        guard = Guard(app, POLICY)  # type: ignore[arg-type]
        environ = EnvironBuilder(path="/streams/all", headers={"Authorization": "Bearer ada's"}).get_environ()
        environ |= {"HTTP_HOST": "127.0.0.1:8080", "gunicorn.socket": ours}
        body: Any = guard(environ, lambda *arguments: None)  # type: ignore[arg-type, return-value]
        sent = iter(body)
        assert next(sent) == b"one"
        guard.set_people([ADA, ROOT])
        assert next(sent) == b"two", "the others changing is nothing to her"
        guard.set_people([ROOT])
        assert list(sent) == []
        body.close()
        assert parts.is_closed
        theirs.settimeout(60)
        assert theirs.recv(1) == b"", "the client sees the end, and not a part that is missing"


def test_once_there_were_users_nobody_is_let_in_without_a_token() -> None:
    guard = Guard(lambda environ, start_response: [], GuardPolicy())
    assert guard.is_welcome(ADA)
    guard.set_people([ADA])
    assert (guard.is_welcome(ADA), guard.is_welcome(ROOT)) == (True, False)
    guard.set_people([])
    assert not guard.is_welcome(ADA)
    unguarded = Guard(lambda environ, start_response: [], GuardPolicy(), off={"token"})
    unguarded.set_people([ADA])
    assert unguarded.is_welcome(ROOT)
