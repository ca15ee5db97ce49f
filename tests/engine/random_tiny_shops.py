"""Random shops that are small enough for ``exhaustive_shop``, one per seed: at most eight operations.

Each of ``FEATURES`` may be left out: without any there are two or three orders of one unit on two stations
that never close.
"""

import random
from datetime import date, timedelta
from typing import Any

from planning.engine.factory import Factory
from tests.engine.plants import ALWAYS, PLANT, plant

Row = dict[str, Any]
AS_OF = date(2024, 3, 28)  # a Thursday: clocks go forward on Sunday in Berlin
FEATURES = (
    "families",
    "alternates",
    "overlap",
    "crews",
    "absences",
    "batches",
    "unattended",
    "calendars",
    "stations",
    "queues",
    "components",
    "subcontracting",
)
FAMILIES = ("RED", "BLUE")
CENTRES = ("SAW", "MILL")
MOST_OPERATIONS = 8


def random_tiny_shop(seed: int, features: tuple[str, ...] = FEATURES) -> Factory:
    """The shop of ``seed`` with those of ``features`` that it draws, each in about half of all shops."""
    draw = random.Random(f"shop {seed}")
    while True:
        drawn = [each for each in FEATURES if draw.random() < 0.5]
        sections = _Shop(draw, {each for each in drawn if each in features}).sections()
        if _operations(sections) <= MOST_OPERATIONS:
            return plant(**sections)


def _operations(sections: Row) -> int:
    """Operations when every unit is a lot of its own."""
    lines = [order["lines"][0] for order in sections["sales_orders"]]
    quantities = {line["item"]: line["qty"] for line in lines}
    quantities["MID"] = quantities["JOB0"]
    return sum(quantities[item] * len(rows) for item, rows in sections["routings"].items())


class _Shop:
    def __init__(self, draw: random.Random, features: set[str]) -> None:
        self.draw, self.features = draw, features

    def has(self, feature: str, share: float = 0.6) -> bool:
        return feature in self.features and self.draw.random() < share

    def day(self, days: int) -> str:
        return (AS_OF + timedelta(days=days)).isoformat()

    def sections(self) -> Row:
        items = [f"JOB{n}" for n in range(self.draw.randint(2, 4))]
        made = [*items, "MID"] if "components" in self.features else items
        routings = {item: self.operations() for item in made}
        return {
            "as_of": AS_OF.isoformat(),
            "horizon_end": self.day(60),
            "time_zone": "Europe/Berlin" if "calendars" in self.features else "UTC",
            "calendars": self.calendars(),
            "skills": self.skills(),
            "staffing": {"can_hire": False},
            "work_centres": [self.centre(code) for code in CENTRES],
            "items": [
                *({"code": item, "kind": "make"} for item in made),
                {"code": "PART", "kind": "buy", "lead_time_days": self.draw.randint(1, 3)},
            ],
            "bom": self.bom(routings),
            "routings": routings,
            "setup_times": self.setup_times(),
            "sales_orders": [self.order(item) for item in items],
            "absences": self.absences(),
        }

    def calendars(self) -> list[Row]:
        if "calendars" not in self.features:
            return [ALWAYS]
        begin = self.draw.randint(1, 4)
        closures = [{"from": self.day(begin), "to": self.day(begin + self.draw.randint(1, 3))}]
        night = {"days": [0, 2, 4, 5, 6], "start": "20:00", "end": "06:00"}
        return [
            ALWAYS,
            PLANT["calendars"][0] | {"closures": closures},
            {"code": "NIGHT", "shifts": [night]},
        ]

    def skills(self) -> list[Row]:
        if "crews" not in self.features:
            return []
        row = {"code": "ASM", "headcount": self.draw.randint(2, 3), "calendar": "ALWAYS"}
        return [row | {"hours_per_day": 24, "labour_efficiency": 5}]  # hours of a month are no limit

    def absences(self) -> list[Row]:
        if not {"crews", "absences"} <= self.features:
            return []
        first = self.draw.randint(0, 3)
        row = {"skill": "ASM", "heads": self.draw.choice((0.5, 1, 2)), "from": self.day(first)}
        return [row | {"to": self.day(first + self.draw.randint(1, 3))}]

    def centre(self, code: str) -> Row:
        calendar = self.draw.choice(("DAY", "NIGHT", "ALWAYS")) if "calendars" in self.features else "ALWAYS"
        row: Row = {"code": code, "calendar": calendar}
        if self.has("stations"):
            row["stations"] = 2
        if self.has("batches"):
            row["batch"] = 2
        return row

    def operations(self) -> list[Row]:
        return [self.operation(10 * n) for n in range(1, self.draw.choice((1, 2, 2, 2, 3)) + 1)]

    def operation(self, seq: int) -> Row:
        if self.has("subcontracting", 0.2):
            return {"seq": seq, "external_days": self.draw.randint(1, 2)}
        centre = self.draw.choice(CENTRES)
        row: Row = {"seq": seq, "work_centre": centre, "run_h": self.draw.randint(2, 20)}
        row["setup_h"] = self.draw.choice((0, 0, 3))
        if self.has("families", 0.9):
            row |= {"setup_family": self.draw.choice(FAMILIES), "setup_h": self.draw.choice((2, 5, 9))}
        if self.has("alternates"):
            (other,) = set(CENTRES) - {centre}
            row["alternates"] = [{"work_centre": other, "speed": self.draw.choice((0.5, 0.8, 1, 1.6))}]
        if self.has("crews", 0.8):
            row |= {"skill": "ASM", "crew": self.draw.randint(1, 2)}
        if self.has("unattended"):
            row["unattended_h"] = self.draw.choice((2, 7))
        if self.has("queues"):
            row["queue_h"] = self.draw.choice((1, 6, 30))
        if self.has("overlap", 0.8):
            row["overlap"] = True
        return row

    def setup_times(self) -> list[Row]:
        if "families" not in self.features:
            return []
        return [
            {"work_centre": centre, "from_family": a, "to_family": b, "hours": self.draw.choice((1, 8, 16))}
            for centre in CENTRES
            for a in FAMILIES
            for b in FAMILIES
            if self.draw.random() < 0.4
        ]

    def bom(self, routings: dict[str, list[Row]]) -> list[Row]:
        if "components" not in self.features:
            return []
        return [
            {
                "parent": parent,
                "component": part,
                "qty": 1,
                "operation": self.draw.choice(routings[parent])["seq"],
            }
            for parent, part in (("JOB0", "MID"), ("JOB1", "PART"))
        ]

    def order(self, item: str) -> Row:
        most = 2 if self.features & {"overlap", "batches", "stations"} else 1
        line: Row = {"line": 1, "item": item, "qty": self.draw.randint(1, most)}
        line["due"] = self.day(self.draw.randint(0, 4))
        line |= {"late_cost_per_day": self.draw.choice((10, 50, 200))}
        line |= {"late_cost_fixed": self.draw.choice((0, 300))}
        return {"ref": f"SO-{item}", "customer": "C1", "lines": [line]}
