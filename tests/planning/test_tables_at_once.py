"""Two people change the same rows at once: the table loses, in words, and nothing of it is stored."""

import threading

import pytest
from django.db import connection

from inventory.models import Item, StockMovement
from planning.errors import InvalidTable
from planning.services.exchange import import_factory
from planning.services.tables import importing
from tests import builders
from tests.planning.tables import as_csv, bring, counts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def works():
    import_factory(document=builders.as_json(builders.factory_document()), now=builders.NOW)


def test_a_table_is_stored_outside_of_any_other_transaction():
    assert counts(bring("items", as_csv(["code", "kind"], ["NEW", "buy"]))) == (1, 0, 0)
    assert counts(bring("stock", as_csv(["item", "qty"], ["MOTOR", "3"]))) == (1, 0, 0)
    assert Item.objects.filter(code="NEW").exists()
    assert StockMovement.objects.get().qty == 3


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write after the other")
def test_a_row_that_somebody_else_has_just_changed_refuses_the_table(monkeypatch):
    read = importing.read_values

    def read_then_somebody_changes():
        values = read()

        def change():
            Item.objects.filter(code="MOTOR").update(name="Theirs")
            connection.close()

        other = threading.Thread(target=change)
        other.start()
        other.join()
        return values

    monkeypatch.setattr(importing, "read_values", read_then_somebody_changes)
    file = as_csv(["code", "name"], ["MOTOR", "Ours"], ["DRIVE", "Ours too"])

    with pytest.raises(InvalidTable, match="somebody else has just changed the same rows"):
        bring("items", file)

    names = Item.objects.order_by("code").values_list("name", flat=True)
    assert list(names) == ["", "Theirs"]
