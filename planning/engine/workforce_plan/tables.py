"""A problem's numbers as arrays, and limits that no good plan passes: the model's columns end there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planning.engine.workforce_plan.problem import Losses, WorkforceProblem
from planning.engine.workforce_plan.sparse import Floats, Index

FAR_AWAY = 1e9  # units: where a family's need has no end that we know
_TOUCH = 1e-9  # of a bucket: less is noise of the last digits


@dataclass(slots=True)
class Tables:
    """Arrays by skill and period, and most units by family. By bucket: ``begins``, ``stops``, ``ends``, and
    by skill and bucket ``hours``, ``absent``, ``load``, ``overtime_cost``; the ``period`` it lies in, the
    first and last bucket of a period. ``head_limit``: what hires, courses and the skill's own limit leave;
    never below those who are there anyway (``head_floor``).
    """

    begins: Floats
    stops: Floats
    ends: Floats
    period: Index
    first: Index
    last: Index
    stay: Floats
    paid: Floats
    hours: Floats
    wage: Floats
    absent: Floats
    load: Floats
    least: Floats
    overtime_cost: Floats
    temp_cost: Floats
    hire_most: Floats
    hire_least: Floats
    hire_cost: Floats
    head_floor: Floats
    head_limit: Floats
    units: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Skills and periods."""
        return (len(self.stay), len(self.first))

    @property
    def work_shape(self) -> tuple[int, int]:
        """Skills and buckets."""
        return (len(self.stay), len(self.ends))

    @property
    def period_ends(self) -> Floats:
        """The days on which periods end."""
        return self.ends[self.last]

    @classmethod
    def of(cls, problem: WorkforceProblem) -> "Tables":
        skills, buckets = problem.skills, problem.buckets
        period = np.array([bucket.period for bucket in buckets], dtype=np.int64)
        periods = np.arange(len(problem.periods))

        def table(rows: Sequence[Sequence[float]], count: int = len(periods)) -> Floats:
            filled = [row or (0.0,) * count for row in rows]
            return np.array(filled, dtype=np.float64).reshape(len(filled), count)

        hirings = [skill.hiring for skill in skills]
        stay = table([skill.stay for skill in skills])
        most = table([each.most if each else () for each in hirings])
        least = table([each.least if each else () for each in hirings])
        floor, limit = _head_paths(problem, stay, most, least)
        return cls(
            begins=np.array([bucket.begin for bucket in buckets]),
            stops=np.array([bucket.stop for bucket in buckets]),
            ends=np.array([bucket.end for bucket in buckets]),
            period=period,
            first=np.searchsorted(period, periods),
            last=np.searchsorted(period, periods, side="right") - 1,
            stay=stay,
            paid=table([skill.paid_hours for skill in skills]),
            hours=table([skill.hours for skill in skills], len(buckets)),
            wage=table([skill.wage for skill in skills]),
            absent=table([skill.absent for skill in skills], len(buckets)),
            load=table([skill.load for skill in skills], len(buckets)),
            least=table([skill.least for skill in skills]),
            overtime_cost=table([skill.overtime_cost for skill in skills], len(buckets)),
            temp_cost=table([skill.temp_cost for skill in skills]),
            hire_most=most,
            hire_least=least,
            hire_cost=np.array([each.cost if each else 0.0 for each in hirings]),
            head_floor=floor,
            head_limit=limit,
            units=np.array(most_units(problem), dtype=np.float64),
        )


def _head_paths(
    problem: WorkforceProblem, stay: Floats, most: Floats, least: Floats
) -> tuple[Floats, Floats]:
    """Heads with the least hires and with the most, nobody leaving but by attrition and given changes."""
    arrive, given = np.zeros_like(stay), given_changes(problem)
    for way in problem.cross_training:
        if not way.given:
            arrive[way.target, way.first :] += way.most
    low, high = np.zeros_like(stay), np.zeros_like(stay)
    caps = np.array([skill.most for skill in problem.skills])
    before_low = before_high = np.array([skill.heads for skill in problem.skills], dtype=np.float64)
    for period in range(stay.shape[1]):
        before_low = before_low * stay[:, period] + least[:, period] + given[:, period]
        before_high = before_high * stay[:, period] + most[:, period] + arrive[:, period] + given[:, period]
        before_high = np.maximum(np.minimum(before_high, caps), before_low)
        low[:, period], high[:, period] = before_low, before_high
    return low, high


def given_changes(problem: WorkforceProblem) -> Floats:
    """Arrivals less departures of each skill and period by the ways whose people are given."""
    found = np.zeros((len(problem.skills), len(problem.periods)))
    for way in problem.cross_training:
        if way.given:
            found[way.target] += way.given
            found[way.source] -= way.given
    return found


def most_units(problem: WorkforceProblem) -> list[float]:
    """Units of each family that all demand could ever ask to start: its own and that of what takes it."""
    takers: list[list[tuple[int, float]]] = [[] for _ in problem.families]
    for number, family in enumerate(problem.families):
        for part in family.parts:
            if part.family is not None:
                takers[part.family].append((number, part.per_unit))
    known: dict[int, float] = {}

    def need(number: int, above: frozenset[int]) -> float:
        if number in above:
            return FAR_AWAY  # it goes into itself
        if number not in known:
            family = problem.families[number]
            own = sum(each.units for each in family.demands) + family.end_stock
            below = above | {number}
            taken = sum(need(taker, below) * per_unit for taker, per_unit in takers[number])
            known[number] = min(own + taken, family.most, FAR_AWAY)
        return known[number]

    return [need(number, frozenset()) for number in range(len(problem.families))]


def falls_into(tables: Tables, offset: float) -> tuple[Index, Index, Floats]:
    """(bucket, later bucket, share): what is even over the time in which each bucket makes something,
    ``offset`` days later.
    """
    starts, stops = tables.begins[:, None] + offset, tables.stops[:, None] + offset
    overlap = np.minimum(stops, tables.ends[None, :]) - np.maximum(starts, tables.begins[None, :])
    shares = np.maximum(overlap, 0.0) / (stops - starts)
    bucket, later = np.nonzero(shares > _TOUCH)
    return bucket, later, shares[bucket, later]


def losses_of(losses: Losses, first_bucket: Index) -> tuple[Index, Index, Floats]:
    """(period, bucket, hours) of every loss that is not 0."""
    found = [
        (first, first_bucket[first] + later, value)
        for first, row in enumerate(losses)
        for later, value in enumerate(row)
        if value
    ]
    first, bucket, value = zip(*found, strict=True) if found else ((), (), ())
    return (
        np.array(first, dtype=np.int64),
        np.array(bucket, dtype=np.int64),
        np.array(value, dtype=np.float64),
    )


def training_periods(losses: Losses, tables: Tables) -> tuple[Index, Index]:
    """(first period, period): in which a newcomer of the first still lacks hours."""
    first, bucket, _ = losses_of(losses, tables.first)
    pairs = np.unique(np.stack((first, tables.period[bucket])), axis=1)
    return pairs[0], pairs[1]
