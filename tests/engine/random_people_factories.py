"""Random factories with all that factory-1 knows about people, on top of those of ``random_factories``.

``random_people_factory(seed)`` is valid by construction; the same seed gives the same factory.
"""

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from planning.engine.factory import Factory
from planning.engine.factory_codec import factory_from_json
from tests.engine.random_factories import random_rows

Row = dict[str, Any]


def random_people_factory(seed: int) -> Factory:
    """The factory of ``seed``."""
    return factory_from_json(random_people_rows(seed))


def random_people_rows(seed: int) -> Row:
    """The factory of ``seed`` as factory-1 rows."""
    rows = random_rows(seed)
    PeopleMaker(seed, rows).add()
    return rows


class PeopleMaker:
    """Adds temporary people, raises, limits, ways, decisions, cash and milestones to one factory."""

    def __init__(self, seed: int, rows: Row) -> None:
        self.seed, self.random, self.rows = seed, random.Random(f"people {seed}"), rows
        self.as_of = date.fromisoformat(rows["as_of"])
        self.end = date.fromisoformat(rows["horizon_end"])
        self.codes = [row["code"] for row in rows["skills"]]
        first = self.as_of.replace(day=1)
        self.months = [first]
        while (following := (self.months[-1] + timedelta(days=32)).replace(day=1)) < self.end:
            self.months.append(following)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def day(self) -> str:
        return (self.as_of + timedelta(days=self.random.randint(-40, 220))).isoformat()

    def add(self) -> None:
        """Change the rows."""
        for skill in self.rows["skills"]:
            self.skill(skill)
        self.plant(self.rows["staffing"])
        self.ways(self.rows["staffing"])
        self.decisions()
        self.money()
        self.random = random.Random(f"shifts {self.seed}")
        for skill in self.rows["skills"]:
            self.shifts(skill)

    def skill(self, row: Row) -> None:
        if self.chance(0.4):
            row["temp_max_heads"] = self.random.choice((1, 2, 5))
        if self.chance(0.3):
            row["temp_wage_per_hour"] = self.random.choice((5, 30, 90))
        if self.chance(0.4):
            days = {self.day() for _ in range(self.random.randint(1, 3))}
            row["raises"] = [
                {"from": day, "wage_per_hour": self.random.choice((10, 22.5, 41))} for day in sorted(days)
            ]
        if self.chance(0.3):
            row["max_hires"] = self.random.choice((0, 1, 3, 8))
        if self.chance(0.4):
            row["trainer_share"] = self.random.choice((0.1, 0.5, 1))

    def shifts(self, row: Row) -> None:
        if not self.chance(0.4):
            return
        clocks = self.random.choice(
            (("06:00", "14:00"), ("05:30", "13:00", "21:15"), ("06:00", "14:00", "22:00", "06:00"))
        )
        row["shifts"] = [
            {
                "name": f"S{number}",
                "start": start,
                "end": end,
                "premium": self.random.choice((0, 0.1, 0.5)),
                "max_heads": self.random.choice((None, None, 0, 1, 2, 4)),
            }
            for number, (start, end) in enumerate(pairwise(clocks))
        ]

    def plant(self, staffing: Row) -> None:
        if self.chance(0.3):
            staffing["max_hires"] = self.random.choice((1, 2, 6))
        if self.chance(0.3):
            staffing["max_total_heads"] = self.random.choice((3, 8, 15, 25))
        if self.chance(0.3):
            staffing["hiring_budget_per_month"] = self.random.choice((0, 600, 4500, 20000))
        if self.chance(0.3):
            months = self.random.sample(self.months, min(2, len(self.months)))
            staffing["hiring_budgets"] = [
                {"month": f"{month:%Y-%m}", "amount": self.random.choice((0, 1000, 9000))} for month in months
            ]
        if self.chance(0.3):
            staffing["keep_going"] = True

    def ways(self, staffing: Row) -> None:
        pairs = [(a, b) for a in self.codes for b in self.codes if a != b]
        chosen = self.random.sample(pairs, min(len(pairs), self.random.choice((0, 1, 1, 3))))
        staffing["cross_training"] = [
            {
                "from_skill": a,
                "to_skill": b,
                "max_per_month": self.random.choice((1, 2, 5)),
                "weeks": self.random.choice((0, 1.5, 4, 30)),
                "productivity": self.random.choice((0, 0.5, 1)),
                "cost": self.random.choice((0, 250, 2000)),
            }
            for a, b in chosen
        ]

    def decisions(self) -> None:
        pairs = [(code, month) for code in self.codes for month in self.months]
        chosen = self.random.sample(pairs, min(len(pairs), self.random.choice((0, 1, 2, 4))))
        self.rows["hiring_decisions"] = [
            {
                "skill": code,
                "month": f"{month:%Y-%m}",
                "heads": self.random.choice((1, 2, 4)),
                "verdict": self.random.choice(("approved", "locked", "refused")),
            }
            for code, month in chosen
        ]

    def money(self) -> None:
        if self.chance(0.5):
            self.rows["cash"] = {
                "opening": self.random.choice((0, 5000, 1_000_000)),
                "floor": self.random.choice((0, 2000)),
                "customer_days": self.random.choice((0, 30, 45)),
                "supplier_days": self.random.choice((0, 14, 60)),
            }
        prices = {row["code"]: row.get("price") or 0 for row in self.rows["items"]}
        for order in self.rows["sales_orders"]:
            worth = sum(line["qty"] * line.get("unit_price", prices[line["item"]]) for line in order["lines"])
            if worth > 100 and self.chance(0.4):
                order["milestones"] = [
                    {"date": self.day(), "amount": round(worth * 0.2, 2), "name": "deposit"},
                    {"date": self.day(), "amount": round(worth * 0.1, 2)},
                ]
