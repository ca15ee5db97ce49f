"""An item is never part of itself, however the lines are put together."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.errors import BomCycle
from inventory.models import BomLine, BomSubstitute
from inventory.selectors import list_where_used
from inventory.services import add_bom_line, revise_bom
from tests.builders import make_bom, make_bom_line, make_item

pytestmark = pytest.mark.django_db


def test_an_item_is_no_component_of_itself():
    drive = make_item("DRIVE")

    with pytest.raises(BomCycle, match="DRIVE > DRIVE"):
        add_bom_line(bom_id=make_bom(drive).pk, component_id=drive.pk, qty=Decimal(1))
    assert BomLine.objects.count() == 0


@pytest.mark.parametrize("length", [2, 50])
def test_a_cycle_is_refused_with_its_path(length):
    items = [make_item(f"I{n:02}") for n in range(length)]
    boms = [make_bom(item) for item in items]
    for n in range(length - 1):
        add_bom_line(bom_id=boms[n].pk, component_id=items[n + 1].pk, qty=Decimal(1))

    with pytest.raises(BomCycle) as refused:
        add_bom_line(bom_id=boms[-1].pk, component_id=items[0].pk, qty=Decimal(1))

    codes = [item.code for item in items]
    assert refused.value.path == [codes[-1], *codes]
    assert BomLine.objects.count() == length - 1


def test_the_same_component_in_two_branches_is_no_cycle():
    top, left, right, bolt = (make_item(code) for code in ("TOP", "LEFT", "RIGHT", "BOLT"))
    for parent, component in ((top, left), (top, right), (left, bolt), (right, bolt)):
        make_bom_line(parent=parent, component=component)

    assert [line.bom.item.code for line in list_where_used(item_id=bolt.pk)] == ["LEFT", "RIGHT"]


@pytest.mark.parametrize("qty", ["0", "-1", "0.0000000001", "1e18"])
def test_a_component_needs_a_quantity_that_somebody_can_mean(qty):
    with pytest.raises(ValidationError):
        add_bom_line(bom_id=make_bom().pk, component_id=make_item().pk, qty=Decimal(qty))
    assert BomLine.objects.count() == 0


def test_a_component_stands_once():
    line = make_bom_line()

    with pytest.raises(ValidationError):
        add_bom_line(bom_id=line.bom_id, component_id=line.component_id, qty=Decimal(1))


def test_a_new_revision_is_a_copy_that_begins_where_the_old_one_ends():
    line = make_bom_line(qty=2, operation=10, scrap=Decimal("0.1"))
    BomSubstitute.objects.create(bom_line=line, item=make_item("OTHER", kind="buy"), qty=3)
    day = dt.date(2011, 8, 1)

    bom = revise_bom(item_id=line.bom.item_id, revision="B", effective_from=day)

    line.bom.refresh_from_db()
    copy = bom.lines.get()
    assert (line.bom.effective_to, bom.effective_from, bom.effective_to) == (day, day, None)
    assert (copy.component_id, copy.qty, copy.operation, copy.scrap) == (
        line.component_id,
        2,
        10,
        Decimal("0.1"),
    )
    assert copy.substitutes.get().item.code == "OTHER"


class AnyStructure(TestCase):
    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=15))
    def test_no_order_of_edits_closes_a_cycle(self, edges):
        items = [make_item() for _ in range(6)]
        boms = [make_bom(item) for item in items]
        below = {n: set() for n in range(6)}

        def reaches(start, end):
            return start == end or any(reaches(child, end) for child in below[start])

        for parent, component in edges:
            if component in below[parent]:
                continue
            if reaches(component, parent):
                with pytest.raises(BomCycle):
                    add_bom_line(bom_id=boms[parent].pk, component_id=items[component].pk, qty=Decimal(1))
            else:
                add_bom_line(bom_id=boms[parent].pk, component_id=items[component].pk, qty=Decimal(1))
                below[parent].add(component)
        assert BomLine.objects.count() == sum(map(len, below.values()))


@pytest.mark.django_db(transaction=True)
def test_two_edits_at_once_do_not_close_a_cycle_together():
    pairs = [(make_item(f"A{n}"), make_item(f"B{n}")) for n in range(3)]
    for first, second in pairs:
        make_bom(first)
        make_bom(second)
        ready = threading.Barrier(2)
        refused = []

        def edit(parent, component, ready=ready, refused=refused):
            try:
                ready.wait()
                add_bom_line(bom_id=parent.boms.get().pk, component_id=component.pk, qty=Decimal(1))
            except BomCycle as cycle:
                refused.append(cycle)
            finally:
                connection.close()

        threads = [threading.Thread(target=edit, args=pair) for pair in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1
    assert BomLine.objects.count() == 3
