"""A stored run comes back as it was, and a net change can start from it."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from planning.engine.netting import InvalidNetting, net, net_change, read_run, write_run
from tests.engine.netting.problems import changes, problems
from tests.engine.netting.test_change import same, two_trees, with_order


@given(data=st.data())
def test_a_net_change_from_a_stored_run_is_a_net_change(data):
    problem = data.draw(problems())
    changed = data.draw(changes(problem))
    try:
        run = net(problem)
        expected = net_change(run, changed)
    except InvalidNetting:
        reject()

    stored = read_run(write_run(run))
    again = net_change(stored, changed)

    assert same(stored, run)
    assert same(again, expected)
    assert np.array_equal(again.is_netted, expected.is_netted)


def test_a_run_that_was_read_has_planned_nothing_itself():
    stored = read_run(write_run(net(two_trees())))

    assert stored.planned_again == 0
    assert net_change(stored, with_order(stored.problem, "A0", 20)).planned_again == 4


def rewritten(**changes):
    with np.load(BytesIO(write_run(net(two_trees())))) as archive:
        arrays = {name: archive[name] for name in archive.files}
    written = BytesIO()
    np.savez(written, **(arrays | changes))
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a stored netting run"),
        (b"PK\x03\x04 and no archive", "not a stored netting run"),
        (rewritten(format=np.array("netting-9")), "expected netting-2, got netting-9"),
        (rewritten(buckets=np.array(5)), "arrays of another size"),
        (rewritten(codes=np.array(["A"])), "arrays of different lengths"),
    ],
)
def test_bytes_that_are_no_run_are_refused(data, words):
    with pytest.raises(InvalidNetting, match=words):
        read_run(data)
