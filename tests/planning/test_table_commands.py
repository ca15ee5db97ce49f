"""Tables on the command line."""

import io

import pytest
from django.core.management import CommandError, call_command

from inventory.models import Item
from planning.services.exchange import import_factory
from tests import builders
from tests.planning.tables import rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def works():
    import_factory(document=builders.as_json(builders.factory_document()), now=builders.NOW)


def run(*args, **options):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*args, stdout=out, stderr=err, **options)
    except CommandError as error:
        return f"{out.getvalue()}{err.getvalue()}{error}"
    return out.getvalue()


@pytest.mark.parametrize("name", ["items.xlsx", "items.csv"])
def test_export_then_import_changes_nothing(works, tmp_path, name):
    path = str(tmp_path / name)
    assert run("export_table", "items", path) == f"Wrote {path}\n"
    assert run("import_table", "items", path) == "Imported items: 0 added, 0 changed, 2 unchanged.\n"


def test_a_dry_run_says_what_would_change(works, tmp_path):
    file = tmp_path / "items.csv"
    file.write_text("code,kind,lead_time_days\nMOTOR,buy,9\nNEW,make,0\n")

    said = run("import_table", "items", str(file), dry_run=True)

    assert said.splitlines() == [
        "Row 2: changed MOTOR (lead_time_days: 7 → 9)",
        "Row 3: added NEW",
        "Dry run, nothing was changed: 1 added, 1 changed, 0 unchanged.",
    ]
    assert Item.objects.get(code="MOTOR").lead_time_days == 7


def test_problems_are_printed_by_row(works, tmp_path):
    file = tmp_path / "items.csv"
    file.write_text("code,kind,lead_time_days\nMOTOR,buy,x\n")

    said = run("import_table", "items", str(file))

    assert 'Sheet items, row 2, column lead_time_days, value "x": expected a whole number of days' in said
    assert said.endswith("Nothing was imported: 1 problem(s).")


def test_a_template_is_a_header(works, tmp_path):
    path = tmp_path / "bom.xlsx"
    run("export_table", "bom", str(path), template=True)
    (header,) = rows_of(path.read_bytes())
    assert header[:4] == ["parent", "revision", "component", "qty"]


def test_what_cannot_be_read_or_written_is_said(works, tmp_path):
    assert "cannot be read" in run("import_table", "items", str(tmp_path / "none.csv"))
    assert "cannot be written" in run("export_table", "items", str(tmp_path / "none" / "x.csv"))
    assert "neither in .xlsx nor in .csv" in run("export_table", "items", str(tmp_path / "x.ods"))


def test_without_a_factory_there_is_nothing(tmp_path):
    file = tmp_path / "items.csv"
    file.write_text("code,kind\nMOTOR,buy\n")
    assert "There is no factory yet" in run("import_table", "items", str(file))
    assert "There is no factory yet" in run("export_table", "items", str(tmp_path / "x.csv"))
