"""The verification beside the save: its verdict counts, and a verifier that dies is no verdict."""

import gc
import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest

from planning.errors import BuildFailed
from planning.services import building, verifying
from planning.services.verifying import ForkedWork


def test_the_child_says_what_it_found_as_often_as_it_is_asked():
    with ForkedWork(lambda: [{"rule": "station_free", "entity": str(os.getpid())}]) as child:
        found = child.answer()

        assert found[0]["rule"] == "station_free"
        assert found[0]["entity"] != str(os.getpid())
        assert child.answer() == found


def test_a_child_that_is_killed_gave_no_verdict():
    with (
        ForkedWork(lambda: os.kill(os.getpid(), signal.SIGKILL)) as child,
        pytest.raises(BuildFailed, match="without a verdict") as failure,
    ):
        child.answer()
    assert failure.value.code == "verifier_crashed"


def test_a_child_that_fails_gave_no_verdict_and_says_why(monkeypatch):
    logged = []
    monkeypatch.setattr(verifying.logger, "error", lambda *said: logged.append(said))

    def fail():
        raise KeyError("D1")

    with ForkedWork(fail) as child, pytest.raises(BuildFailed, match="KeyError: 'D1'") as failure:
        child.answer()

    assert failure.value.code == "verifier_crashed"
    assert "in fail" in logged[0][1]


def test_a_signal_to_the_group_is_not_for_the_child():
    def stop(*_):
        raise SystemExit

    def be_told_to_stop():
        os.kill(os.getpid(), signal.SIGTERM)
        return []

    usual = signal.signal(signal.SIGTERM, stop)
    try:
        with ForkedWork(be_told_to_stop) as child:
            assert child.answer() == []
        assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    finally:
        signal.signal(signal.SIGTERM, usual)


def test_a_child_is_killed_from_another_thread_and_never_after_its_end():
    with ForkedWork(lambda: time.sleep(60)) as child:
        threading.Timer(0.2, child.kill).start()
        with pytest.raises(BuildFailed, match="without a verdict"):
            child.answer()
    child.kill()


def test_where_no_child_can_be_forked_nothing_of_it_stays(monkeypatch):
    def refuse():
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    before = os.listdir("/proc/self/fd")
    with pytest.raises(BlockingIOError), ForkedWork(list):
        pass

    assert os.listdir("/proc/self/fd") == before
    assert gc.get_freeze_count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_wall_clock_guard_ends_a_verification_too(build, monkeypatch, settings):
    monkeypatch.setattr(verifying, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(verifying, "violations", lambda factory, plan: time.sleep(60))
    # In SQLite the rows being written would keep the heartbeat waiting.
    monkeypatch.setattr(building, "save_plan", lambda *, require_sound, **_: require_sound())
    settings.PLAN_MAX_SECONDS = 5
    began = time.monotonic()

    run = build()

    assert (run.status, run.failure_code) == ("failed", "time_exceeded")
    assert time.monotonic() - began < 30


def test_a_child_whose_verdict_nobody_waits_for_is_gone_at_once():
    began = time.monotonic()
    with ForkedWork(lambda: time.sleep(60)) as child:
        pass
    assert time.monotonic() - began < 10
    with pytest.raises(ChildProcessError):
        os.waitpid(child._pid, os.WNOHANG)
