"""Making tables agree with a file: rows are added, updated by key, and removed where the file decides.

Two phases. First every table is compared in memory and every problem noted; then, if there was
none, all is written in bulk, with history, and what is no longer wanted is removed, dependent
tables first. The number of queries does not depend on the number of rows.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from inventory.models.fields import Edited
from planning.engine.errors import FactoryIssue

Key = tuple[Any, ...]

REASON = "import_factory"
_BATCH = 500

# Columns whose key in the format has another name.
_FORMAT_NAMES = {
    "effective_from": "from",
    "effective_to": "to",
    "closed_from": "from",
    "closed_to": "to",
    "down_from": "from",
    "down_to": "to",
    "absent_from": "from",
    "absent_to": "to",
    "raised_from": "from",
    "note": "name",
    **{f"cash_{name}": f"cash/{name}" for name in ("opening", "floor", "customer_days", "supplier_days")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A row that the file asks for: its ``key`` in words, as ``columns``, and its other ``values``."""

    key: Key
    path: str
    columns: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(slots=True)
class SectionCounts:
    """What an import does to the rows of one section of the format; every row is in one set."""

    added: set[Key] = field(default_factory=set)
    updated: set[Key] = field(default_factory=set)
    unchanged: set[Key] = field(default_factory=set)
    removed: int = 0

    def see(self, key: Key, *, is_new: bool, is_changed: bool) -> None:
        """Count a row, or once more a row of which a part changed."""
        if is_new:
            self.added.add(key)
        elif is_changed and key not in self.added:
            self.updated.add(key)
            self.unchanged.discard(key)
        elif key not in self.added and key not in self.updated:
            self.unchanged.add(key)


@dataclass(slots=True, eq=False)
class _Writes:
    """What one table needs."""

    model: type[Edited]
    created: list[Edited] = field(default_factory=list)
    updated: dict[int, Edited] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    removed: list[Edited] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Session:
    """One import under way: what it found, and what it will write."""

    replace: bool
    now: dt.datetime
    by: Any
    reason: str = REASON
    issues: list[FactoryIssue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: dict[str, SectionCounts] = field(default_factory=lambda: defaultdict(SectionCounts))
    _writes: dict[type[Edited], _Writes] = field(default_factory=dict)

    def refuse(self, path: str, message: str) -> None:
        """Note a problem; the comparison goes on, to find the others."""
        self.issues.append(FactoryIssue(path=path, message=message))

    def sync[M: Edited](
        self,
        *,
        model: type[M],
        section: str,
        existing: Iterable[M],
        key_of: Callable[[M], Key],
        wanted: Iterable[Wanted],
        scope: Collection[Key] = (),
        parents: Mapping[Key, Edited] | None = None,
    ) -> dict[Key, M]:
        """Bring ``existing`` into line with ``wanted``; return the wanted rows by key.

        Rows that the file does not mention go when the import replaces, and where their key begins
        with one of ``scope``. With ``parents`` (by the beginning of the key) the rows are parts of
        rows of another table: their changes count as, and are a new version of, that row.
        """
        writes = self._writes_of(model)
        by_key = {key_of(row): row for row in existing}
        result: dict[Key, M] = {}
        for want in wanted:
            if want.key in result:
                self.refuse(want.path, "the same row stands in the file twice; expected it only once")
                continue
            row = by_key.pop(want.key, None)
            is_new = row is None
            if row is None:
                row = model(**want.columns, **want.values)
                writes.created.append(row)
                changes = {*want.columns, *want.values}
            else:
                changes = _assign(row, want.values)
                if changes:
                    self._touch(row, changes)
            self._check(row, want, changes)
            result[want.key] = row
            self._count(section, want.key, parents, is_new=is_new, is_changed=bool(changes))
        self._drop(section, by_key, scope, parents)
        return result

    def begin(self, model: type[Edited]) -> None:
        """Give a table its place in the order of writing."""
        self._writes_of(model)

    def create(self, row: Edited) -> None:
        """Write a row that no key of the format stands for."""
        self._writes_of(type(row)).created.append(row)

    def remove(self, row: Edited) -> None:
        """Remove a row that no key of the format stands for."""
        self._writes_of(type(row)).removed.append(row)

    def write(self) -> None:
        """Write everything, in the order in which the tables were compared, then remove in reverse."""
        told = {"default_user": self.by, "default_change_reason": self.reason, "default_date": self.now}
        for writes in self._writes.values():
            if writes.created:
                bulk_create_with_history(writes.created, writes.model, batch_size=_BATCH, **told)
            if writes.updated:
                rows = list(writes.updated.values())
                bulk_update_with_history(
                    rows, writes.model, sorted(writes.columns), batch_size=_BATCH, **told
                )
        for writes in reversed(self._writes.values()):
            if writes.removed:
                models.QuerySet(writes.model).filter(pk__in=[row.pk for row in writes.removed]).delete()

    def _writes_of(self, model: type[Edited]) -> _Writes:
        return self._writes.setdefault(model, _Writes(model))

    def _touch(self, row: Edited, columns: set[str]) -> None:
        """The row gets one new version, however many of its parts change."""
        writes = self._writes_of(type(row))
        if row.pk is None:
            return
        if row.pk not in writes.updated:
            writes.updated[row.pk] = row
            row.version += 1
            columns = columns | {"version"}
        if hasattr(row, "changed_at"):
            row.changed_at = self.now
            columns = columns | {"changed_at"}
        writes.columns |= columns

    def _count(
        self, section: str, key: Key, parents: Mapping[Key, Edited] | None, *, is_new: bool, is_changed: bool
    ) -> None:
        if parents is None:
            self.counts[section].see(key, is_new=is_new, is_changed=is_changed)
        elif is_changed:
            owner = _owner(key, parents)
            if owner is not None:
                self.counts[section].see(owner, is_new=False, is_changed=True)
                self._touch(parents[owner], set())

    def _drop(
        self,
        section: str,
        left: Mapping[Key, Edited],
        scope: Collection[Key],
        parents: Mapping[Key, Edited] | None,
    ) -> None:
        size = len(next(iter(scope))) if scope else 0
        for key, row in left.items():
            if not self.replace and not (scope and key[:size] in scope):
                continue
            self._writes_of(type(row)).removed.append(row)
            if parents is None:
                self.counts[section].removed += 1
            else:
                self._count(section, key, parents, is_new=False, is_changed=True)

    def _check(self, row: Edited, want: Wanted, changes: set[str]) -> None:
        """What the columns themselves refuse. Foreign keys were resolved already, without a query a row."""
        excluded = {each.name for each in row._meta.fields if each.is_relation or each.name not in changes}
        try:
            row.clean_fields(exclude=excluded)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.refuse(f"{want.path}/{_FORMAT_NAMES.get(name, name)}", " ".join(messages))


def _owner(key: Key, parents: Mapping[Key, Edited]) -> Key | None:
    size = len(next(iter(parents))) if parents else 0
    return key[:size] if key[:size] in parents else None


def _assign(row: Edited, values: Mapping[str, Any]) -> set[str]:
    """Set what differs; return the names of the columns that did."""
    changes = set()
    for name, value in values.items():
        if isinstance(value, models.Model):
            differs = value.pk is None or value.pk != getattr(row, f"{name}_id")
        else:
            differs = getattr(row, name) != value
        if differs:
            setattr(row, name, value)
            changes.add(name)
    return changes
