"""In what two plans were asked for, and in what their frozen input differs."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from planning.engine.request import Weights
from planning.models import PlanRun

# What names a row of a section of factory-1, as far as the section has it.
_KEYS = (
    "ref",
    "code",
    "parent",
    "component",
    "item",
    "supplier",
    "skill",
    "work_centre",
    "station",
    "order",
    "seq",
    "from_skill",
    "to_skill",
    "from_family",
    "to_family",
    "month",
    "from",
    "day",
    "revision",
    "effective_from",
    "location",
    "lot",
)
EXAMPLES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Something that was asked for in another way; None: nothing was said."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """A row of the input that is added, removed or changed, by its key; ``fields``: what of it changed."""

    kind: str
    key: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionChange:
    """A section of factory-1 that differs; ``examples`` are its first ``EXAMPLES`` rows."""

    section: str
    added: int
    removed: int
    changed: int
    examples: tuple[RowChange, ...]


def compare_settings(before: PlanRun, after: PlanRun) -> tuple[Setting, ...]:
    """Only what differs. No query."""
    one, two = _settings(before), _settings(after)
    return tuple(
        Setting(name=name, before=one[name], after=two[name]) for name in one if one[name] != two[name]
    )


def _settings(run: PlanRun) -> dict[str, Any]:
    return {
        "as_of": run.as_of,
        "base_plan": run.base_plan_id,
        "move_budget": run.move_budget,
        **{f"weights.{name}": value for name, value in (asdict(Weights()) | run.weights).items()},
        "seed": run.seed,
        "work_budget": run.work_budget,
        "time_limit_seconds": run.time_limit_seconds,
        "workers": run.workers,
        "engine_version": run.engine_version,
    }


def compare_inputs(before: PlanRun, after: PlanRun) -> tuple[SectionChange, ...]:
    """Section by section of factory-1. 1 query, none where the input is the same."""
    if before.input_digest == after.input_digest:
        return ()
    texts = dict(
        PlanRun.objects.filter(pk__in=[before.pk, after.pk]).values_list("pk", "factory_json").order_by()
    )
    one, two = json.loads(texts[before.pk]), json.loads(texts[after.pk])
    found = (_section(name, one.get(name), two.get(name)) for name in {**one, **two})
    return tuple(each for each in found if each is not None)


def _section(name: str, one: Any, two: Any) -> SectionChange | None:
    if one == two:
        return None
    if not isinstance(one or two, list):
        rows = [RowChange(kind="changed", key=name, fields=tuple(_fields(one, two)))]
    else:
        rows = list(_row_changes(one or [], two or []))
    kinds = [row.kind for row in rows]
    return SectionChange(
        section=name,
        added=kinds.count("added"),
        removed=kinds.count("removed"),
        changed=kinds.count("changed"),
        examples=tuple(rows[:EXAMPLES]),
    )


def _row_changes(one: list[Any], two: list[Any]) -> Iterator[RowChange]:
    left, right = _by_key(one), _by_key(two)
    for key in sorted(left.keys() | right.keys()):
        old, new = left.get(key, []), right.get(key, [])
        for row in list(old):
            if row in new:
                old.remove(row)
                new.remove(row)
        for before, after in zip(old, new, strict=False):
            yield RowChange(kind="changed", key=key, fields=tuple(_fields(before, after)))
        for _ in old[len(new) :]:
            yield RowChange(kind="removed", key=key)
        for _ in new[len(old) :]:
            yield RowChange(kind="added", key=key)


def _by_key(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[_key(row)].append(row)
    return found


def _key(row: Any) -> str:
    if not isinstance(row, dict):
        return str(row)
    return " ".join(str(row[name]) for name in _KEYS if row.get(name) is not None)


def _fields(one: Any, two: Any) -> list[str]:
    """Names of what differs, one level deep."""
    if not (isinstance(one, dict) and isinstance(two, dict)):
        return []
    return [name for name in {**one, **two} if one.get(name) != two.get(name)]
