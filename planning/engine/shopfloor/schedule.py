"""What the schedule generator is given of people, and what it decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Row(NamedTuple):
    """One scheduled operation, or a part of it; minutes of the time grid, ``quantity`` in millionths,
    ``centre`` -1: subcontracted.
    """

    lot: int
    step: int
    centre: int
    station: int
    start: int
    end: int
    free: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Labour:
    """What people give: ``heads[skill][month]`` at a time, ``regular`` and ``overtime`` minutes;
    the last month goes on.

    Work that can wait keeps to regular minutes, in step with the month, so that work that cannot finds some
    left.
    """

    heads: Sequence[Sequence[int]]
    regular: Sequence[Sequence[float]]
    overtime: Sequence[Sequence[float]]


@dataclass(slots=True)
class Schedule:
    """What the generator decided; minutes of the time grid.

    ``rows`` stand in order of start. By lot: ``done``, when its units can be used (-1: never),
    ``first_unit``, its place on the learning curve in millionths, ``released``, and per step ``ready``, when
    it came to wait for a station. By skill and month, past the horizon too: ``minutes`` of crews at work,
    ``peaks``, the most crews at work when an operation starts, ``waits``, how often work found nobody.
    """

    rows: list[Row] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    first_unit: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    ready: list[list[int]] = field(default_factory=list)
    minutes: list[list[float]] = field(default_factory=list)
    peaks: list[list[int]] = field(default_factory=list)
    waits: dict[tuple[int, int], int] = field(default_factory=dict)
