"""Bills of materials in the admin: what would be taken twice is refused, and what was typed stays."""

import datetime as dt

import pytest

from inventory.models import BillOfMaterials, BomLine
from inventory.services import revise_bom
from tests import builders
from tests.journeys.admin import fields_of, sign_in, text_of

pytestmark = pytest.mark.django_db

AUGUST = dt.date(2011, 8, 1)


@pytest.fixture
def revised():
    """Revision 2 of DRIVE follows revision 1 on 1 August; both take a MOTOR."""
    line = builders.make_bom_line(parent=builders.make_item("DRIVE"), component=builders.make_item("MOTOR"))
    return revise_bom(item_id=line.bom.item_id, revision="2", effective_from=AUGUST)


def page(row):
    return f"/admin/inventory/{row._meta.model_name}/{row.pk}/change/"


def test_a_revision_that_would_overlap_is_refused_and_what_was_typed_stays(revised):
    client = sign_in("planner")
    typed = {"effective_from": "2011-07-01", "note": "brought forward"}

    answer = client.post(page(revised), fields_of(client.get(page(revised))) | typed)

    assert answer.status_code == 200
    assert "DRIVE would take MOTOR twice from 2011-07-01 on" in text_of(answer)
    fields = fields_of(answer)
    assert {name: fields[name] for name in typed} == typed
    revised.refresh_from_db()
    assert (revised.effective_from, revised.version) == (AUGUST, 1)


def test_a_line_that_would_overlap_is_refused_and_what_was_typed_stays(revised):
    client = sign_in("planner")
    line = revised.lines.get()
    first = revised.item.boms.get(revision="1")
    old = BomLine.objects.create(bom=first, component=line.component, qty=1, operation=5)
    form = fields_of(client.get(page(old))) | {"bom": revised.pk, "operation": "", "qty": "7"}
    form["effective_from"] = "2011-09-01"

    answer = client.post(page(old), form)

    assert "twice from 2011-09-01 on" in text_of(answer)
    assert fields_of(answer)["qty"] == "7"
    old.refresh_from_db()
    assert (old.operation, old.qty) == (5, 1)


def test_dates_and_lines_of_a_revision_are_saved_as_one(revised):
    client = sign_in("planner")
    form = fields_of(client.get(page(revised)))
    # the revision begins earlier, its line as before
    form |= {"effective_from": "2011-07-01", "lines-0-effective_from": "2011-08-01", "lines-0-qty": "3"}

    assert client.post(page(revised), form).status_code == 302

    revised.refresh_from_db()
    line = revised.lines.get()
    assert (revised.effective_from, revised.version) == (dt.date(2011, 7, 1), 2)
    assert (line.in_force_from, line.qty, line.version) == (AUGUST, 3, 2)
    assert revised.history.first().history_user.username == "planner"


def test_a_page_that_is_saved_unchanged_keeps_its_version(revised):
    client = sign_in("planner")
    assert client.post(page(revised), fields_of(client.get(page(revised)))).status_code == 302
    revised.refresh_from_db()
    assert revised.version == 1


def test_a_new_revision_is_entered_with_its_lines(revised):
    client = sign_in("planner")
    address = "/admin/inventory/billofmaterials/add/"
    form = fields_of(client.get(address)) | {
        "item": revised.item_id,
        "revision": "3",
        "effective_from": "2012-01-01",
        "lines-TOTAL_FORMS": "1",
        "lines-0-component": revised.lines.get().component_id,
        "lines-0-qty": "2",
        "lines-0-scrap": "0",
    }

    refused = client.post(address, form)
    assert "twice from 2012-01-01 on" in text_of(refused)
    assert fields_of(refused)["lines-0-qty"] == "2"
    assert BillOfMaterials.objects.count() == 2

    assert client.post(address, form | {"lines-0-operation": "20"}).status_code == 302
    assert BillOfMaterials.objects.get(revision="3").lines.get().operation == 20


def test_a_line_is_removed_on_the_page_of_its_revision(revised):
    client = sign_in("planner")
    form = fields_of(client.get(page(revised))) | {"lines-0-DELETE": "on", "effective_from": "2011-07-01"}

    assert client.post(page(revised), form).status_code == 302

    assert not revised.lines.exists()
    assert BomLine.history.filter(history_type="-").get().history_user.username == "planner"
