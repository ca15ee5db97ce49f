"""Small random shops that mix all that an operation can be: alternates, families, overlap, crews, batches,
unattended, queue and external time, learning, calendars, closures, lots and released work.

``random_shop_factory(seed)`` is the same for a seed, always.
"""

import random
from datetime import date, timedelta
from typing import Any

from planning.engine.factory import Factory
from planning.engine.factory_codec import factory_from_json

Row = dict[str, Any]
AS_OF = date(2024, 3, 4)
DAYS = 120
FAMILIES = ("RED", "BLUE", "GREEN")


def random_shop_factory(seed: int) -> Factory:
    return factory_from_json(_Shop(random.Random(seed)).factory())


class _Shop:
    def __init__(self, draw: random.Random) -> None:
        self.draw = draw

    def chance(self, share: float) -> bool:
        return self.draw.random() < share

    def pick(self, values: Any) -> Any:
        return self.draw.choice(values)

    def day(self, first: int, last: int) -> str:
        return (AS_OF + timedelta(days=self.draw.randint(first, last))).isoformat()

    def factory(self) -> Row:
        self.centres = [f"W{n}" for n in range(self.draw.randint(1, 4))]
        self.skills = [f"S{n}" for n in range(self.pick((0, 1, 2)))]
        levels = [
            [f"L{level}-{n}" for n in range(self.draw.randint(1, 3))] for level in range(self.pick((1, 2, 3)))
        ]
        self.made = [item for level in levels for item in level]
        routings = {item: self.operations() for item in self.made if self.chance(0.93)}
        return {
            "format": "factory-1",
            "name": "shop",
            "as_of": AS_OF.isoformat(),
            "horizon_end": (AS_OF + timedelta(days=DAYS)).isoformat(),
            "time_zone": self.pick(("UTC", "Europe/Berlin")),
            "calendars": self.calendars(),
            "skills": [self.skill(code) for code in self.skills],
            "staffing": self.staffing(),
            "work_centres": [self.centre(code) for code in self.centres],
            "items": [
                {"code": "PART", "kind": "buy", "unit_cost": 3},
                *(self.item(code) for code in self.made),
            ],
            "sources": [{"item": "PART", "supplier": "ACME", "lead_time_days": self.pick((0, 5, 20))}],
            "bom": self.bom(levels, routings),
            "routings": routings,
            "setup_times": self.setup_times(),
            "suppliers": [{"code": "ACME"}],
            "customers": [{"code": "C1", "priority": 1}, {"code": "C2"}],
            "sales_orders": [self.order(number, levels[0]) for number in range(self.draw.randint(1, 6))],
            "stock": [{"item": code, "qty": self.pick((1, 4))} for code in self.made if self.chance(0.15)],
            "work_orders": [self.work_order(code, routings) for code in self.made if self.chance(0.25)],
        }

    def calendars(self) -> list[Row]:
        week = {"days": [0, 1, 2, 3, 4], "start": "07:00", "end": "15:00"}
        closures = [
            {"from": self.day(5, 20), "to": (AS_OF + timedelta(days=24)).isoformat(), "name": "closed"}
        ]
        night = {"days": [0, 1, 2, 3], "start": "22:00", "end": "05:00"}
        always = {"days": list(range(7)), "start": "00:00", "end": "00:00"}
        return [
            {"code": "DAY", "shifts": [week], "closures": closures if self.chance(0.4) else []},
            {
                "code": "NIGHT",
                "shifts": [night],
                "extra_shifts": [{"date": self.day(1, 9), "start": "09:00", "end": "12:30"}],
            },
            {"code": "ALWAYS", "shifts": [always]},
        ]

    def skill(self, code: str) -> Row:
        return {
            "code": code,
            "headcount": self.draw.randint(1, 4),
            "wage_per_hour": 20,
            "hours_per_day": self.pick((6, 8, 8)),
            "calendar": self.pick(("DAY", "ALWAYS")),
            "learning_rate": self.pick((1, 1, 0.85, 0.7)),
            "overtime_max_share": self.pick((0, 0.25)),
        }

    def staffing(self) -> Row:
        return {"can_hire": self.chance(0.5), "hire_lead_days": self.pick((0, 30)), "hire_cost": 500}

    def centre(self, code: str) -> Row:
        return {
            "code": code,
            "stations": self.pick((1, 1, 2, 3)),
            "calendar": self.pick(("DAY", "DAY", "NIGHT", "ALWAYS")),
            "batch": self.pick((1, 1, 3)),
            "efficiency": self.pick((1, 1, 0.8)),
            "cost_per_hour": self.pick((0, 12)),
        }

    def item(self, code: str) -> Row:
        row: Row = {"code": code, "kind": "make", "units_made": self.pick((0, 0, 7))}
        if self.chance(0.2):
            row["min_order"] = self.pick((3, 8))
        if self.chance(0.2):
            row["order_multiple"] = self.pick((2, 5))
        if self.chance(0.1):
            row["lead_time_days"] = 3
        return row

    def operations(self) -> list[Row]:
        return [self.operation(10 * n) for n in range(1, self.draw.randint(1, 4) + 1)]

    def operation(self, seq: int) -> Row:
        if self.chance(0.1):
            return {"seq": seq, "external_days": self.pick((0, 2)), "queue_h": self.pick((0, 5))}
        row: Row = {
            "seq": seq,
            "work_centre": self.pick(self.centres),
            "setup_h": self.pick((0, 0.25, 2)),
            "run_h": self.pick((0, 0.1, 0.7, 3, 7)),
            "lot": self.pick((1, 4, 10)),
            "queue_h": self.pick((0, 0, 1.5)),
            "unattended_h": self.pick((0, 0, 0, 2.5)),
            "overlap": self.chance(0.35),
        }
        if self.skills and self.chance(0.7):
            row |= {"skill": self.pick(self.skills), "crew": self.pick((1, 1, 2))}
        others = [code for code in self.centres if code != row["work_centre"]]
        if others and self.chance(0.4):
            codes = self.draw.sample(others, min(len(others), self.pick((1, 2))))
            row["alternates"] = [{"work_centre": code, "speed": self.pick((0.5, 1, 1.4))} for code in codes]
        if self.chance(0.5):
            row["setup_family"] = self.pick(FAMILIES)
        return row

    def setup_times(self) -> list[Row]:
        pairs = [(w, a, b) for w in self.centres for a in FAMILIES for b in FAMILIES if self.chance(0.3)]
        return [
            {"work_centre": w, "from_family": a, "to_family": b, "hours": self.pick((0, 0.5, 4))}
            for w, a, b in pairs
        ]

    def bom(self, levels: list[list[str]], routings: dict[str, list[Row]]) -> list[Row]:
        found = []
        for above, level in enumerate(levels):
            below = levels[above + 1] if above + 1 < len(levels) else ["PART"]
            for parent in level:
                row: Row = {"parent": parent, "component": self.pick(below), "qty": self.pick((1, 2))}
                if parent in routings and self.chance(0.4):
                    row["operation"] = self.pick(routings[parent])["seq"]
                found.append(row)
        return found

    def order(self, number: int, tops: list[str]) -> Row:
        line: Row = {
            "line": 1,
            "item": self.pick(tops),
            "qty": self.pick((1, 2, 5, 12)),
            "due": self.day(2, 70),
        }
        if self.chance(0.4):
            line |= {"late_cost_per_day": self.pick((10, 200)), "late_cost_fixed": self.pick((0, 900))}
        return {"ref": f"SO{number}", "customer": self.pick(("C1", "C2")), "lines": [line]}

    def work_order(self, item: str, routings: dict[str, list[Row]]) -> Row:
        row: Row = {"ref": f"WO-{item}", "item": item, "qty": self.pick((2, 9, 30)), "due": self.day(1, 40)}
        if item in routings and self.chance(0.4):
            row["done_through_seq"] = self.pick(routings[item])["seq"]
        return row | {"components_issued": self.chance(0.5)}


def random_shop_with_events(seed: int) -> Factory:
    """The same shop, with stations down, people absent and operations pinned."""
    values = _Shop(random.Random(seed)).factory()
    return factory_from_json(values | _events(random.Random(seed + 1_000_000), values))


def _events(draw: random.Random, values: Row) -> Row:
    def moment(first: int, last: int) -> str:
        day = AS_OF + timedelta(days=draw.randint(first, last))
        return f"{day}T{draw.randint(0, 23):02d}:{draw.choice((0, 17, 30)):02d}:00+00:00"

    downtimes = [
        {"work_centre": row["code"], "from": moment(begin, begin + 9), "to": moment(begin + 10, begin + 24)}
        | ({"station": draw.randint(1, row["stations"])} if draw.random() < 0.7 else {})
        for row in values["work_centres"]
        for begin in draw.sample((0, 30, 60), k=draw.choice((0, 1, 2)))
    ]
    absences = [
        {
            "skill": row["code"],
            "heads": draw.choice((1, 0.5, 3)),
            "from": (AS_OF + timedelta(days=begin)).isoformat(),
            "to": (AS_OF + timedelta(days=begin + draw.randint(1, 40))).isoformat(),
        }
        for row in values["skills"]
        for begin in draw.sample((0, 12, 50), k=draw.choice((0, 1)))
    ]
    pins = [
        {"order": row["ref"], "seq": operation["seq"], "start": moment(1, 20)}
        for row in values["work_orders"]
        for operation in values["routings"].get(row["item"], ())
        if draw.random() < 0.4 and operation["seq"] > row.get("done_through_seq", 0)
    ]
    return {"downtimes": downtimes, "absences": absences, "pinned_operations": pins}
