"""Items over HTTP: where they are used, what they are made of and cost, how two bills differ."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.errors import QUERY_MARK
from config.rest.fields import read_day
from config.rest.roles import sees_wages
from config.rest.views import Endpoint
from planning.api import item_rows as rows
from planning.errors import NoFactory
from planning.selectors.bills import day_of, find_as_of, get_item, get_revision
from planning.selectors.comparison import compare_bills
from planning.selectors.costing import get_cost
from planning.selectors.data_checks import list_findings
from planning.selectors.structures import get_explosion, get_where_used

MAX_UNITS = 100_000
ON = OpenApiParameter("on", OpenApiTypes.DATE, description="The day on which bills and sources count.")
REVISION = OpenApiParameter("revision", str, description="As if this revision of the item were in force.")
LEVELS = OpenApiParameter("levels", str, description="`all` (the default) or how many levels, from 1.")
UNITS = OpenApiParameter("units", int, description="How many units the average is of; 1 if left out.")
FROM = OpenApiParameter("from", str, required=True, description="A revision, or a day as YYYY-MM-DD.")
TO = OpenApiParameter("to", str, required=True, description="A revision, or a day as YYYY-MM-DD.")
WITH = OpenApiParameter("with", str, description="Another item, of which `to` is a revision or day.")
BILL_LEVELS = OpenApiParameter("levels", str, description="`1` (the default) or `all`.")


class _Query(Endpoint):
    """A question about one item with ``parameters``, each read strictly."""

    parameters: tuple[OpenApiParameter, ...] = ()

    def query_parameters(self) -> frozenset[str]:
        return frozenset(parameter.name for parameter in self.parameters)

    def day(self, name: str) -> dt.date | None:
        text = self.request.query_params.get(name)
        try:
            return None if text is None else read_day(text)
        except ValueError as error:
            raise _refused(name, str(error)) from None

    def whole(self, name: str, *, default: int, at_most: int) -> int:
        text = self.request.query_params.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= at_most):
            raise _refused(name, f"A whole number from 1 to {at_most} is expected.")
        return int(text)

    def text(self, name: str) -> str | None:
        text: str | None = self.request.query_params.get(name)
        if text is not None and (len(text) > 64 or not text.isprintable()):
            raise _refused(name, "A code of up to 64 characters is expected.")
        return text


def _refused(name: str, reason: str) -> ValidationError:
    return ValidationError({f"{QUERY_MARK}{name}": [ErrorDetail(reason, code="invalid")]})


def _as_of() -> dt.date:
    day = find_as_of()
    if day is None:
        raise NoFactory("There is no factory yet, hence no planning date: name a day with ?on=.")
    return day


class WhereUsedView(_Query):
    """What an item goes into."""

    serializer_class = rows.WhereUsedSerializer
    parameters = (ON, LEVELS)

    @extend_schema(parameters=list(parameters), responses=rows.WhereUsedSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read everything that an item goes into, and the open order lines it ends up in.

        Without `on`, lines of all days are listed; the demand is that of the planning date.
        """
        on, levels = self.day("on"), None
        if request.query_params.get("levels", "all") != "all":
            levels = self.whole("levels", default=1, at_most=100)
        used = get_where_used(get_item(code), on=on, levels=levels)
        return Response(rows.WhereUsedSerializer(used).data)


class BillView(_Query):
    """What an item is made of."""

    serializer_class = rows.ExplosionSerializer
    parameters = (ON, REVISION)

    @extend_schema(parameters=list(parameters), responses=rows.ExplosionSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read the indented bill of an item, with lead times, stock and material cost.

        `on` left out is the planning date, or with `revision` the nearest day on which it is in force.
        """
        item, revision, on = get_item(code), self.text("revision"), self.day("on")
        if revision is not None and on is None:
            on = day_of(get_revision(item, revision), _as_of())
        bill = get_explosion(item, on=on or _as_of(), revision=revision)
        return Response(rows.ExplosionSerializer(bill).data)


class CostView(_Query):
    """What an item costs."""

    serializer_class = rows.ItemCostSerializer
    parameters = (ON, UNITS)

    @extend_schema(parameters=list(parameters), responses=rows.ItemCostSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read the cost of an item by level: of the next unit, on average, and at the reference unit.

        Labour and totals are `null` without a role that may see wages.
        """
        on = self.day("on") or _as_of()
        units = self.whole("units", default=1, at_most=MAX_UNITS)
        cost = get_cost(get_item(code), on=on, units=units)
        context: Mapping[str, Any] = {"wages": sees_wages(request.user)}
        return Response(rows.ItemCostSerializer(cost, context=dict(context)).data)


class CompareView(_Query):
    """How two bills differ."""

    serializer_class = rows.ComparisonSerializer
    parameters = (FROM, TO, WITH, BILL_LEVELS)

    @extend_schema(parameters=list(parameters), responses=rows.ComparisonSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Compare two revisions of an item, two days, or with `with` two items."""
        sides = {name: self.text(name) for name in ("from", "to")}
        for name, side in sides.items():
            if side is None:
                raise _refused(name, "A revision, or a day as YYYY-MM-DD, is expected.")
        levels = request.query_params.get("levels", "1")
        if levels not in {"1", "all"}:
            raise _refused("levels", "1 or all is expected.")
        other = self.text("with")
        comparison = compare_bills(
            get_item(code),
            before=sides["from"] or "",
            after=sides["to"] or "",
            other=get_item(other) if other else None,
            all_levels=levels == "all",
        )
        context = {"wages": sees_wages(request.user)}
        return Response(rows.ComparisonSerializer(comparison, context=context).data)


class DataChecksView(Endpoint):
    """What is wrong with bills and sources."""

    serializer_class = rows.DataChecksSerializer

    @extend_schema(responses=rows.DataChecksSerializer)
    def get(self, request: Request) -> Response:
        """Read what is wrong with bills of materials and sources, and what to do about it."""
        return Response(rows.DataChecksSerializer({"findings": list_findings()}).data)
