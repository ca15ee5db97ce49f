"""Candidates decoded side by side: rounds of one build on several cores.

Helpers are forked from the building process, so that they share its compiled shop without copying; they get
settings and give back whole drafts. A window of rounds is out at a time and they are looked at in the order
in which they were asked, so that a given number of workers always gives the same plan.
"""

import gc
import multiprocessing
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from planning.engine.errors import SolverFailed

type Decode[S, D] = Callable[[S], D]


class Decoder[S, D](Protocol):
    """Questions go in, answers come out in the same order. ``window``: so many questions keep it busy."""

    window: int

    def ask(self, question: S) -> None: ...

    def answer(self) -> D: ...


@contextmanager
def decoding[S, D](
    decode: Decode[S, D], workers: int, prepare: Callable[[], None]
) -> Iterator[Decoder[S, D]]:
    """A decoder in this process for one worker, else in ``workers`` helpers.

    ``prepare`` runs first in each helper. Helpers are gone when the context ends, however it ends.
    """
    if workers <= 1:
        yield _Here(decode)
        return
    helpers = _Helpers(decode, workers, prepare)
    try:
        yield helpers
    finally:
        helpers.end()


class _Here[S, D]:
    window = 1

    def __init__(self, decode: Decode[S, D]) -> None:
        self._decode = decode
        self._questions: deque[S] = deque()

    def ask(self, question: S) -> None:
        self._questions.append(question)

    def answer(self) -> D:
        return self._decode(self._questions.popleft())


class _Helpers[S, D]:
    def __init__(self, decode: Decode[S, D], workers: int, prepare: Callable[[], None]) -> None:
        # Rounds differ in length: with more out than there are helpers few ever wait for the slowest one.
        self.window = workers + (workers + 1) // 2
        self._idle: deque[Connection] = deque()
        self._busy: dict[Connection, int] = {}
        self._questions: deque[tuple[int, S]] = deque()
        self._answers: dict[int, D] = {}
        self._asked = self._answered = 0
        self._processes: list[BaseProcess] = []
        try:
            for _ in range(workers):
                self._start(decode, prepare)
        except BaseException:
            self.end()
            raise

    def _start(self, decode: Decode[S, D], prepare: Callable[[], None]) -> None:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        process = context.Process(target=_help, args=(decode, prepare, theirs), daemon=True)
        with warnings.catch_warnings():
            # Helpers only compute: no lock of another thread is ever taken in them.
            warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
            process.start()
        theirs.close()  # so that the end of the helper is the end of the pipe
        self._processes.append(process)
        self._idle.append(ours)

    def ask(self, question: S) -> None:
        self._questions.append((self._asked, question))
        self._asked += 1
        self._hand_out()

    def answer(self) -> D:
        while self._answered not in self._answers:
            for pipe in wait(list(self._busy)):
                self._take(pipe)  # type: ignore[arg-type]  # we wait for nothing but our pipes
            self._hand_out()
        self._answered += 1
        return self._answers.pop(self._answered - 1)

    def _hand_out(self) -> None:
        while self._questions and self._idle:
            number, question = self._questions.popleft()
            pipe = self._idle.popleft()
            self._busy[pipe] = number
            try:
                pipe.send(question)
            except BrokenPipeError as error:
                raise _lost() from error

    def _take(self, pipe: Connection) -> None:
        number = self._busy.pop(pipe)
        try:
            answer, error = pipe.recv()
        except (EOFError, ConnectionResetError) as lost:
            raise _lost() from lost
        if error is not None:
            raise error
        self._answers[number] = answer
        self._idle.append(pipe)

    def end(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()
        for pipe in (*self._idle, *self._busy):
            pipe.close()


def _lost() -> SolverFailed:
    return SolverFailed("a helper of the build died: there may be too little memory for so many workers")


def _help[S, D](decode: Decode[S, D], prepare: Callable[[], None], pipe: Connection) -> None:
    prepare()
    gc.freeze()  # what is shared with the builder is not looked through, and so not copied
    while True:
        try:
            question: S = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((decode(question), None))
        except Exception as error:  # noqa: BLE001 - told to the builder, who raises it
            pipe.send((None, error))
