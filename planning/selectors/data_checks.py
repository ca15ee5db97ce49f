"""What is wrong with the stored bills and sources: the engine's checks, and what only the tables know."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from inventory.models import BillOfMaterials, BomLine, Item, ItemSource
from planning.engine.data_checks import ERROR, INVALID_DATA, WORST_FIRST, Finding, check_data
from planning.engine.errors import InvalidFactory
from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import factory_from_json
from planning.loading import read_values, snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Keys of the rows that findings are about, by the words that findings name them with."""

    items: dict[str, int]
    lines: dict[str, int]
    sources: dict[str, int]


def list_findings() -> list[Finding]:
    """Every finding, the worst first; also for a factory that cannot be planned: then it is needed."""
    with snapshot():
        values = read_values()
        overlaps = _overlapping_revisions()
    try:
        factory = factory_from_json(values)
    except InvalidFactory as error:
        return [_as_finding(issue.path, issue.message) for issue in error.issues]
    found = check_data(factory)
    known = {finding.path for finding in found}
    rest = [
        _as_finding(issue.path, issue.message) for issue in check_factory(factory) if issue.path not in known
    ]
    return sorted([*overlaps, *rest, *found], key=lambda finding: WORST_FIRST.index(finding.severity))


def find_rows(findings: list[Finding]) -> Rows:
    """The rows to open for each finding; 3 queries."""
    names = {finding.entity for finding in findings}
    codes = {name.partition("/")[0] for name in names} | names
    lines = BomLine.objects.filter(bom__item__code__in=codes).order_by("-pk")
    sources = ItemSource.objects.filter(item__code__in=codes).order_by("-pk")
    return Rows(
        items=dict(Item.objects.filter(code__in=codes).values_list("code", "pk")),
        lines={
            f"{parent}/{component}": pk
            for parent, component, pk in lines.values_list("bom__item__code", "component__code", "pk")
        },
        sources={
            f"{item}/{supplier}": pk
            for item, supplier, pk in sources.values_list("item__code", "supplier__code", "pk")
        },
    )


def _as_finding(path: str, message: str) -> Finding:
    return Finding(
        code=INVALID_DATA,
        severity=ERROR,
        entity=path,
        path=path,
        text=f"{message[:1].upper()}{message[1:]}.",
        suggestion="Correct this row: until then no plan can be built.",
    )


def _overlapping_revisions() -> list[Finding]:
    """Two revisions of one item that are in force on the same day: both would be taken."""
    by_item: dict[str, list[tuple[dt.date, dt.date, str]]] = defaultdict(list)
    rows = BillOfMaterials.objects.filter(lines__isnull=False).distinct().order_by("pk")
    for code, revision, start, end in rows.values_list(
        "item__code", "revision", "effective_from", "effective_to"
    ):
        by_item[code].append((start or dt.date.min, end or dt.date.max, revision))
    found = []
    for code, revisions in sorted(by_item.items()):
        for (_, end, one), (start, _, other) in pairwise(sorted(revisions)):
            if start < end:
                since = "" if start == dt.date.min else f" from {start} on"
                found.append(
                    Finding(
                        code=INVALID_DATA,
                        severity=ERROR,
                        entity=code,
                        path=f"/bom/{code}",
                        text=f"Revisions {one} and {other} of {code} are both in force{since}: "
                        "what is made takes the components of both.",
                        suggestion=f"End revision {one} on the day on which {other} begins.",
                    )
                )
    return found
