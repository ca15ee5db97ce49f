"""factory-1 text to ``Factory`` and back; the canonical form and its digest.

``read_factory`` is strict: every error at once, each with its JSON pointer. The canonical form is what a run
freezes: defaults and inherited values filled in, rows in key order, so that equal factories have equal text.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from pydantic import ValidationError

from planning.engine.errors import FactoryIssue, InvalidFactory
from planning.engine.factory import (
    Factory,
    ItemRow,
    OrderLineRow,
    PinnedOperationRow,
    Row,
    SalesOrderRow,
    SkillRow,
)
from planning.engine.factory_check import check_factory
from planning.engine.factory_rest import further_issues
from planning.engine.numbers import plain_value, plain_values

MAX_BYTES = 50_000_000
MAX_DEPTH = 20
# A string, or what is there of one that never ends.
_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")


def read_factory(document: str | bytes) -> Factory:
    """Parse and check a factory-1 document; raise ``InvalidFactory`` with every problem found."""
    factory = factory_from_json(parse_json(document))
    issues = check_factory(factory)
    if issues:
        raise InvalidFactory(issues)
    return factory


def parse_json(document: str | bytes) -> Any:
    """Parse JSON strictly: no NaN, no key twice, bounded depth and size; numbers become int or Decimal."""
    if len(document) > MAX_BYTES:
        _refuse(f"the document is larger than {MAX_BYTES // 1_000_000} MB")
    if isinstance(document, bytes):
        try:
            document = document.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            _refuse(f"not UTF-8 text: byte {error.start} cannot be read")
    if _depth(document) > MAX_DEPTH:
        _refuse(f"nested deeper than {MAX_DEPTH} levels")
    try:
        return json.loads(
            document,
            parse_float=_number,
            parse_constant=_not_a_number,
            object_pairs_hook=_object_without_repeated_keys,
        )
    except json.JSONDecodeError as error:
        _refuse(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}")
    except ValueError as error:
        _refuse(f"not JSON: {error}")


def factory_from_json(data: Any) -> Factory:
    """Build a ``Factory`` from parsed JSON; raise ``InvalidFactory`` with every misfit value."""
    if not isinstance(data, dict):
        _refuse('expected an object with "format": "factory-1"')
    try:
        return Factory.model_validate(data)
    except ValidationError as error:
        issues = [_issue(entry) for entry in error.errors(include_url=False)]
    raise InvalidFactory(issues + further_issues(data, issues))


def resolve(factory: Factory) -> Factory:
    """Fill in everything that is inherited, and put the rows in key order. Idempotent."""
    priorities = {row.code: row.priority for row in factory.customers}
    items = {row.code: row for row in factory.items}
    first_calendar = factory.calendars[0].code if factory.calendars else None
    staffing = {name: getattr(factory.staffing, name) for name in INHERITED_STAFFING}
    first_seq = {code: min(row.seq for row in rows) for code, rows in factory.routings.items() if rows}

    def skill(row: SkillRow) -> SkillRow:
        given = {name: value for name, value in staffing.items() if getattr(row, name) is None}
        given["calendar"] = row.calendar or first_calendar
        given["raises"] = _sorted(row.raises, "from_")
        given["shifts"] = _sorted(row.shifts, "start", "name")
        filled = row.model_copy(update=given)
        # With raises it stays what it is: the wage of the month.
        if filled.temp_wage_per_hour is None and not row.raises:
            filled = filled.model_copy(update={"temp_wage_per_hour": row.wage_per_hour})
        return filled

    def line(row: OrderLineRow, order: SalesOrderRow) -> OrderLineRow:
        item = items.get(row.item)
        price = item.price if item and item.price is not None else Decimal(0)
        return _filled(
            row,
            {
                "unit_price": price if row.unit_price is None else row.unit_price,
                "priority": row.priority or priorities.get(order.customer, 3),
                "instalments": _sorted(row.instalments, "due", "qty"),
                # Where there are instalments they say what has shipped; the line may only repeat it.
                "shipped_qty": Decimal(0) if row.instalments else row.shipped_qty,
            },
        )

    orders = [
        row.model_copy(
            update={
                "order_date": row.order_date or factory.as_of,
                "lines": tuple(line(each, row) for each in _sorted(row.lines, "line")),
                "milestones": _sorted(row.milestones, "date", "name", "amount"),
            }
        )
        for row in factory.sales_orders
    ]
    sources = [
        _filled(
            row,
            _inherited_from(items.get(row.item), row, ("min_order", "order_multiple", "unit_cost"))
            | {"price_breaks": _sorted(row.price_breaks, "from_qty")},
        )
        for row in factory.sources
    ]
    bom = [
        _filled(
            row,
            {
                "operation": first_seq.get(row.parent) if row.operation is None else row.operation,
                "uom": None,  # once checked, the component's own
                "substitutes": _sorted(row.substitutes, "priority", "item"),
            },
        )
        for row in factory.bom
    ]
    calendars = [
        row.model_copy(
            update={
                "shifts": tuple(
                    sorted(
                        (s.model_copy(update={"days": tuple(sorted(set(s.days)))}) for s in row.shifts),
                        key=lambda s: (s.days, s.start, s.end),
                    )
                ),
                "closures": _sorted(row.closures, "from_", "to", "name"),
                "extra_shifts": _sorted(row.extra_shifts, "date", "start", "end"),
            }
        )
        for row in factory.calendars
    ]
    item_of = {row.ref: row.item for row in factory.work_orders}
    item_of |= {row.ref: row.item for row in factory.firm_orders}

    def pin(row: PinnedOperationRow) -> PinnedOperationRow:
        steps = factory.routings.get(item_of.get(row.order, ""), ())
        usual = next((step.work_centre for step in steps if step.seq == row.seq), None)
        return _in_utc(_filled(row, {"work_centre": row.work_centre or usual}), "start")

    return factory.model_copy(
        update={
            "calendars": _sorted(calendars, "code"),
            "skills": _sorted([skill(row) for row in factory.skills], "code"),
            "staffing": factory.staffing.model_copy(
                update={
                    "ratios": _sorted(factory.staffing.ratios, "skill"),
                    "ramps": _sorted(factory.staffing.ramps, "skill"),
                    "hiring_budgets": _sorted(factory.staffing.hiring_budgets, "month"),
                    "cross_training": _sorted(factory.staffing.cross_training, "from_skill", "to_skill"),
                }
            ),
            "work_centres": _sorted(factory.work_centres, "code"),
            "items": _sorted(factory.items, "code"),
            "sources": _sorted(sources, "item", "supplier", "from_"),
            "bom": _sorted(bom, "parent", "component", "operation", "from_"),
            "by_products": _sorted(factory.by_products, "parent", "item", "from_"),
            "routings": {
                code: tuple(
                    _filled(row, {"alternates": _sorted(row.alternates, "work_centre")})
                    for row in _sorted(factory.routings[code], "seq")
                )
                for code in sorted(factory.routings)
                if factory.routings[code]
            },
            "setup_times": _sorted(factory.setup_times, "work_centre", "from_family", "to_family"),
            "suppliers": _sorted(factory.suppliers, "code"),
            "customers": _sorted(factory.customers, "code"),
            "sales_orders": _sorted(orders, "ref"),
            # A place that holds nothing says nothing.
            "stock": _sorted([row for row in factory.stock if row.qty], "item", "location", "lot"),
            "purchase_orders": _sorted(factory.purchase_orders, "ref"),
            "work_orders": _sorted(factory.work_orders, "ref"),
            "firm_orders": _sorted(factory.firm_orders, "ref"),
            "downtimes": _sorted(
                [_in_utc(row, "from_", "to") for row in factory.downtimes], "work_centre", "station", "from_"
            ),
            "pinned_operations": _sorted([pin(row) for row in factory.pinned_operations], "order", "seq"),
            "absences": _sorted(factory.absences, "skill", "from_", "name"),
            "hiring_decisions": _sorted(factory.hiring_decisions, "skill", "month"),
        }
    )


INHERITED_STAFFING = (
    "can_hire",
    "can_lay_off",
    "min_headcount",
    "max_headcount",
    "max_hires_per_month",
    "hire_lead_days",
    "hire_cost",
    "training_weeks",
    "training_productivity",
    "severance_weeks",
    "attrition_per_month",
    "absence_rate",
    "labour_efficiency",
    "overtime_max_share",
    "overtime_premium",
    "temp_max_heads",
    "temp_wage_per_hour",
    "learning_rate",
    "learning_reference_unit",
    "learning_floor_unit",
    "max_hires",
    "trainer_share",
)


def canonical_json(factory: Factory) -> str:
    """The one text of a factory: resolved, sorted, compact. Equal factories have equal canonical text.

    Keys that came with a later release are left out where they hold their default, so that the digest of an
    input that was stored before them stays what it was. A skill's own default is kept where it would inherit
    another one.
    """
    values = resolve(factory).model_dump(by_alias=True)
    inherited = {name: values["staffing"][name] for name in INHERITED_STAFFING}
    for section, keys in ADDED_LATER.items():
        rows = values[section]
        above = inherited if section == "skills" else {}
        for row in [rows] if isinstance(rows, dict) else rows:
            for name, default in keys.items():
                if row[name] == default == above.get(name, default):
                    del row[name]
    for section in SECTIONS_ADDED_LATER:
        if not values[section]:
            del values[section]
    return json.dumps(values, default=plain_value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


SECTIONS_ADDED_LATER = (
    "by_products",
    "firm_orders",
    "downtimes",
    "absences",
    "pinned_operations",
    "hiring_decisions",
    "cash",
)
ADDED_LATER: dict[str, dict[str, Any]] = {
    "items": {"lot_rule": None, "order_cost": 0, "safety_days": 0, "fence_days": 0, "make_priority": 0},
    "sources": {"lead_time_calendar": None},
    "bom": {"uom": None},
    "skills": {"max_hires": None, "trainer_share": 0, "raises": (), "shifts": ()},
    "staffing": {
        "max_hires": None,
        "trainer_share": 0,
        "max_total_heads": None,
        "hiring_budget_per_month": None,
        "hiring_budgets": (),
        "cross_training": (),
        "keep_going": False,
    },
    "sales_orders": {"milestones": ()},
    "cash": {"opening": None, "floor": 0, "customer_days": 0, "supplier_days": 0},
}


def dump_factory(factory: Factory) -> str:
    """Write factory-1 for people: as given, without keys that hold their default."""
    return json.dumps(plain(factory, exclude_defaults=True), ensure_ascii=False, indent=1) + "\n"


def digest(text: str) -> str:
    """SHA-256 of ``text`` as hexadecimal: the ``input_digest`` of a plan when given ``canonical_json``."""
    return hashlib.sha256(text.encode()).hexdigest()


def plain(row: Row, *, exclude_defaults: bool = False) -> Any:
    """A row as JSON-ready values: days as text, decimals as numbers."""
    return plain_values(row.model_dump(by_alias=True, exclude_defaults=exclude_defaults))


def _filled[R: Row](row: R, values: dict[str, Any]) -> R:
    """``row`` with ``values``; the row itself where it says so already."""
    return (
        row
        if all(getattr(row, name) is value for name, value in values.items())
        else row.model_copy(update=values)
    )


def _sorted[R: Row](rows: Sequence[R], *names: str) -> tuple[R, ...]:
    def key(row: R) -> list[tuple[bool, Any]]:
        values = [getattr(row, name) for name in names]
        return [(value is not None, value) for value in values]

    if isinstance(rows, tuple) and len(rows) < 2:
        return rows
    return tuple(sorted(rows, key=key))


def _in_utc[R: Row](row: R, *names: str) -> R:
    """The same moments have the same text, whatever offset they were written with."""
    moments: dict[str, datetime] = {name: getattr(row, name).astimezone(UTC) for name in names}
    return row.model_copy(update=moments)


def _inherited_from(item: ItemRow | None, row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(item, name) for name in names if item is not None and getattr(row, name) is None}


def _issue(entry: Any) -> FactoryIssue:
    path = "".join(f"/{part}" for part in entry["loc"] if part != "[key]")
    message = str(entry["msg"]).removeprefix("Value error, ")
    match entry["type"]:
        case "missing":
            message = "required, but not there"
        case "extra_forbidden":
            message = "unknown key; take it out or correct its name"
        case "literal_error":
            message = f"expected {entry['ctx']['expected']}, got {entry['input']!r:.40}"
        case "value_error":
            pass
        case kind if kind in _BOUNDS:
            words, limit = _BOUNDS[kind]
            message = f"expected {words.format(entry['ctx'][limit])}, got {_given(entry['input'])}"
        case _:
            message = f"{message}, got {ascii(entry['input'])[:40]}"
    return FactoryIssue(path=path, message=message)


# What pydantic calls a bound that is not kept: words for people, and where its error holds the limit.
_BOUNDS = {
    "greater_than": ("more than {}", "gt"),
    "greater_than_equal": ("at least {}", "ge"),
    "less_than": ("less than {}", "lt"),
    "less_than_equal": ("at most {}", "le"),
    "decimal_max_places": ("at most {} decimal places", "decimal_places"),
    "too_short": ("at least {} character", "min_length"),
    "too_long": ("at most {} characters", "max_length"),
}


def _given(value: Any) -> str:
    """A refused value as its file wrote it, shortened."""
    return f"{value}"[:40] if isinstance(value, int | float | Decimal) else ascii(value)[:40]


def _refuse(message: str) -> NoReturn:
    raise InvalidFactory([FactoryIssue(path="", message=message)])


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > 400:
        raise ValueError(f"number {text[:20]} is out of range")
    return number


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _object_without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"key {key!a} stands twice in one object")
        found[key] = value
    return found


def _depth(document: str) -> int:
    """Nesting depth of brackets outside strings; linear, and safe before the recursive parser runs."""
    depth = deepest = 0
    for found in _BRACKETS.finditer(_STRINGS.sub("", document)):
        depth += 1 if found[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest
