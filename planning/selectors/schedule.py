"""Operations of a plan in a stretch of days, by station, with the deliveries that they are for."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Min, QuerySet

from planning.models import PlannedOperation
from planning.selectors.frozen import get_frozen
from planning.selectors.pegging import EXCESS, Delivery, Graph, Node, Supply, read_up_all

MOST_OPERATIONS = 2_000  # of one look: more are a blur, and a megabyte
MOST_TRACED = 600  # planned orders of one look that are followed up to their customers

type Station = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A delivery that an operation is for; ``days_late`` None: it has no date."""

    sales_order: str
    line: int
    instalment: int
    days_late: int | None


@dataclass(slots=True, kw_only=True)
class Schedule:
    """``operations`` by station and start: the first ``MOST_OPERATIONS`` of ``count``. ``stations``: all of a
    work centre that was asked for, else those with operations.

    ``causes`` by planned order, the latest delivery first; empty where there are too many orders to follow.
    """

    stations: list[Station]
    operations: list[PlannedOperation]
    count: int
    causes: dict[str, list[Cause]] = field(default_factory=dict)


def first_start(operations: "QuerySet[PlannedOperation]") -> dt.datetime | None:
    """When the first of the operations that take a station starts; 1 query."""
    moment: dt.datetime | None = _on_stations(operations).aggregate(first=Min("start"))["first"]
    return moment


def get_schedule(version: int, begins: dt.datetime, ends: dt.datetime, *, work_centre: str = "") -> Schedule:
    """What takes a station between two moments. At most 6 queries, and 2 for each level of bills above."""
    rows = _on_stations(list_operations_of(version, work_centre))
    inside = rows.filter(start__lt=ends, free__gt=begins).order_by("work_centre", "station", "start", "pk")
    operations = list(inside[: MOST_OPERATIONS + 1])
    count = len(operations) if len(operations) <= MOST_OPERATIONS else inside.count()
    operations = operations[:MOST_OPERATIONS]
    shown = rows if work_centre else inside.filter(pk__in=[row.pk for row in operations])
    stations = shown.order_by("work_centre", "station").values_list("work_centre", "station").distinct()
    return Schedule(
        stations=[(centre, station) for centre, station in stations],
        operations=operations,
        count=count,
        causes=_causes(version, operations),
    )


def list_operations_of(version: int, work_centre: str) -> "QuerySet[PlannedOperation]":
    """Operations of a plan, of one work centre where one is named."""
    rows = PlannedOperation.objects.filter(run=version)
    return rows.filter(work_centre=work_centre) if work_centre else rows


def _on_stations(operations: "QuerySet[PlannedOperation]") -> Any:
    return operations.filter(work_centre__isnull=False, station__isnull=False, free__gt=F("start"))


def _causes(version: int, operations: list[PlannedOperation]) -> dict[str, list[Cause]]:
    roots = list(dict.fromkeys(Supply(row.order, row.item) for row in operations))
    if not roots or len(roots) > MOST_TRACED:
        return {}
    graph = read_up_all(version, get_frozen(version), roots)
    served: dict[Node, frozenset[Delivery]] = {}
    return {root.order: _worst_first(graph, _served(graph, root, served)) for root in roots}


def _served(graph: Graph, root: Node, known: dict[Node, frozenset[Delivery]]) -> frozenset[Delivery]:
    """Deliveries above a supply; walked without recursion, since chains may be long."""
    waiting = [root]
    while waiting:
        node = waiting[-1]
        if node in known:
            waiting.pop()
            continue
        if isinstance(node, Delivery):
            known[node] = frozenset() if node == EXCESS else frozenset((node,))
            continue
        above = [edge.above for edge in graph.edges.get(node, ())]
        unknown = [each for each in above if each not in known]
        if unknown:
            waiting += unknown
            continue
        known[node] = frozenset().union(*(known[each] for each in above))
    return known[root]


def _worst(cause: Cause) -> tuple[bool, int, str, int, int]:
    late = cause.days_late
    return late is not None, -(late or 0), cause.sales_order, cause.line, cause.instalment


def _days_late(graph: Graph, delivery: Delivery) -> int | None:
    row = graph.promises.get(delivery)
    if row is None:
        return 0
    return None if row.promised is None else row.days_late


def _worst_first(graph: Graph, deliveries: frozenset[Delivery]) -> list[Cause]:
    found = [
        Cause(
            sales_order=each.sales_order,
            line=each.line,
            instalment=each.instalment,
            days_late=_days_late(graph, each),
        )
        for each in deliveries
    ]
    return sorted(found, key=_worst)
