"""The kinds of tables and their columns. Columns are the keys of the format, read from its data classes."""

import typing
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal

from pydantic_core import PydanticUndefined

from config.rest.roles import HR, PLANNER, PRODUCTION, READER, SALES, roles_of
from planning.engine import factory as rows
from planning.engine import numbers
from planning.errors import UnknownTable

_WORDS: dict[Any, tuple[str, str]] = {
    numbers.Code: ("text", "a code: up to 64 characters on one line"),
    numbers.Text: ("text", "a text of up to 200 characters"),
    numbers.Day: ("day", "a day as YYYY-MM-DD"),
    numbers.Month: ("month", "a month as YYYY-MM"),
    numbers.Moment: ("moment", "a moment such as 2011-03-01T08:00+01:00"),
    numbers.Whole: ("whole", "a whole number"),
    numbers.PositiveWhole: ("whole", "a whole number above 0"),
    numbers.Count: ("whole", "a whole number up to 100,000"),
    numbers.PositiveCount: ("whole", "a whole number from 1 to 100,000"),
    numbers.PositiveHeads: ("number", "a number of people above 0, up to 100,000"),
    numbers.Days: ("whole", "a whole number of days up to 3,660"),
    numbers.Qty: ("number", "a quantity"),
    numbers.PositiveQty: ("number", "a quantity above 0"),
    numbers.Money: ("number", "an amount of money"),
    numbers.Hours: ("number", "hours"),
    numbers.Share: ("number", "a share from 0 to 1"),
    numbers.LossShare: ("number", "a share from 0 to below 1"),
    numbers.Rate: ("number", "a number up to 1,000"),
    numbers.PositiveRate: ("number", "a number above 0, up to 1,000"),
    bool: ("flag", "true or false"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How rows within a row are written in one cell: ``left = right @ mark``, one after another.

    A mark that is text is the rest of its entry; where a semicolon is in it, it stands in quotation marks.
    """

    left: str
    right: str
    example: str
    left_reads: Literal["text", "number", "day"] = "text"
    mark: str | None = None
    mark_reads: Literal["whole", "text"] = "whole"


# Rows within a row, in one cell.
_LISTS: dict[Any, Listed] = {
    rows.PriceBreakRow: Listed(
        left="from_qty", right="unit_cost", left_reads="number", example="10 = 9.50; 100 = 8"
    ),
    rows.SubstituteRow: Listed(
        left="item", right="qty", mark="priority", example="BOLT-2 = 4 @ 1; BOLT-3 = 4 @ 2"
    ),
    rows.AlternateRow: Listed(left="work_centre", right="speed", example="LATHE-2 = 0.8; LATHE-3 = 1"),
    rows.MilestoneRow: Listed(
        left="date",
        right="amount",
        left_reads="day",
        mark="name",
        mark_reads="text",
        example="2011-03-01 = 5000 @ Deposit; 2011-06-01 = 2500",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its key in the format, how its cells are read, and what an empty one means."""

    name: str
    reads: Literal["text", "day", "month", "moment", "whole", "number", "flag", "choice", "list"]
    expected: str
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    listed: Listed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A table: the ``key`` that finds a row again, its columns, and the roles that may import it."""

    name: str
    label: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    roles: frozenset[str]

    @property
    def indispensable(self) -> tuple[Column, ...]:
        """Columns without which no row can be found again; others may be left out."""
        names = {*self.key, "qty", "customer"} if self.name == "sales_orders" else set(self.key)
        return tuple(column for column in self.columns if column.required and column.name in names)

    @property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


def _columns(row: Any, *, without: frozenset[str] = frozenset()) -> tuple[Column, ...]:
    hints = typing.get_type_hints(row, include_extras=True)
    return tuple(
        _column(field.alias or name, hints[name], field.default)
        for name, field in row.model_fields.items()
        if name not in without
    )


def _column(name: str, hint: Any, default: Any) -> Column:
    required = default is PydanticUndefined
    given: dict[str, Any] = {"name": name, "required": required, "default": None if required else default}
    plain = [each for each in typing.get_args(hint) if each is not NoneType]
    if NoneType in typing.get_args(hint) and len(plain) == 1:
        hint, plain = plain[0], list(typing.get_args(plain[0]))
    if typing.get_origin(hint) is Literal:
        return Column(**given, reads="choice", choices=tuple(plain), expected=f"one of {', '.join(plain)}")
    if typing.get_origin(hint) is tuple:
        listed = _LISTS[plain[0]]
        return Column(**given, reads="list", listed=listed, expected=f"a list such as {listed.example}")
    reads, expected = _WORDS[hint]
    return Column(**given, reads=typing.cast("Any", reads), expected=expected)


def _reference(name: str, *, required: bool = True) -> Column:
    return Column(name=name, reads="text", expected=_WORDS[numbers.Code][1], required=required)


def _day(name: str) -> Column:
    return Column(name=name, reads="day", expected=_WORDS[numbers.Day][1], required=False)


# The columns of the three rows that one row of the table of sales orders is made of.
ORDER_COLUMNS = _columns(rows.SalesOrderRow, without=frozenset({"lines"}))
LINE_COLUMNS = _columns(rows.OrderLineRow, without=frozenset({"due", "qty", "shipped_qty", "instalments"}))
INSTALMENT_COLUMNS = _columns(rows.InstalmentRow)
BILL_COLUMNS = _columns(rows.BomRow, without=frozenset({"parent"}))
REVISION_COLUMNS = (_day("revision_from"), _day("revision_to"))

_PLANNERS, _BUYERS, _SELLERS = frozenset({PLANNER}), frozenset({PLANNER, PRODUCTION}), frozenset({SALES})
_DECIDERS = frozenset({PLANNER, HR})
_READERS = frozenset({PLANNER, PRODUCTION, READER})

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="items",
            label="Items",
            key=("code",),
            columns=_columns(rows.ItemRow),
            roles=_PLANNERS,
        ),
        Kind(
            name="suppliers",
            label="Suppliers",
            key=("code",),
            columns=_columns(rows.SupplierRow),
            roles=_PLANNERS,
        ),
        Kind(
            name="sources",
            label="Sources with price breaks",
            key=("item", "supplier", "from"),
            columns=_columns(rows.SourceRow),
            roles=_PLANNERS,
        ),
        Kind(
            name="bom",
            label="Bills of materials",
            key=("parent", "revision", "component", "operation", "from"),
            columns=(
                _reference("parent"),
                _reference("revision", required=False),
                *BILL_COLUMNS,
                *REVISION_COLUMNS,
            ),
            roles=_PLANNERS,
        ),
        Kind(
            name="by_products",
            label="By-products",
            key=("parent", "item", "from"),
            columns=_columns(rows.ByProductRow),
            roles=_PLANNERS,
        ),
        Kind(
            name="routings",
            label="Routings",
            key=("item", "seq"),
            columns=(_reference("item"), *_columns(rows.OperationRow)),
            roles=_PLANNERS,
        ),
        Kind(
            name="stock",
            label="Stock counts",
            key=("item", "location", "lot"),
            columns=_columns(rows.StockRow),
            roles=_BUYERS,
        ),
        Kind(
            name="purchase_orders",
            label="Purchase orders",
            key=("ref",),
            columns=_columns(rows.PurchaseOrderRow),
            roles=_BUYERS,
        ),
        Kind(
            name="firm_orders",
            label="Firm planned orders",
            key=("ref",),
            columns=_columns(rows.FirmOrderRow),
            roles=_PLANNERS,
        ),
        Kind(
            name="downtimes",
            label="Downtimes",
            key=("work_centre", "station", "from"),
            columns=_columns(rows.DowntimeRow),
            roles=_BUYERS,
        ),
        Kind(
            name="absences",
            label="Absences",
            key=("skill", "from", "name"),
            columns=_columns(rows.AbsenceRow),
            roles=_BUYERS,
        ),
        Kind(
            name="pinned_operations",
            label="Pinned operations",
            key=("order", "seq"),
            columns=_columns(rows.PinnedOperationRow),
            roles=_PLANNERS,
        ),
        Kind(
            name="hiring_decisions",
            label="Hiring decisions",
            key=("skill", "month"),
            columns=_columns(rows.HiringDecisionRow),
            roles=_DECIDERS,
        ),
        Kind(
            name="customers",
            label="Customers",
            key=("code",),
            columns=_columns(rows.CustomerRow),
            roles=_SELLERS,
        ),
        Kind(
            name="sales_orders",
            label="Sales orders",
            key=("ref", "line", "due"),
            columns=(*ORDER_COLUMNS, *LINE_COLUMNS, *INSTALMENT_COLUMNS),
            roles=_SELLERS,
        ),
    )
}


def find_kind(name: str) -> Kind:
    """The kind of table, or ``UnknownTable`` with those there are."""
    if name not in KINDS:
        raise UnknownTable(f"There is no table {name}; there are {', '.join(KINDS)}.")
    return KINDS[name]


def may_export(user: Any, kind: Kind) -> bool:
    """Costs of items are not for sales, so exports are for who reads everything, and who may import."""
    return bool(user.is_superuser) or bool(roles_of(user) & (kind.roles | _READERS))


def may_import(user: Any, kind: Kind) -> bool:
    """Superusers may import everything, others what their roles may edit."""
    return bool(user.is_superuser) or bool(roles_of(user) & kind.roles)
