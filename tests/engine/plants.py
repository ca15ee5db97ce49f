"""Small plants for tests of single engine stages; a test changes only what it is about.

The plant, planned on Monday 2024-01-01 until 2024-04-01, in UTC, open Monday to Friday 08:00 to 16:00:
DRIVE = 1 PART; 2 h at the one BENCH by one of two ASM. PART is bought at 10, there at once.
"""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from planning.engine.build import build_plan
from planning.engine.factory import Factory
from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import factory_from_json, resolve
from planning.engine.plan import Plan
from planning.engine.request import BuildRequest
from planning.engine.shop import Shop, compile_shop
from planning.engine.timegrid import DAY

Row = dict[str, Any]

PLANT: Row = {
    "format": "factory-1",
    "name": "Plant",
    "as_of": "2024-01-01",
    "horizon_end": "2024-04-01",
    "calendars": [{"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}]}],
    "skills": [{"code": "ASM", "headcount": 2, "wage_per_hour": 20}],
    "work_centres": [{"code": "BENCH", "calendar": "DAY"}],
    "items": [{"code": "PART", "kind": "buy", "unit_cost": 10}, {"code": "DRIVE", "kind": "make"}],
    "bom": [{"parent": "DRIVE", "component": "PART", "qty": 1}],
    "routings": {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 2}]},
    "suppliers": [{"code": "ACME"}],
    "customers": [{"code": "C1"}],
    "sales_orders": [],
}

ALWAYS: Row = {
    "code": "ALWAYS",
    "shifts": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"}],
}


def plant(**sections: Any) -> Factory:
    """The plant with ``sections`` in place of its own, checked and resolved."""
    factory = factory_from_json(deepcopy(PLANT) | deepcopy(sections))
    issues = check_factory(factory)
    assert not issues, [str(issue) for issue in issues]
    return resolve(factory)


def shop_of(**sections: Any) -> Shop:
    """``plant``, compiled."""
    return compile_shop(plant(**sections))


def sold(item: str, *dated: tuple[str, float], ref: str = "SO-1", **line: Any) -> Row:
    """A sales order of one line with an instalment for each (due, quantity)."""
    row: Row = {"line": 1, "item": item, "qty": sum(qty for _, qty in dated)}
    row["instalments"] = [{"due": due, "qty": qty} for due, qty in dated]
    return {"ref": ref, "customer": "C1", "lines": [row | line]}


def built(factory: Factory, *, rounds: int = 1, **request: Any) -> Plan:
    """A plan of ``factory`` after few rounds of search."""
    created = datetime(2024, 1, 1, 6, tzinfo=UTC)
    return build_plan(factory, BuildRequest(version=1, created_at=created, work_budget=rounds, **request))


def said(plan: Plan) -> Plan:
    """A plan without what is not decided: when it was made, and how long that took."""
    stages = {
        name: getattr(plan.certificate, name).model_copy(update={"seconds": 0})
        for name in ("material", "aggregate", "schedule")
    }
    return plan.model_copy(update={"certificate": plan.certificate.model_copy(update=stages)})


def at(day: int, clock: str = "00:00") -> int:
    """The minute of ``clock`` so many days after the planning date, where no clock changes."""
    return day * DAY + int(clock[:2]) * 60 + int(clock[3:])
