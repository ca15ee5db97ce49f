"""Factories of the comparison's kind with any number of orders; stations and stock grow with them."""

import json
import random
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from planning.engine.factory import Factory
from planning.engine.factory_codec import factory_from_json, read_factory

COMPARISON = Path(__file__).parent / "data" / "comparison"
BASE = "drive_n200"
BASE_ORDERS = 200
LAST_DUE = date(2012, 12, 28)


def comparison_factory(name: str) -> Factory:
    """A factory of the comparison as it is."""
    return read_factory((COMPARISON / f"{name}.json").read_bytes())


def drive_factory(orders: int, seed: int = 1) -> Factory:
    """``orders`` like those of the larger comparison factory, due up to nine days off, in a plant that
    has grown with them.
    """
    base: dict[str, Any] = json.loads((COMPARISON / f"{BASE}.json").read_text())
    draw = random.Random(seed)
    growth = orders / BASE_ORDERS
    made = deepcopy(base) | {"name": f"drive_{orders}_{seed}", "sales_orders": []}
    for row in made["work_centres"]:
        row["stations"] = max(1, round(row["stations"] * growth))
    for row in made["stock"]:
        row["qty"] = round(row["qty"] * growth)
    for number in range(orders):
        order = deepcopy(base["sales_orders"][number % BASE_ORDERS])
        order["ref"] = f"SO-{number:06d}"
        for line in order["lines"]:
            due = date.fromisoformat(line["due"]) + timedelta(days=draw.randint(-9, 9))
            line["due"] = min(due, LAST_DUE).isoformat()
        made["sales_orders"].append(order)
    return factory_from_json(made)
