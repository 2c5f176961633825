"""The small parts of the hub: topics, the progress of loading, and what is said of a root."""

from __future__ import annotations

import threading

import pytest
from kit.live import eventually

from llm_service.hub.event import SERVICE_EVENTS, ServiceDegraded, ServiceProgress, ServiceRecovered, topics_of
from llm_service.hub.progress import LoadProgress
from llm_service.hub.ring import Hub
from llm_service.hub.root_mode import root_mode_event
from llm_service.json_values import as_json


def test_the_topics_are_those_of_the_events_each_once_in_order_and_all() -> None:
    class Other(ServiceProgress):
        topic = "other"

    assert topics_of((*SERVICE_EVENTS, Other, ServiceProgress)) == ("service", "other", "all")
    assert topics_of(()) == ("all",)


def test_a_reason_makes_a_root_degraded_and_none_recovered() -> None:
    assert root_mode_event("/w", "polling", "no watches") == ServiceDegraded(
        root="/w", mode="polling", reason="no watches"
    )
    assert root_mode_event("/w", "polling", "") == ServiceDegraded(root="/w", mode="polling", reason="")
    assert root_mode_event("/w", "inotify", None) == ServiceRecovered(root="/w", mode="inotify")
    assert as_json(root_mode_event("/w", "inotify", None)) == {"root": "/w", "mode": "inotify"}


def test_the_progress_is_shown_until_the_board_is_complete() -> None:
    progress = LoadProgress()
    assert (progress.ready, progress.as_json(), progress.wait(0)) == (False, {"done": 0, "total": 0}, False)
    progress.done, progress.total = 3, 7
    assert progress.as_json() == {"done": 3, "total": 7}
    progress.complete()
    assert (progress.ready, progress.as_json(), progress.wait(0)) == (True, None, True)


@pytest.mark.parametrize("timeout_s", [0.0, 0.01])
def test_waiting_for_the_board_ends_in_time(timeout_s: float) -> None:
    assert LoadProgress().wait(timeout_s) is False


def test_whoever_waits_for_the_board_is_woken() -> None:
    progress, woken = LoadProgress(), []
    thread = threading.Thread(target=lambda: woken.append(progress.wait(60)))
    thread.start()
    progress.complete()
    eventually(lambda: woken == [True])
    thread.join()


def test_a_hub_is_loading_at_first() -> None:
    assert Hub().progress.as_json() == {"done": 0, "total": 0}


def test_a_listener_gets_the_events_of_its_kinds_and_no_others() -> None:
    hub, heard = Hub(), []
    hub.listen(heard.append, ServiceDegraded, ServiceRecovered)
    degraded = ServiceDegraded(root="/w", mode="polling", reason="no watches")
    recovered = ServiceRecovered(root="/w", mode="inotify")
    for event in (ServiceProgress(done=1, total=2), degraded, recovered):
        hub.publish(event)
    assert heard == [degraded, recovered]


def test_without_a_setting_ten_thousand_events_are_retained() -> None:
    hub = Hub()
    for number in range(10_001):
        hub.publish(ServiceProgress(done=number, total=0))
    assert hub.since(0) is None
    assert [envelope.seq for envelope in hub.since(1) or ()] == list(range(2, 10_002))
