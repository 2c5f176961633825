"""The token alone: what a cookie proves, until when, and the address that is left without the token."""

from __future__ import annotations

from typing import Any

import pytest

from llm_service.errors import Unauthorized
from llm_service.web.guard_tokens import COOKIE_S, TokenCheck, address_of, same_text

DAY = 86_400


class Clock:
    """A clock that is set by hand."""

    now = 1_800_000_000.75

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def request(cookie: str = "", **more: Any) -> dict[str, Any]:
    environ = {"SERVER_PORT": "8080", "wsgi.url_scheme": "http", "REQUEST_METHOD": "GET", "HTTP_COOKIE": cookie}
    environ |= {"QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1"}
    return environ | more


def pair(check: TokenCheck, **more: Any) -> str:
    """The cookie as a browser sends it back."""
    return check.cookie(request(**more)).partition(";")[0]


def test_a_cookie_has_an_end_that_the_service_checks(clock: Clock) -> None:
    check = TokenCheck("s3cret", clock=clock)
    cookie = pair(check)
    assert check.cookie(request()).endswith(f"; Max-Age={7 * DAY}")
    assert cookie.partition("=")[2].startswith(f"{1_800_000_000 + 7 * DAY}.")
    clock.now += 7 * DAY - 1
    assert check.is_authenticated(request(cookie))
    clock.now += 1
    assert not check.is_authenticated(request(cookie))
    clock.now -= 8 * DAY
    assert not check.is_authenticated(request(cookie)), "it is valid for longer than any that this service gave"


def test_the_end_cannot_be_moved(clock: Clock) -> None:
    check = TokenCheck("s3cret", clock=clock)
    name, _, value = pair(check).partition("=")
    until, _, proof = value.partition(".")
    assert check.is_authenticated(request(f"{name}={value}"))
    for text in (str(int(until) - 1), f"0{until}", f"{until} ", "", "x", "-1", "\xb2", "9" * 13, "9" * 5_000):
        assert not check.is_authenticated(request(f"{name}={text}.{proof}")), text
    for text in (until, f"{until}.", f"{value}.", f"{value}0", value[:-1], f"{until}.{proof.upper()}", f"{until}.\xe9"):
        assert not check.is_authenticated(request(f"{name}={text}")), text


def test_the_longest_lasting_of_several_counts(clock: Clock) -> None:
    check = TokenCheck("s3cret", clock=clock)
    old = pair(check)
    clock.now += 4 * DAY
    new = pair(check)
    assert check.is_cookie_half_over(request(old))
    for cookies in (f"{old}; {new}", f"{new};{old}", f"{new.partition('=')[0]}=x; {new}; a=b"):
        assert check.is_authenticated(request(cookies))
        assert not check.is_cookie_half_over(request(cookies))


def test_half_over_is_after_half_of_the_time_and_only_while_valid(clock: Clock) -> None:
    check = TokenCheck("s3cret", clock=clock)
    clock.now = 1_800_000_000.0
    cookie = pair(check)
    assert not check.is_cookie_half_over(request())
    clock.now += COOKIE_S / 2
    assert not check.is_cookie_half_over(request(cookie))
    clock.now += 1
    assert check.is_cookie_half_over(request(cookie))
    clock.now += COOKIE_S
    assert not check.is_cookie_half_over(request(cookie))


def test_a_cookie_names_its_port_and_no_other_part_of_the_request(clock: Clock) -> None:
    check = TokenCheck("s3cret", clock=clock)
    assert pair(check).startswith("llm_service_8080_")
    assert pair(check, SERVER_PORT="80").startswith("llm_service_80_")
    assert check.cookie(request(**{"wsgi.url_scheme": "https"})).endswith("; Secure")
    assert pair(check) == pair(TokenCheck("s3cret", clock=clock)), "it outlives a restart"


def test_a_cookie_outlives_an_update(clock: Clock) -> None:
    """The values are those of `printf "cookie name" | openssl dgst -sha256 -hmac s3cret`, and of its second line."""
    name, _, value = pair(TokenCheck("s3cret", clock=clock)).partition("=")
    assert name == "llm_service_8080_cfd61ea4423e"
    assert value == "1800604800.aa55803cee80ccee4b65a7f7b9713e7afda984f6d6c03e80ec49d48226a88755"


def test_a_cookie_is_valid_from_the_second_in_which_it_was_made_to_the_second_of_its_end(clock: Clock) -> None:
    check = TokenCheck("s3cret", clock=clock)
    clock.now = 1_800_000_000.0
    cookie = pair(check)
    assert check.is_authenticated(request(cookie))
    clock.now += 7 * DAY
    assert not check.is_authenticated(request(cookie))


def test_a_later_token_is_refused_in_words() -> None:
    with pytest.raises(Unauthorized) as caught:
        TokenCheck("s3cret").admit(request(), None)
    assert caught.value.message == "A valid token is needed."


def test_a_token_may_have_an_equals_sign_and_follow_several_spaces() -> None:
    """RFC 9110, section 11.4: `auth-scheme 1*SP token68`, and token68 may end in `=`; a query splits at the first."""
    check = TokenCheck("s3cret==")
    assert check.is_authenticated(request(HTTP_AUTHORIZATION="Bearer   s3cret=="))
    assert check.count_wrong(request(HTTP_AUTHORIZATION="Bearer s3cret== x"))
    asked = request(SCRIPT_NAME="", PATH_INFO="/", QUERY_STRING="token=s3cret==")
    assert check.redirect_target(asked) == "/"


def test_without_a_cookie_header_nothing_is_authenticated(clock: Clock) -> None:
    environ = request()
    del environ["HTTP_COOKIE"]
    assert not TokenCheck("s3cret", clock=clock).is_authenticated(environ)
    assert not TokenCheck("s3cret", clock=clock).count_wrong(environ)


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("", "", "/"),
        ("/", "token=x", "/"),
        ("/a", "b=1&token=x&c=2", "/a?b=1&c=2"),
        ("//host/a", "", "/host/a"),
        ("/a b", "x= y", "/a%20b?x=%20y"),
        ("/\xc3\xa4", "q=\xc3\xa4", "/%C3%A4?q=%C3%A4"),
        ("/100%?", "", "/100%25%3F"),
        ("/X/x", "", "/X/x"),
        ("/a", "q=%2F?%", "/a?q=%2F?%"),
        ("/a\r\nX: y", "b\r\n", "/a%0D%0AX:%20y?b%0D%0A"),
    ],
)
def test_an_address_is_one_of_this_host_without_the_token(path: str, query: str, address: str) -> None:
    assert address_of({"SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query}) == address
    if path.startswith("/") and not path.startswith("//"):
        assert address_of({"SCRIPT_NAME": "/sub", "PATH_INFO": path, "QUERY_STRING": query}) == "/sub" + address


def test_texts_are_the_same_or_not() -> None:
    assert same_text("a\ud800", "a\ud800")
    assert not same_text("a", "b")
    assert not same_text("", "b")
