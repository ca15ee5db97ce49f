"""``verify_plan`` tells anyone who has the two files whether a plan holds."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from planning.engine.factory_codec import dump_factory
from planning.engine.plan import dump_plan
from tests.engine.builders import make_factory, make_plan


@pytest.fixture
def files(tmp_path):
    def write(plan):
        (tmp_path / "factory.json").write_text(dump_factory(make_factory()))
        (tmp_path / "plan.json").write_text(dump_plan(plan))
        return str(tmp_path / "factory.json"), str(tmp_path / "plan.json")

    return write


def test_a_plan_that_holds_is_told_with_its_cost(files):
    out = StringIO()

    call_command("verify_plan", *files(make_plan()), stdout=out)

    lines = [line.split() for line in out.getvalue().splitlines()]
    assert ["total", "44,506.10", "USD"] in lines
    assert lines[-1] == ["0", "violations"]


def test_a_plan_that_does_not_hold_ends_with_an_error(files):
    out = StringIO()

    with pytest.raises(CommandError, match="1 violations"):
        call_command("verify_plan", *files(make_plan(factory="Other")), stdout=out)

    assert "plan_names_its_factory: Other: is not Tiny" in out.getvalue()


def test_a_file_that_is_not_a_plan_is_refused_with_its_place(files, tmp_path):
    factory, plan = files(make_plan())
    (tmp_path / "plan.json").write_text('{"format": "plan-1"}')

    with pytest.raises(CommandError, match="/factory: Field required"):
        call_command("verify_plan", factory, plan, stdout=StringIO())
