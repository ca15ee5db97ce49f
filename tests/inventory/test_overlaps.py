"""A component is taken once on each day at an operation, however revisions and lines are dated."""

import datetime as dt
from decimal import Decimal

import pytest

from inventory.errors import BomCycle, BomOverlap
from inventory.models import BillOfMaterials, BomLine
from inventory.services import add_bom_line, revise_bom, save_bom, save_bom_line
from tests.builders import make_bom, make_bom_line, make_item
from tests.threads import at_once

pytestmark = pytest.mark.django_db

JUNE, JULY, AUGUST = dt.date(2011, 6, 1), dt.date(2011, 7, 1), dt.date(2011, 8, 1)


@pytest.fixture
def line():
    """Revision 1 of DRIVE takes a MOTOR, always."""
    drive, motor = make_item("DRIVE"), make_item("MOTOR", kind="buy")
    return make_bom_line(parent=drive, component=motor)


def bill(line, revision="2", **dates):
    return make_bom(line.bom.item, revision=revision, **dates)


def add(line, bom, **values):
    return add_bom_line(bom_id=bom.pk, component_id=line.component_id, qty=Decimal(1), **values)


def date(row, **dates):
    type(row).objects.filter(pk=row.pk).update(**dates)


@pytest.mark.parametrize(
    ("there", "there_line", "new", "new_line", "first"),
    [
        ({}, {}, {}, {}, None),
        ({}, {}, {"effective_from": JULY}, {}, JULY),
        ({"effective_to": AUGUST}, {}, {"effective_from": JULY}, {}, JULY),
        ({}, {}, {}, {"effective_from": JULY}, JULY),
        # the later of the two days on which a line and its revision begin, the earlier on which they end
        ({"effective_from": JUNE}, {"effective_from": JULY}, {"effective_to": AUGUST}, {}, JULY),
        ({"effective_to": AUGUST}, {"effective_to": JULY}, {"effective_from": JUNE}, {}, JUNE),
        ({}, {}, {"effective_from": JUNE, "effective_to": JULY}, {"effective_to": AUGUST}, JUNE),
    ],
)
def test_a_line_that_takes_the_same_on_the_same_day_is_refused(line, there, there_line, new, new_line, first):
    date(line.bom, **there) if there else None
    date(line, **there_line) if there_line else None

    with pytest.raises(BomOverlap) as refused:
        add(line, bill(line, **new), **new_line)

    assert (refused.value.code, refused.value.revision, refused.value.line) == ("bom_overlap", "1", line.pk)
    assert refused.value.first_day == first
    since = f"from {first} on" if first else "from the first day on"
    assert f"DRIVE would take MOTOR twice {since}" in str(refused.value)
    assert "Let one of the two end before the other begins" in str(refused.value)
    assert BomLine.objects.count() == 1


@pytest.mark.parametrize(
    ("there", "there_line", "new", "new_line"),
    [
        ({"effective_to": JULY}, {}, {"effective_from": JULY}, {}),
        ({}, {"effective_to": JULY}, {}, {"effective_from": JULY}),
        ({"effective_to": AUGUST}, {"effective_to": JULY}, {"effective_from": JULY}, {}),
        # a line outside the days of its revision never counts
        ({}, {}, {"effective_to": JULY}, {"effective_from": AUGUST}),
    ],
)
def test_lines_that_follow_each_other_are_fine(line, there, there_line, new, new_line):
    date(line.bom, **there) if there else None
    date(line, **there_line) if there_line else None

    add(line, bill(line, **new), **new_line)

    assert BomLine.objects.count() == 2


def test_another_operation_component_or_item_is_no_overlap(line):
    add(line, line.bom, operation=20)
    add_bom_line(bom_id=line.bom_id, component_id=make_item("BOLT").pk, qty=Decimal(1))
    add(line, make_bom(make_item("PUMP")))

    with pytest.raises(BomOverlap, match="MOTOR at operation 20 twice"):
        add(line, bill(line), operation=20)


def test_a_line_is_changed_beside_itself_but_not_into_another(line):
    second = add(line, line.bom, operation=20)
    line.qty = Decimal(3)
    assert save_bom_line(line=line).version == 2

    second.operation, second.effective_from = None, JULY
    with pytest.raises(BomOverlap, match="from 2011-07-01 on"):
        save_bom_line(line=second)
    assert BomLine.objects.get(pk=second.pk).operation == 20


def test_a_revision_cannot_be_dated_over_another(line, django_user_model):
    planner = django_user_model.objects.create(username="planner")
    revised = revise_bom(item_id=line.bom.item_id, revision="2", effective_from=AUGUST)
    revised.effective_from = JULY

    with pytest.raises(BomOverlap) as refused:
        save_bom(bom=revised, by=planner)
    assert (refused.value.revision, refused.value.first_day) == ("1", JULY)
    assert BillOfMaterials.objects.get(pk=revised.pk).effective_from == AUGUST

    revised = BillOfMaterials.objects.get(pk=revised.pk)
    revised.effective_from = dt.date(2011, 9, 1)
    assert save_bom(bom=revised, by=planner).version == 2
    assert revised.history.first().history_user == planner


def test_dates_move_between_lines_that_are_saved_together(line):
    bom = line.bom
    date(line, effective_from=JULY)
    before = BomLine.objects.create(bom=bom, component=line.component, qty=1, effective_to=JULY)
    line.refresh_from_db()
    # the first of the two that is stored meets the old state of the other
    line.effective_from, before.effective_to = JUNE, JUNE

    save_bom(bom=bom, lines=[line, before])

    assert [row.in_force_from for row in BomLine.objects.order_by("pk")] == [JUNE, None]
    # and a line that goes away makes room
    line.effective_from = dt.date(2011, 5, 1)
    with pytest.raises(BomOverlap):
        save_bom(bom=bom, lines=[line])
    save_bom(bom=bom, lines=[line], removed=[before])


def test_a_new_revision_with_its_lines_is_one_act(line):
    bom = BillOfMaterials(item=line.bom.item, revision="2", effective_from=JULY)
    with pytest.raises(BomOverlap):
        save_bom(bom=bom, lines=[BomLine(component=line.component, qty=1)])
    assert BillOfMaterials.objects.count() == 1


def test_a_bill_cannot_be_given_to_a_part_of_it(line):
    line.bom.item = line.component
    with pytest.raises(BomCycle):
        save_bom(bom=line.bom)


def test_revising_does_not_stretch_a_revision_over_another(line):
    # given a line that ended, was replaced, and a revision in between that would be stretched
    date(line.bom, effective_from=JUNE, effective_to=JULY)
    other = bill(line, "0", effective_to=None)
    add(line, other, effective_from=JULY)

    with pytest.raises(BomOverlap):
        revise_bom(item_id=line.bom.item_id, revision="3", effective_from=AUGUST)
    assert BillOfMaterials.objects.get(pk=line.bom_id).effective_to == JULY


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_adds_the_line(line):
    date(line.bom, effective_to=JUNE)
    boms = [bill(line, revision, effective_from=JULY) for revision in ("2", "3")]

    raised = at_once(*[lambda bom=bom: add(line, bom) for bom in boms])

    assert [type(error) for error in raised] == [BomOverlap]
    assert BomLine.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_move_two_revisions_onto_each_other_one_is_refused(line):
    date(line.bom, effective_to=JULY)
    after = bill(line, effective_from=AUGUST)
    add(line, after)
    before = BillOfMaterials.objects.get(pk=line.bom_id)
    before.effective_to, after.effective_from = AUGUST, JULY

    raised = at_once(lambda: save_bom(bom=before), lambda: save_bom(bom=after))

    assert [type(error) for error in raised] == [BomOverlap]
