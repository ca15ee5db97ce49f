"""The verification beside the save: its verdict counts, and a verifier that dies is no verdict."""

import os
import signal
import time

import pytest

from planning.errors import BuildFailed
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


def test_a_child_that_fails_gave_no_verdict(capfd):
    def fail():
        raise KeyError("D1")

    with ForkedWork(fail) as child, pytest.raises(BuildFailed, match="without a verdict"):
        child.answer()


def test_a_child_whose_verdict_nobody_waits_for_is_gone_at_once():
    began = time.monotonic()
    with ForkedWork(lambda: time.sleep(60)):
        pass
    assert time.monotonic() - began < 10
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
