"""Entering and amending orders."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from orders.errors import (
    AlreadyShipped,
    DuplicateOrder,
    InvalidOrder,
    OverShipment,
    VersionConflict,
    WrongStatus,
)
from orders.models import Instalment, Milestone, OrderLine, SalesOrder
from orders.selectors import get_order
from orders.services import (
    NewInstalment,
    NewMilestone,
    NewOrder,
    amend_order,
    cancel_order,
    enter_order,
    ship_instalment,
)
from tests.builders import NOW, make_customer, make_item, make_order, new_line, new_schedule

pytestmark = pytest.mark.django_db

JULY, AUGUST, SEPTEMBER = dt.date(2011, 7, 31), dt.date(2011, 8, 31), dt.date(2011, 9, 30)


@pytest.fixture
def drive():
    make_customer("ACME")
    return make_item("DRIVE")


def new_order(*lines, **values):
    values = {"ref": "SO-1", "customer": "ACME"} | values
    return NewOrder(lines=lines or (new_line(item="DRIVE"),), **values)


def refused_paths(order):
    with pytest.raises(InvalidOrder) as refused:
        enter_order(order=order, now=NOW)
    assert SalesOrder.objects.count() == 0
    return {issue.path for issue in refused.value.issues}


@pytest.mark.usefixtures("drive")
def test_300_units_in_12_instalments_are_one_line():
    months = [dt.date(2011 + n // 12, n % 12 + 1, 1) for n in range(6, 18)]
    schedule = tuple(NewInstalment(due=month, qty=Decimal(25)) for month in reversed(months))

    enter_order(order=new_order(new_line(item="DRIVE", qty=300, due=None, instalments=schedule)), now=NOW)

    assert OrderLine.objects.count() == 1
    rows = list(Instalment.objects.order_by("instalment").values_list("instalment", "due"))
    # Numbered by due date, whatever the order in which they were written.
    assert rows == list(enumerate(months, start=1))


@pytest.mark.usefixtures("drive")
def test_a_line_with_a_due_date_has_one_instalment():
    enter_order(order=new_order(new_line(item="DRIVE", qty=4, due=JULY)), now=NOW)

    row = Instalment.objects.get()
    assert (row.instalment, row.qty, row.due, row.promised) == (1, 4, JULY, None)
    assert not OrderLine.objects.get().has_instalments


@pytest.mark.usefixtures("drive")
def test_a_quote_is_not_confirmed():
    assert enter_order(order=new_order(status="quote"), now=NOW).confirmed_at is None
    assert enter_order(order=new_order(ref="SO-2"), now=NOW).confirmed_at == NOW


@pytest.mark.usefixtures("drive")
def test_the_same_number_twice_is_refused():
    enter_order(order=new_order(), now=NOW)

    with pytest.raises(DuplicateOrder, match="SO-1"):
        enter_order(order=new_order(), now=NOW)
    assert SalesOrder.objects.count() == 1


@pytest.mark.usefixtures("drive")
def test_the_customers_own_number_is_unique_for_that_customer():
    make_customer("PORT")
    enter_order(order=new_order(customer_reference="4711"), now=NOW)
    enter_order(order=new_order(ref="SO-2", customer="PORT", customer_reference="4711"), now=NOW)

    with pytest.raises(DuplicateOrder, match="that of order SO-1"):
        enter_order(order=new_order(ref="SO-3", customer_reference="4711"), now=NOW)


@pytest.mark.usefixtures("drive")
def test_orders_without_an_own_number_do_not_collide():
    for ref in ("SO-1", "SO-2"):
        enter_order(order=new_order(ref=ref, customer_reference=""), now=NOW)

    assert SalesOrder.objects.filter(customer_reference=None).count() == 2


def test_every_problem_is_named_at_once():
    paths = refused_paths(
        NewOrder(
            ref=" SO",
            customer="NOBODY",
            kind="gift",
            lines=(
                new_line(1, item="NOTHING", qty=-1),
                new_line(1, item="NOTHING", due=dt.date(2999, 1, 1)),
                new_line(2, item="NOTHING", due=None),
            ),
        )
    )

    assert paths == {
        "/ref",
        "/customer",
        "/kind",
        "/lines/0/item",
        "/lines/0/qty",
        "/lines/1/item",
        "/lines/1/line",
        "/lines/1/due",
        "/lines/2/item",
        "/lines/2/due",
    }


@pytest.mark.usefixtures("drive")
@pytest.mark.parametrize("qty", ["0", "-1", "1e18", "NaN", "0.0000001"])
def test_a_quantity_that_nobody_can_mean_is_refused(qty):
    assert refused_paths(new_order(new_line(item="DRIVE", qty=qty))) == {"/lines/0/qty"}


@pytest.mark.usefixtures("drive")
@pytest.mark.parametrize("year", [1900, 2999])
def test_a_date_that_nobody_can_mean_is_refused(year):
    order = new_order(new_line(item="DRIVE", due=dt.date(year, 1, 1)))

    assert refused_paths(order) == {"/lines/0/due"}


@pytest.mark.usefixtures("drive")
def test_instalments_that_do_not_add_up_are_refused():
    line = new_line(item="DRIVE", qty=10, due=None, instalments=new_schedule((JULY, 4), (AUGUST, 5)))

    assert refused_paths(new_order(line)) == {"/lines/0/instalments"}


@pytest.mark.usefixtures("drive")
def test_an_order_without_lines_is_refused():
    assert refused_paths(NewOrder(ref="SO-1", customer="ACME", lines=())) == {"/lines"}


@pytest.mark.usefixtures("drive")
def test_nobody_enters_a_cancelled_order():
    assert refused_paths(new_order(status="cancelled")) == {"/status"}


@pytest.mark.usefixtures("drive")
def test_amending_changes_lines_and_schedule_and_counts_one_version():
    enter_order(order=new_order(), now=NOW)
    line = new_line(item="DRIVE", qty=30, due=None, instalments=new_schedule((JULY, 10), (AUGUST, 20)))

    amend_order(
        ref="SO-1", order=new_order(line, new_line(2, item="DRIVE", qty=1)), now=NOW, expected_version=1
    )

    order = get_order("SO-1")
    assert (order.version, order.status) == (2, "confirmed")
    assert list(Instalment.objects.order_by("pk").values_list("order_line__line", "qty")) == [
        (1, 10),
        (1, 20),
        (2, 1),
    ]
    with pytest.raises(VersionConflict):
        amend_order(ref="SO-1", order=new_order(), now=NOW, expected_version=1)


@pytest.mark.usefixtures("drive")
def test_amending_cannot_take_back_what_has_shipped():
    line = new_line(item="DRIVE", qty=10, due=None, instalments=new_schedule((JULY, 6), (AUGUST, 4)))
    enter_order(order=new_order(line), now=NOW)
    ship_instalment(ref="SO-1", line=1, instalment=2, shipped_on=JULY, now=NOW)

    for change in (
        new_line(item="DRIVE", qty=6, due=None, instalments=new_schedule((JULY, 6))),
        new_line(item="DRIVE", qty=9, due=None, instalments=new_schedule((JULY, 6), (AUGUST, 3))),
        new_line(2, item="DRIVE"),
    ):
        with pytest.raises(AlreadyShipped):
            amend_order(ref="SO-1", order=new_order(change), now=NOW)
    assert list(Instalment.objects.order_by("instalment").values_list("qty", "shipped_qty")) == [
        (6, 0),
        (4, 4),
    ]


@pytest.mark.usefixtures("drive")
def test_a_cancelled_order_cannot_be_amended():
    enter_order(order=new_order(), now=NOW)
    cancel_order(ref="SO-1", now=NOW)

    with pytest.raises(WrongStatus):
        amend_order(ref="SO-1", order=new_order(), now=NOW)


def test_an_order_of_any_size_is_read_in_four_queries(django_assert_num_queries):
    item = make_item("DRIVE").code
    make_order("SO-1", lines=[new_line(item=item)])
    make_order("SO-2", lines=[new_line(number, item=item) for number in range(1, 31)])

    for ref, expected in (("SO-1", 1), ("SO-2", 30)):
        with django_assert_num_queries(4):
            order = get_order(ref)
            lines = [
                (line.item.code, part.due) for line in order.lines.all() for part in line.instalments.all()
            ]
        assert len(lines) == expected


@pytest.mark.usefixtures("drive")
def test_a_thousand_instalments_cost_no_more_statements_than_a_few(django_assert_max_num_queries):
    days = [dt.date(2011, 7, 1) + dt.timedelta(days=n) for n in range(1000)]
    schedule = tuple(NewInstalment(due=day, qty=Decimal(1)) for day in days)
    by = get_user_model().objects.create(username="sales")

    with django_assert_max_num_queries(40):
        enter_order(
            order=new_order(new_line(item="DRIVE", qty=1000, due=None, instalments=schedule)), now=NOW, by=by
        )

    assert Instalment.objects.filter(order_line__line=1).count() == 1000
    assert Instalment.history.filter(history_type="+", history_user=by).count() == 1000
    assert OrderLine.history.get().history_user == by


@pytest.mark.usefixtures("drive")
def test_lines_that_are_added_to_an_order_cost_no_statements_each(django_assert_max_num_queries):
    lines = [new_line(line=number, item="DRIVE") for number in range(1, 201)]
    enter_order(order=new_order(lines[0]), now=NOW)

    with django_assert_max_num_queries(40):
        amend_order(ref="SO-1", order=new_order(*lines), now=NOW)

    assert OrderLine.objects.count() == Instalment.objects.count() == 200
    assert OrderLine.history.count() == Instalment.history.count() == 200


def test_quantities_are_said_as_people_write_them():
    make_order("SO-9", lines=[new_line(item=make_item().code, qty=6)])

    with pytest.raises(OverShipment, match=r"6 are open; between 0 and that many can ship, not 7\."):
        ship_instalment(ref="SO-9", line=1, qty=Decimal("7.000000"), shipped_on=JULY, now=NOW)


def test_a_huge_order_of_nonsense_is_given_up_after_a_hundred_problems(django_assert_max_num_queries):
    make_customer("ACME")
    lines = tuple(new_line(number, item="NONE", qty=-1) for number in range(1, 1001))

    with django_assert_max_num_queries(1000), pytest.raises(InvalidOrder) as refused:
        enter_order(order=new_order(*lines), now=NOW)

    issues = refused.value.issues
    assert len(issues) <= 110
    assert "more" in issues[-1].message


@pytest.mark.usefixtures("drive")
def test_a_huge_schedule_of_nonsense_is_given_up_after_a_hundred_problems(django_assert_max_num_queries):
    schedule = tuple(NewInstalment(due=JULY, qty=Decimal(-1)) for _ in range(1000))

    with django_assert_max_num_queries(1000), pytest.raises(InvalidOrder) as refused:
        enter_order(
            order=new_order(new_line(item="DRIVE", qty=-1000, due=None, instalments=schedule)), now=NOW
        )

    assert len(refused.value.issues) <= 110


DEPOSIT = NewMilestone(date=JULY, amount=Decimal(300), name="Deposit")
LINE = {"item": "DRIVE", "qty": Decimal(10), "unit_price": Decimal(50)}


@pytest.mark.usefixtures("drive")
def test_an_order_is_entered_with_what_is_paid_before_delivery():
    enter_order(order=new_order(new_line(**LINE), milestones=(DEPOSIT,)), now=NOW)

    assert list(Milestone.objects.values_list("order__ref", "date", "amount", "name")) == [
        ("SO-1", JULY, 300, "Deposit")
    ]


@pytest.mark.usefixtures("drive")
def test_milestones_are_no_more_than_the_order_is_worth():
    rest = NewMilestone(date=AUGUST, amount=Decimal("200.01"))

    assert refused_paths(new_order(new_line(**LINE), milestones=(DEPOSIT, rest))) == {"/milestones"}


@pytest.mark.usefixtures("drive")
def test_a_milestone_that_cannot_be_stored_is_named_by_its_place():
    bad = NewMilestone(date=dt.date(1900, 1, 1), amount=Decimal(1))

    assert refused_paths(new_order(new_line(**LINE), milestones=(DEPOSIT, bad))) == {"/milestones/1/date"}


@pytest.mark.usefixtures("drive")
def test_an_amended_order_keeps_its_milestones_unless_it_says_others():
    enter_order(order=new_order(new_line(**LINE), milestones=(DEPOSIT,)), now=NOW)
    kept = Milestone.objects.get().pk

    amend_order(ref="SO-1", order=new_order(new_line(**LINE)), now=NOW)
    assert Milestone.objects.get().pk == kept
    half = new_line(**LINE | {"qty": Decimal(5)})
    with pytest.raises(InvalidOrder, match=r"300.*250|/milestones"):
        amend_order(ref="SO-1", order=new_order(half), now=NOW)
    stage = NewMilestone(date=AUGUST, amount=Decimal(100))
    amend_order(ref="SO-1", order=new_order(new_line(**LINE), milestones=(DEPOSIT, stage)), now=NOW)
    assert set(Milestone.objects.values_list("amount", flat=True)) == {300, 100}
    assert Milestone.objects.filter(pk=kept).exists()
    amend_order(ref="SO-1", order=new_order(half, milestones=()), now=NOW)
    assert not Milestone.objects.exists()
