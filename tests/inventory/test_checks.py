"""Checks read in Python say what the database says."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Q

from inventory.models import ItemSource, UnitOfMeasure
from inventory.models.checks import plainly_holds
from orders.models import Instalment, OrderLine, SalesOrder
from planning.models import Closure, Skill, WorkOrder

VALUES = [
    None,
    -1,
    0,
    1,
    Decimal("0.5"),
    Decimal(10) ** 18,
    dt.date(1900, 1, 1),
    dt.date(2011, 7, 1),
    "",
    "sale",
]
TABLES = [ItemSource, UnitOfMeasure, Instalment, OrderLine, SalesOrder, Closure, Skill, WorkOrder]


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_what_plainly_holds_is_what_the_database_accepts(table):
    held = 0
    for check in [one for one in table._meta.constraints if isinstance(getattr(one, "condition", None), Q)]:
        columns = {name.split("__")[0] for name, _ in _leaves(check.condition)}
        for value in VALUES:
            row = table(**dict.fromkeys(columns, value))
            if not all(_is_of(table, column, value) for column in columns) or not plainly_holds(check, row):
                continue
            held += 1
            try:
                check.validate(table, row)
            except ValidationError:
                pytest.fail(f"{check.name} does not hold for {value!r}")
    assert held >= 2


def _is_of(table, column, value):
    """Columns are cleaned before their checks are asked: a day is never compared with a number."""
    try:
        return table._meta.get_field(column).to_python(value) == value
    except (ValidationError, TypeError, RuntimeWarning):
        return False


def _leaves(condition):
    for part in condition.children:
        yield from _leaves(part) if isinstance(part, Q) else [part]


@pytest.mark.django_db
def test_a_row_that_keeps_its_checks_is_validated_without_a_query(django_assert_num_queries):
    row = Instalment(instalment=1, qty=Decimal(2), due=dt.date(2011, 7, 1))

    with django_assert_num_queries(0):
        row.validate_constraints(exclude={"order_line"})


@pytest.mark.django_db
def test_a_broken_check_is_named_as_before():
    row = Instalment(instalment=1, qty=Decimal(2), due=dt.date(2011, 7, 1), shipped_qty=Decimal(3))

    with pytest.raises(ValidationError, match="No more than the ordered quantity can be shipped"):
        row.validate_constraints(exclude={"order_line"})
