"""``python -m planning.engine.warm``: compile all loops once, so that nobody's first plan waits for it;
with ``plans`` or ``requirements``, those of these alone.
"""

import sys
from datetime import UTC, datetime

from planning.engine.build import build_plan
from planning.engine.factory_codec import factory_from_json
from planning.engine.netting.warm import warm_up as warm_up_requirements
from planning.engine.request import BuildRequest
from planning.engine.scheduling.warm import warm_up as warm_up_scheduling
from planning.engine.workforce_plan.nearby import warm_up as warm_up_workforce

SHOP = {
    "format": "factory-1",
    "name": "warm",
    "as_of": "2024-01-01",
    "horizon_end": "2024-03-01",
    "calendars": [{"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}]}],
    "work_centres": [{"code": "BENCH", "calendar": "DAY"}],  # without people, work begins just in time
    "items": [*({"code": code, "kind": "make"} for code in ("A", "B")), {"code": "P", "kind": "buy"}],
    "bom": [{"parent": "A", "component": "P", "qty": 1}],
    "routings": {code: [{"seq": 10, "work_centre": "BENCH", "run_h": 30}] for code in ("A", "B")},
    "customers": [{"code": "C"}],
    "sales_orders": [
        {"ref": ref, "customer": "C", "lines": [{"line": 1, "item": ref[0], "qty": 2, "due": "2024-01-05"}]}
        for ref in ("A1", "A2", "B1")
    ],
}


def warm_up() -> None:
    """Schedule the smallest instance, net an item, and plan a shop."""
    warm_up_scheduling()
    warm_up_requirements()
    warm_up_plans()


def warm_up_plans() -> None:
    """Plan a shop in which orders of one item and of two are late on one bench, and one takes a part."""
    warm_up_workforce()
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    build_plan(factory_from_json(SHOP), BuildRequest(version=1, created_at=moment, work_budget=2))


if __name__ == "__main__":
    {"plans": warm_up_plans, "requirements": warm_up_requirements}.get("".join(sys.argv[1:]), warm_up)()
