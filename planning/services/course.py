"""The course of a build: how cost and lateness of the best plan fell, second by second.

At most ``MOST_ROWS`` steps are kept, evenly thinned, however many there were; the last one always.
"""

from typing import NamedTuple

from planning.engine.request import Progress

MOST_ROWS = 200


class Step(NamedTuple):
    """From ``seconds`` after the attempt began, the best plan was this good; ``None``: not known.

    ``objective`` is what the search minimises. It falls where ``incumbent_cost``, the money in it, may rise.
    """

    seconds: float
    incumbent_cost: float | None
    late_days: int | None
    least_late_days: int | None
    objective: float | None = None


class Course:
    """``steps`` is replaced as a whole, so that another thread may read it at any time."""

    def __init__(self) -> None:
        self.steps: tuple[Step, ...] = ()
        self._kept: list[Step] = []
        self._stride = 1
        self._count = 0

    def note(self, seconds: float, progress: Progress) -> None:
        """Add what ``progress`` tells, if it is anything new."""
        last = self.steps[-1] if self.steps else Step(0.0, None, None, None)
        step = _after(last, seconds, progress)
        if step[1:] == last[1:]:
            return
        if self._count % self._stride == 0:
            self._kept.append(step)
        self._count += 1
        if len(self._kept) == MOST_ROWS:
            # Every other one goes, and from now on every other one is not kept.
            self._kept = self._kept[::2]
            self._stride *= 2
        self.steps = (*self._kept, step) if self._kept[-1] is not step else tuple(self._kept)


def _after(last: Step, seconds: float, progress: Progress) -> Step:
    """What a stage does not tell is not lost: a bound stays, the rest for as long as the cost does."""
    cost = last.incumbent_cost if progress.incumbent_cost is None else progress.incumbent_cost
    late = progress.late_days
    if late is None and cost == last.incumbent_cost:
        late = last.late_days
    objective = progress.objective
    if objective is None and cost == last.incumbent_cost:
        objective = last.objective
    least = last.least_late_days if progress.least_late_days is None else progress.least_late_days
    return Step(round(seconds, 1), cost, late, least, objective)
