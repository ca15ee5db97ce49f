"""``python -m planning.engine.warm``: compile all loops once, so that nobody's first plan waits for it."""

from datetime import UTC, datetime

from planning.engine.build import build_plan
from planning.engine.factory_codec import factory_from_json
from planning.engine.request import BuildRequest
from planning.engine.scheduling.warm import warm_up as warm_up_scheduling

SHOP = {
    "format": "factory-1",
    "name": "warm",
    "as_of": "2024-01-01",
    "horizon_end": "2024-03-01",
    "calendars": [{"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}]}],
    "work_centres": [{"code": "BENCH", "calendar": "DAY"}],
    "items": [{"code": code, "kind": "make"} for code in ("A", "B")],
    "routings": {code: [{"seq": 10, "work_centre": "BENCH", "run_h": 30}] for code in ("A", "B")},
    "customers": [{"code": "C"}],
    "sales_orders": [
        {"ref": code, "customer": "C", "lines": [{"line": 1, "item": code, "qty": 2, "due": "2024-01-05"}]}
        for code in ("A", "B")
    ],
}


def warm_up() -> None:
    """Schedule the smallest instance, and plan a shop in which two orders are late on one bench."""
    warm_up_scheduling()
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    build_plan(factory_from_json(SHOP), BuildRequest(version=1, created_at=moment, work_budget=2))


if __name__ == "__main__":
    warm_up()
