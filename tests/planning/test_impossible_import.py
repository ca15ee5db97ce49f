"""Impossible rows by the user's door: imported, planned around, and named, with what to do."""

import json
from copy import deepcopy
from io import StringIO

import pytest
from django.core.management import call_command

from planning.engine.plan import read_plan
from tests.engine.plants import PLANT, sold

pytestmark = pytest.mark.django_db(transaction=True)

BAD = {
    "NEVER-OPEN": [{"seq": 10, "work_centre": "SHUT", "run_h": 1}],
    "LARGE-CREW": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "crew": 9, "run_h": 1}],
    "LONG": [{"seq": 10, "work_centre": "BENCH", "run_h": 10**6}],
    "BLOCKS": [{"seq": 10, "work_centre": "BENCH", "unattended_h": 10**6}],
}
NO_TIME = {"NO-OPERATIONS": [], "NO-HOURS": [{"seq": 10, "work_centre": "BENCH"}]}


def test_impossible_rows_are_imported_planned_around_and_named(tmp_path):
    codes = [*BAD, *NO_TIME]
    factory = deepcopy(PLANT) | {
        "items": [*PLANT["items"], *({"code": code, "kind": "make"} for code in codes)],
        "calendars": [*PLANT["calendars"], {"code": "NEVER"}],
        "work_centres": [*PLANT["work_centres"], {"code": "SHUT", "calendar": "NEVER"}],
        "routings": PLANT["routings"] | BAD | NO_TIME,
        "staffing": {"can_hire": False},
        "sales_orders": [sold(code, ("2024-03-01", 2), ref=code) for code in ("DRIVE", *codes)],
    }
    document, answer = tmp_path / "factory.json", tmp_path / "plan.json"
    document.write_text(json.dumps(factory))

    told = StringIO()
    call_command("import_factory", str(document), stdout=told)
    call_command("build_plan", "--local", "--output", str(answer), stdout=told)

    assert "0 violations" in told.getvalue()
    plan = read_plan(answer.read_text())
    promised = {row.item: row.promised and row.promised.isoformat() for row in plan.promises}
    assert promised == dict.fromkeys(BAD) | dict.fromkeys(("DRIVE", *NO_TIME), "2024-03-01")
    errors = {row.entity: row for row in plan.exceptions if row.severity == "error"}
    # PART has neither a source nor a lead time
    assert errors.keys() == {"SHUT", "ASM", "BENCH", "PART", *(f"{code}/1/1" for code in BAD)} | {
        code for code in codes if code in errors
    }
    assert all(row.suggestion for row in errors.values())
    assert "never opens" in errors["SHUT"].text
    assert "needs 9 of skill ASM" in errors["ASM"].text
