import multiprocessing
import os

import pytest

from planning.engine.errors import SolverFailed
from planning.engine.parallel import decoding


def _square_and_process(value):
    return value * value, os.getpid()


def _fail_at_three(value):
    if value == 3:
        raise ValueError("three")
    return value


def _die_at_three(value):
    if value == 3:
        os._exit(9)
    return value


def answers(decoder, questions):
    """All answers, as many questions out at a time as the decoder wants."""
    found, questions = [], list(questions)
    for number in range(len(questions)):
        if number == 0:
            for each in questions[: decoder.window]:
                decoder.ask(each)
        elif number + decoder.window <= len(questions):
            decoder.ask(questions[number + decoder.window - 1])
        found.append(decoder.answer())
    return found


def test_one_worker_decodes_in_this_process():
    with decoding(_square_and_process, 1, lambda: None) as decoder:
        assert answers(decoder, [2, 3]) == [(4, os.getpid()), (9, os.getpid())]


def test_two_workers_answer_in_the_order_of_the_questions_from_other_processes():
    with decoding(_square_and_process, 2, lambda: None) as decoder:
        found = answers(decoder, range(20))

    assert [square for square, _ in found] == [each * each for each in range(20)]
    assert os.getpid() not in {process for _, process in found}
    assert len({process for _, process in found}) == 2


def test_every_helper_is_prepared_before_it_works(tmp_path):
    # given a preparation that leaves a file named after the process
    def prepare():
        (tmp_path / str(os.getpid())).touch()

    with decoding(_square_and_process, 2, prepare) as decoder:
        found = answers(decoder, [1, 2, 3, 4])

    assert {str(process) for _, process in found} <= {path.name for path in tmp_path.iterdir()}


def test_an_error_of_a_helper_is_raised_where_its_answer_is_taken():
    with decoding(_fail_at_three, 2, lambda: None) as decoder, pytest.raises(ValueError, match="three"):
        answers(decoder, [1, 2, 3, 4])


@pytest.mark.timeout(30)
def test_a_helper_that_dies_is_not_waited_for():
    with decoding(_die_at_three, 2, lambda: None) as decoder, pytest.raises(SolverFailed, match="died"):
        answers(decoder, [1, 2, 3, 4, 5])


def test_helpers_are_gone_when_the_work_ends_in_an_error():
    before = set(multiprocessing.active_children())

    with pytest.raises(RuntimeError, match="stopped"), decoding(_square_and_process, 2, lambda: None):
        raise RuntimeError("stopped")

    assert set(multiprocessing.active_children()) == before
