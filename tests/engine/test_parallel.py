import multiprocessing
import os

import pytest

from planning.engine.parallel import decoding


def _square_and_process(value):
    return value * value, os.getpid()


def test_one_worker_decodes_in_this_process():
    with decoding(_square_and_process, 1, lambda: None) as decode_all:
        answers = decode_all([2, 3])

    assert answers == [(4, os.getpid()), (9, os.getpid())]


def test_two_workers_answer_in_the_order_of_the_questions_from_other_processes():
    with decoding(_square_and_process, 2, lambda: None) as decode_all:
        answers = decode_all([5, 2, 3])

    assert [square for square, _ in answers] == [25, 4, 9]
    assert os.getpid() not in {process for _, process in answers}


def test_every_helper_is_prepared_before_it_works(tmp_path):
    # given a preparation that leaves a file named after the process
    def prepare():
        (tmp_path / str(os.getpid())).touch()

    with decoding(_square_and_process, 2, prepare) as decode_all:
        answers = decode_all([1, 2, 3, 4])

    assert {str(process) for _, process in answers} <= {path.name for path in tmp_path.iterdir()}


def test_helpers_are_gone_when_the_work_ends_in_an_error():
    before = set(multiprocessing.active_children())

    with pytest.raises(RuntimeError, match="stopped"), decoding(_square_and_process, 2, lambda: None):
        raise RuntimeError("stopped")

    assert set(multiprocessing.active_children()) == before
