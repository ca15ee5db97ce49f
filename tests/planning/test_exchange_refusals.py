"""Bad files: every problem is named with its path, and nothing is half imported."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from inventory.models import BomLine, Item, StockMovement
from orders.models import Customer, SalesOrder
from planning.engine.errors import InvalidFactory
from planning.engine.factory_codec import canonical_json
from planning.loading import load_factory
from planning.models import FactorySettings
from planning.services.exchange import import_factory, master
from tests.builders import NOW, as_json, factory_document

ROOT = Path(__file__).parents[2]
LINE = {"line": 1, "item": "DRIVE", "qty": 5, "due": "2011-07-01"}
DOWN = {"work_centre": "BENCH", "from": "2011-05-02T08:00Z", "to": "2011-05-03T08:00Z"}
ABSENT = {"skill": "ASM", "heads": 1, "from": "2011-05-02", "to": "2011-05-16"}
ITEMS = [{"code": "DRIVE", "kind": "make"}, {"code": "MOTOR", "kind": "buy"}]


def stored_rows():
    names = ("inventory", "orders", "planning")
    return sum(model.objects.count() for name in names for model in apps.get_app_config(name).get_models())


def order(**line):
    return [{"ref": "SO-1", "customer": "ACME", "lines": [LINE | line]}]


def operation(**values):
    return {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 1} | values]}


def pinned(work=None, **values):
    pin = {"order": "WO-1", "seq": 10, "start": "2011-05-02T08:00Z"}
    order = {"ref": "WO-1", "item": "DRIVE", "qty": 1, "due": "2011-05-02"}
    return {"work_orders": [order | (work or {})], "pinned_operations": [pin | values]}


BAD = {
    "unknown item": (
        {"sales_orders": order(item="DRIFE")},
        "/sales_orders/0/lines/0/item",
        "unknown item DRIFE",
    ),
    "unknown component": (
        {"bom": [{"parent": "DRIVE", "component": "MOTER", "qty": 1}]},
        "/bom/0/component",
        "unknown item MOTER",
    ),
    "cycle": (
        {
            "items": [{"code": code, "kind": "make"} for code in ("DRIVE", "MOTOR", "ROTOR")],
            "bom": [
                {"parent": "DRIVE", "component": "MOTOR", "qty": 1},
                {"parent": "MOTOR", "component": "ROTOR", "qty": 1},
                {"parent": "ROTOR", "component": "DRIVE", "qty": 1},
            ],
        },
        "/bom/0",
        "DRIVE → MOTOR → ROTOR → DRIVE",
    ),
    "negative quantity": ({"sales_orders": order(qty=-1)}, "/sales_orders/0/lines/0/qty", "more than 0"),
    "zero quantity": ({"sales_orders": order(qty=0)}, "/sales_orders/0/lines/0/qty", "more than 0"),
    "huge quantity": ({"sales_orders": order(qty=1e18)}, "/sales_orders/0/lines/0/qty", "at most 1000000000"),
    "text for a quantity": (
        {"sales_orders": order(qty="5")},
        "/sales_orders/0/lines/0/qty",
        "expected a number",
    ),
    "true for a quantity": (
        {"sales_orders": order(qty=True)},
        "/sales_orders/0/lines/0/qty",
        "expected a number",
    ),
    "tiny quantity": (
        {"bom": [{"parent": "DRIVE", "component": "MOTOR", "qty": 1e-9}]},
        "/bom/0/qty",
        "decimal places",
    ),
    "date in 1900": (
        {"sales_orders": order(due="1900-01-01")},
        "/sales_orders/0/lines/0/due",
        "expected a day from 1970-01-01",
    ),
    "date in 2999": (
        {"sales_orders": order(due="2999-01-01")},
        "/sales_orders/0/lines/0/due",
        "expected a day from 1970-01-01",
    ),
    "no day of the calendar": (
        {"sales_orders": order(due="2011-02-30")},
        "/sales_orders/0/lines/0/due",
        "2011-02-30",
    ),
    "work centre without calendar": (
        {"work_centres": [{"code": "BENCH"}]},
        "/work_centres/0/calendar",
        "required",
    ),
    "work centre with an unknown calendar": (
        {"work_centres": [{"code": "BENCH", "calendar": "NIGHT"}]},
        "/work_centres/0/calendar",
        "unknown calendar NIGHT",
    ),
    "operation on an unknown work centre": (
        {"routings": operation(work_centre="BANCH")},
        "/routings/DRIVE/0/work_centre",
        "unknown work centre BANCH",
    ),
    "same order number twice": (
        {"sales_orders": order() + order()},
        "/sales_orders/1",
        "same ref as row 0",
    ),
    "unknown key": (
        {"items": [*ITEMS, {"code": "X", "kind": "buy", "colour": "red"}]},
        "/items/2/colour",
        "unknown key",
    ),
    "unknown section": ({"employees": []}, "/employees", "unknown key"),
    "currency that is none": ({"currency": "dollars"}, "/currency", "valid value"),
    "shift on no day": (
        {"calendars": [{"code": "DAY", "shifts": [{"days": []}]}]},
        "/calendars/0/shifts/0/days",
        "",
    ),
    "the same closure twice": (
        {"calendars": [{"code": "DAY", "closures": [{"from": "2011-07-04", "to": "2011-07-05"}] * 2}]},
        "/calendars/0/closures/1",
        "twice",
    ),
    "downtime of a station that is not there": (
        {"downtimes": [DOWN | {"station": 2}]},
        "/downtimes/0/station",
        "expected a station of BENCH, which has 1, got 2",
    ),
    "downtime of an unknown work centre": (
        {"downtimes": [DOWN | {"work_centre": "BANCH"}]},
        "/downtimes/0/work_centre",
        "unknown work centre BANCH",
    ),
    "downtime that ends before it begins": (
        {"downtimes": [DOWN | {"to": "2011-05-02T08:00Z"}]},
        "/downtimes/0/to",
        "expected a moment after from",
    ),
    "the same downtime twice": (
        {"downtimes": [DOWN, DOWN | {"from": "2011-05-02T10:00+02:00"}]},
        "/downtimes/1",
        "same work_centre, station and from as row 0",
    ),
    "moment without an offset": (
        {"downtimes": [DOWN | {"from": "2011-05-02T08:00"}]},
        "/downtimes/0/from",
        "expected a moment such as 2011-03-01T08:00+01:00",
    ),
    "moment with seconds": (
        {"downtimes": [DOWN | {"from": "2011-05-02T08:00:30Z"}]},
        "/downtimes/0/from",
        "expected a whole minute",
    ),
    "moment in 1900": (
        {"downtimes": [DOWN | {"from": "1900-05-02T08:00Z"}]},
        "/downtimes/0/from",
        "expected a moment from 1970-01-01",
    ),
    "absence of nobody": ({"absences": [ABSENT | {"heads": 0}]}, "/absences/0/heads", "more than 0"),
    "absence of an unknown skill": (
        {"absences": [ABSENT | {"skill": "ASN"}]},
        "/absences/0/skill",
        "unknown skill ASN",
    ),
    "absence that ends before it begins": (
        {"absences": [ABSENT | {"to": "2011-05-02"}]},
        "/absences/0/to",
        "expected a day after from 2011-05-02",
    ),
    "the same absence twice": (
        {"absences": [ABSENT, ABSENT | {"heads": 2}]},
        "/absences/1",
        "same skill, from and name as row 0",
    ),
    "pin of an unknown order": (
        pinned(order="WO-2"),
        "/pinned_operations/0/order",
        "unknown work order or firm order WO-2",
    ),
    "pin of a purchase": (
        pinned(order="FO-1")
        | {"firm_orders": [{"ref": "FO-1", "item": "MOTOR", "kind": "buy", "qty": 1, "due": "2011-05-02"}]},
        "/pinned_operations/0/order",
        "FO-1 is bought",
    ),
    "pin of an unknown operation": (
        pinned(seq=20),
        "/pinned_operations/0/seq",
        "DRIVE has no operation 20 (it has 10)",
    ),
    "pin of an operation that is done": (
        pinned(work={"done_through_seq": 10}),
        "/pinned_operations/0/seq",
        "WO-1 is done through 10",
    ),
    "pin in the past": (
        pinned(start="2011-02-28T23:59Z"),
        "/pinned_operations/0/start",
        "expected a moment from 2011-03-01 00:00:00+00:00 on",
    ),
    "pin on an unknown work centre": (
        pinned(work_centre="BANCH"),
        "/pinned_operations/0/work_centre",
        "unknown work centre BANCH",
    ),
    "pin on a work centre that the routing does not name": (
        pinned(work_centre="SAW")
        | {"work_centres": [{"code": code, "calendar": "DAY"} for code in ("BENCH", "SAW")]},
        "/pinned_operations/0/work_centre",
        "expected one of BENCH, got SAW",
    ),
    "pin on a station that is not there": (
        pinned(station=2),
        "/pinned_operations/0/station",
        "expected a station of BENCH, which has 1, got 2",
    ),
    "pin of subcontracted work on a station": (
        pinned(station=1) | {"routings": {"DRIVE": [{"seq": 10, "external_days": 5}]}},
        "/pinned_operations/0/station",
        "subcontracted",
    ),
    "the same operation pinned twice": (
        {**pinned(), "pinned_operations": pinned()["pinned_operations"] * 2},
        "/pinned_operations/1",
        "same order and seq as row 0",
    ),
    "hidden direction change": (
        {"customers": [{"code": "ACME", "name": "a\u202eb"}]},
        "/customers/0/name",
        "U+202E",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("sections", "path", "message"), BAD.values(), ids=BAD)
def test_a_bad_value_is_named_with_its_path_and_nothing_is_imported(sections, path, message):
    with pytest.raises(InvalidFactory) as refused:
        import_factory(document=as_json(factory_document(**sections)), now=NOW)

    issues = {issue.path: issue.message for issue in refused.value.issues}
    assert path in issues
    assert message in issues[path]
    assert stored_rows() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999999999"])
def test_a_number_that_json_does_not_have_is_refused(number):
    text = as_json(factory_document(sales_orders=order(qty=4711))).replace("4711", number)

    with pytest.raises(InvalidFactory):
        import_factory(document=text, now=NOW)

    assert stored_rows() == 0


@pytest.mark.django_db
def test_every_problem_is_named_at_once():
    document = factory_document(
        as_of="1900-01-01",
        items=[{"code": "DRIVE", "kind": "made"}, {"code": "MOTOR", "kind": "buy", "colour": "red"}],
        stock=[{"item": "MOTOR", "qty": -1}],
    )

    with pytest.raises(InvalidFactory) as refused:
        import_factory(document=as_json(document), now=NOW)

    assert {issue.path for issue in refused.value.issues} == {
        "/as_of",
        "/items/0/kind",
        "/items/1/colour",
        "/stock/0/qty",
    }


@pytest.mark.django_db
def test_what_is_not_json_is_refused_with_line_and_column():
    with pytest.raises(InvalidFactory) as refused:
        import_factory(document=b'{"format": "factory-1",\n "name": }', now=NOW)

    assert "line 2, column 10" in str(refused.value)


@pytest.mark.django_db
def test_a_cycle_through_rows_that_the_file_does_not_mention_is_refused():
    import_factory(document=as_json(factory_document()), now=NOW)
    turned = factory_document(
        items=[{"code": "DRIVE", "kind": "make"}, {"code": "MOTOR", "kind": "make"}],
        bom=[{"parent": "MOTOR", "component": "DRIVE", "qty": 1}],
    )

    with pytest.raises(InvalidFactory) as refused:
        import_factory(document=as_json(turned), now=NOW)

    (issue,) = refused.value.issues
    assert "together with what is stored" in issue.message
    assert "DRIVE → MOTOR → DRIVE" in issue.message or "MOTOR → DRIVE → MOTOR" in issue.message
    assert Item.objects.get(code="MOTOR").kind == "buy"
    assert BomLine.objects.count() == 1


@pytest.mark.django_db
def test_a_customers_own_number_that_another_order_has_is_refused():
    first = [order()[0] | {"customer_reference": "4711"}]
    import_factory(document=as_json(factory_document(sales_orders=first)), now=NOW)
    second = [first[0] | {"ref": "SO-2"}]

    with pytest.raises(InvalidFactory) as refused:
        import_factory(document=as_json(factory_document(sales_orders=second)), now=NOW)

    assert [issue.path for issue in refused.value.issues] == ["/sales_orders/0/customer_reference"]
    assert SalesOrder.objects.count() == 1


@pytest.mark.django_db
def test_a_failed_import_leaves_the_old_rows_as_they_were(monkeypatch):
    import_factory(document=as_json(factory_document(stock=[{"item": "MOTOR", "qty": 3}])), now=NOW)
    before = canonical_json(load_factory())
    monkeypatch.setattr(
        "planning.services.exchange.stock.adjust_stock",
        lambda *args: (_ for _ in ()).throw(DatabaseError("disk full")),
    )

    with pytest.raises(DatabaseError):
        import_factory(document=(ROOT / "data" / "balqon.json").read_bytes(), now=NOW, replace=True)

    assert canonical_json(load_factory()) == before
    assert StockMovement.objects.count() == 1


@pytest.mark.django_db
def test_a_row_that_the_database_refuses_refuses_the_file(monkeypatch):
    def negative_wages(session, factory, calendars):
        skills = sync_skills(session, factory, calendars)
        skills["ASM",].wage_per_hour = -1
        return skills

    sync_skills = master.sync_skills
    monkeypatch.setattr(master, "sync_skills", negative_wages)

    with pytest.raises(InvalidFactory) as refused:
        import_factory(document=as_json(factory_document()), now=NOW)

    assert "skill_wage_per_hour_not_negative" in str(refused.value)
    assert stored_rows() == 0


@pytest.mark.django_db
def test_the_command_prints_every_problem_and_fails(tmp_path, capsys):
    file = tmp_path / "bad.json"
    file.write_text(
        as_json(factory_document(sales_orders=order(qty=0), stock=[{"item": "NO", "qty": 1, "x": 1}]))
    )

    with pytest.raises(CommandError, match=r"Nothing was imported: 2 problem"):
        call_command("import_factory", str(file))

    printed = capsys.readouterr().err
    assert "/sales_orders/0/lines/0/qty: " in printed
    assert "/stock/0/x: unknown key" in printed


@pytest.mark.django_db
def test_the_commands_read_and_write_files(tmp_path, capsys):
    source, copy = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(as_json(factory_document()))

    call_command("import_factory", str(source))
    call_command("export_factory", str(copy))
    call_command("import_factory", str(copy), "--dry-run")

    printed = capsys.readouterr().out
    assert "Imported Works" in printed
    assert "Dry run, nothing was changed" in printed
    assert Customer.objects.get().code == "ACME"


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["import_factory", "export_factory"])
def test_a_file_that_cannot_be_opened_is_said_in_words(command, tmp_path):
    import_factory(document=as_json(factory_document()), now=NOW)

    with pytest.raises(CommandError, match="cannot be"):
        call_command(command, str(tmp_path / "nowhere" / "file.json"))


# Imports in a process of its own, which stops for good in the middle of writing.
KILLED = """
import os, signal, sys
import django
django.setup()
from django.utils import timezone
from inventory.models import Item
from planning.services import exchange
from planning.services.exchange import stock

def die(*args):
    assert Item.objects.count() == 87
    print("half way", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

stock.adjust_stock = die
exchange.import_factory(document=open(sys.argv[1], "rb").read(), now=timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_a_kill_in_the_middle_leaves_nothing():
    connection.close()
    env = os.environ | {"DATABASE_URL": _database_url(), "PYTHONPATH": str(ROOT)}

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(ROOT / "data" / "balqon.json")],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert killed.stdout == "half way\n", killed.stderr
    assert killed.returncode == -9
    assert FactorySettings.objects.count() == 0
    assert Item.objects.count() == 0
    started = time.monotonic()
    import_factory(document=(ROOT / "data" / "balqon.json").read_bytes(), now=NOW)
    assert time.monotonic() - started < 5
    assert Item.objects.count() == 87


def _database_url():
    """Where the tests' own database is, for a second process."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    user, password, host, port = (settings[key] for key in ("USER", "PASSWORD", "HOST", "PORT"))
    return f"postgres://{user}:{password}@{host}:{port}/{settings['NAME']}"
