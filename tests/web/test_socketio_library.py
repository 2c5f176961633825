"""Socket.IO's library, without the packages that it would import and nobody uses."""

from __future__ import annotations

import subprocess
import sys

import pytest
from kit.paths import ROOT

from llm_service.web.socketio_library import UNUSED, hidden


def test_the_service_starts_without_the_redis_client_and_can_have_it_later() -> None:
    code = "import llm_service.app, sys; print('redis' in sys.modules); import redis; print(redis.Redis.__name__)"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert answer.stdout.split() == ["False", "Redis"]


def test_what_is_hidden_is_not_found_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)  # another test may have imported it
    with hidden(("colorsys", "sys")):
        with pytest.raises(ImportError):
            import colorsys
        import sys as found

        assert found is sys
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)


def test_what_is_unused_is_optional_for_the_library() -> None:
    """A release that needs one of them could not be imported any more."""
    hide = f"import sys; sys.modules.update(dict.fromkeys({UNUSED!r}))"
    code = f"{hide}; import flask_socketio, socketio.redis_manager as manager; print(manager.redis)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout.split() == ["None"]
