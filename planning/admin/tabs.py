"""What a tab of a plan's results is made of: columns, links, filters, and the page of rows that is shown."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from inventory.models.fields import plain
from planning.models import PlanRun

ROWS_PER_PAGE = 100
NUMBER = "dl-num"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``read`` gives the value of a file, ``show`` that of the screen, ``link`` where it leads, if anywhere.

    ``route`` names the right that the link asks for. ``places``: decimals of a number on the screen, where
    figures below each other are compared; empty: as many as it has, up to two. ``words``:
    what the screen says of a value that is a code.
    """

    key: str
    label: str
    read: Callable[[Any], Any]
    css: str = ""
    is_wage: bool = False
    link: Callable[[int, Any], str] | None = None
    route: str = ""
    places: int | None = None
    words: Callable[[str], str] | None = None

    def show(self, row: Any) -> str:
        value = self.read(row)
        if self.words is not None and value:
            return self.words(value)
        if self.places is not None and value is not None:
            return f"{value:,.{self.places}f}"
        return shown(value)


def shown(value: Any) -> str:
    """A value on the screen."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def column(key: str, label: str = "", *, read: Any = None, **options: Any) -> Column:
    """A column that is an attribute of the row, unless ``read`` says otherwise."""
    return Column(
        key=key,
        label=label or key.replace("_", " ").capitalize(),
        read=read or (lambda row: getattr(row, key)),
        **options,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Narrows the rows by a column. ``choices`` gives values with their words; without, it is typed."""

    name: str
    label: str
    choices: Callable[[PlanRun], Sequence[tuple[str, str]]] | None = None
    typed: str = "search"

    def wanted(self, query: Any) -> str:
        """What was asked for. A NUL is in no name, and PostgreSQL refuses to look for one."""
        text: str = query.get(self.name, "")
        return text.replace("\0", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A page of results. ``list_rows`` gives its rows, which ``narrow`` narrows to what the filters ask for.

    ``prepare`` may look up what a page of rows needs beside itself. ``is_fixable``: rows can be made firm;
    ``is_pinnable``: they can be pinned. ``hide_money`` takes out the rows that are for who sees wages.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    list_rows: Callable[[PlanRun], Any]
    group: Callable[[Any], str] | None = None
    filters: tuple[Filter, ...] = ()
    narrow: Callable[[Any, dict[str, str]], Any] = lambda rows, wanted: rows.filter(**wanted)
    prepare: Callable[[Any, list[Any]], None] | None = None
    hide_money: Callable[[Any], Any] | None = None
    context: Callable[[PlanRun, bool, Any], dict[str, Any]] | None = None
    template: str = "table"
    empty: str = "Nothing here."
    route: str = ""
    is_fixable: bool = False
    is_pinnable: bool = False

    def columns_for(self, *, wages: bool) -> list[Column]:
        return [one for one in self.columns if wages or not one.is_wage]

    def filtered(self, run: PlanRun, query: Any, *, wages: bool) -> Any:
        """The rows that ``query`` asks for, of those that may be seen."""
        wanted = {one.name: one.wanted(query) for one in self.filters}
        asked = {name: text for name, text in wanted.items() if text}
        rows = self.list_rows(run)
        if self.hide_money and not wages:
            rows = self.hide_money(rows)
        return self.narrow(rows, asked) if asked else rows


def page_address(page: str, version: int, **query: Any) -> str:
    """The address of a page of a plan, ``planning_planrun_<page>``, with what it is asked for."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    address = reverse(f"admin:planning_planrun_{page}", args=[version])
    return f"{address}?{urlencode(given)}" if given else address


def item_link(version: int, row: Any) -> str:
    """The page of the row's item."""
    return page_address("item", version, code=row.item) if row.item else ""


def order_link(version: int, row: Any) -> str:
    """Why the row's order exists."""
    return page_address("pegging", version, order=row.order)


def delivery_link(version: int, row: Any) -> str:
    """What the row's instalment waits for."""
    keys = {"sales_order": row.sales_order, "line": row.line, "instalment": row.instalment}
    return page_address("pegging", version, **keys)


def table_of(
    tab: Tab, request: HttpRequest, run: PlanRun, *, wages: bool, may: Callable[[str], bool]
) -> dict[str, Any]:
    """What the template of a tab shows."""
    columns = tab.columns_for(wages=wages)
    every = tab.filtered(run, request.GET, wages=wages)
    page = Paginator(keys_of(every), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    found = rows_of(every, page)
    page.object_list = found  # a template that looks into the page asks for nothing more
    if tab.prepare:
        tab.prepare(request.user, found)
    open_to = {route: may(route) for route in {one.route for one in columns if one.link}}
    rows, group = [], None
    for row in found:
        name = tab.group(row) if tab.group else None
        cells = [(one.show(row), one.css, _link(one, run, row, open_to)) for one in columns]
        rows.append((name if name != group else None, _chosen_as(tab, row), cells))
        group = name
    query = request.GET.copy()
    query.pop("page", None)
    filters = [
        (one, one.choices(run) if one.choices else None, one.wanted(request.GET)) for one in tab.filters
    ]
    return {
        "columns": columns,
        "rows": rows,
        "page": page,
        "query": query.urlencode(),
        "filters": filters,
        "chosen": {one.name: wanted for one, _, wanted in filters},
        **(tab.context(run, wages, request.GET) if tab.context else {}),
    }


def keys_of(found: Any) -> Any:
    """Only the keys of ``found``: the pages before the one that is shown cost no more than a look at an
    index.
    """
    return found.values_list("pk", flat=True) if isinstance(found, QuerySet) else found


def rows_of(found: Any, page: Page[Any]) -> list[Any]:
    """The rows of one page of ``keys_of(found)``, with all that is told of them."""
    return list(found.filter(pk__in=page.object_list) if isinstance(found, QuerySet) else page.object_list)


def _link(one: Column, run: PlanRun, row: Any, open_to: dict[str, bool]) -> str:
    return one.link(run.pk, row) if one.link and open_to[one.route] else ""


def _chosen_as(tab: Tab, row: Any) -> str:
    """The id of a planned order that can be made firm, or the key of an operation to pin, or to let go."""
    if tab.is_pinnable:
        return str(row.pk)
    return row.order if tab.is_fixable and row.work_order is None else ""
