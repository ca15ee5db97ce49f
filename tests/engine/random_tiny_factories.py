"""Random factories that are small enough for the exhaustive search of ``exhaustive_material``, one per seed.

TOP is made of MID and parts, MID of parts; nothing has a routing. Lot sizes, sources, fences, dated bills and
the like are mixed in as ``deep`` says: without it only what was there before material planning was deepened.
"""

import random
from datetime import date, timedelta

from planning.engine.factory import Factory
from planning.engine.factory_codec import factory_from_json
from tests.engine.random_factories import Maker, Row

WORKDAYS = {"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "07:00", "end": "15:00"}]}


def random_tiny_factory(seed: int, *, deep: bool = True, demands: int = 4) -> Factory:
    """The factory of ``seed`` with at most ``demands`` demands."""
    return factory_from_json(TinyMaker(random.Random(f"tiny {seed}"), deep=deep, demands=demands).factory())


class TinyMaker(Maker):
    """Draws a factory of at most four stocked items."""

    def __init__(self, source: random.Random, *, deep: bool, demands: int) -> None:
        super().__init__(source)
        self.deep = deep
        self.demands = demands
        self.days = 120
        self.horizon_end = self.as_of + timedelta(days=self.days)

    def factory(self) -> Row:
        self.parts = ["PART0", "PART1"][: self.random.randint(1, 2)]
        self.made = ["TOP", "MID"] if self.chance(0.7) else ["TOP"]
        self.has_kit = self.chance(0.3)
        closed = [{"from": self.day(0, 20), "to": self.day(21, 30)}] if self.chance(0.4) else []
        return {
            "format": "factory-1",
            "name": "Random",
            "as_of": self.as_of.isoformat(),
            "horizon_end": self.horizon_end.isoformat(),
            "calendars": [WORKDAYS | {"closures": closed}],
            "items": self.items(),
            "sources": self.sources(),
            "bom": self.bills(),
            "suppliers": [{"code": "ACME"}, {"code": "BOLTS"}],
            "customers": [{"code": "C1"}],
            "sales_orders": self.sales_orders(),
            "stock": self.stock(),
            "purchase_orders": self.purchase_orders(),
        }

    def items(self) -> list[Row]:
        rows = [self.item(code, "make") for code in self.made] + [
            self.item(code, "buy") for code in self.parts
        ]
        return rows + ([{"code": "KIT", "kind": "phantom"}] if self.has_kit else [])

    def item(self, code: str, kind: str) -> Row:
        row: Row = {"code": code, "kind": kind, "lead_time_days": self.pick((0, 1, 4, 9)), "unit_cost": 3}
        if self.chance(0.3):
            row["lead_time_calendar"] = "DAY"
        if self.chance(0.3):
            row["min_order"] = self.pick((2, 4))
        if self.chance(0.2):
            row["order_multiple"] = self.pick((2, 3))
        if kind == "make" and self.chance(0.2):
            row["earliest_production"] = self.day(-5, 25)
        if self.deep and self.chance(0.4):
            row["fence_days"] = self.pick((1, 5, 12))
        return row

    def sources(self) -> list[Row]:
        found: dict[tuple[str, str], Row] = {}
        bought = self.parts + (self.made if self.deep and self.chance(0.4) else [])
        for item in [item for item in bought if self.chance(0.7)]:
            for _ in range(self.pick((1, 1, 2))):
                row: Row = {
                    "item": item,
                    "supplier": self.pick(("ACME", "BOLTS")),
                    "priority": self.pick((1, 2)),
                }
                row["lead_time_days"] = self.pick((0, 2, 7, 15))
                if self.chance(0.3):
                    row["capacity_per_week"] = self.pick((3, 6, 12))
                if self.deep and self.chance(0.4):
                    row["lead_time_calendar"] = "DAY"
                if self.chance(0.3):
                    begin = self.random.randint(-10, 25)
                    row["from"] = (self.as_of + timedelta(days=begin)).isoformat()
                    if self.chance(0.3):
                        row["to"] = (self.as_of + timedelta(days=begin + 40)).isoformat()
                found[item, row["supplier"]] = row
        return list(found.values())

    def bills(self) -> list[Row]:
        found: list[Row] = []
        for parent, components in self.structure().items():
            for component in components:
                row: Row = {"parent": parent, "component": component, "qty": self.pick((1, 1, 2))}
                if self.chance(0.15):
                    row["scrap"] = 0.25
                # one bill with substitutes and one that changes: trying everything would take too long
                is_first = self.deep and not any("substitutes" in each for each in found)
                if is_first and component in self.parts and self.chance(0.4) and self.parts[1:]:
                    other = self.parts[1 - self.parts.index(component)]
                    row["substitutes"] = [{"item": other, "qty": self.pick((row["qty"], 2))}]
                is_fixed = not any("to" in each for each in found)
                found += self.revised(row) if is_fixed and self.chance(0.3) else [row]
        return found

    def structure(self) -> dict[str, list[str]]:
        below = {"TOP": [*self.made[1:], *self.parts], "MID": list(self.parts), "KIT": list(self.parts)}
        found = {"TOP": self.some(below["TOP"])}
        if "MID" in self.made:
            found["MID"] = self.some(below["MID"])
        if self.has_kit:
            found["KIT"] = self.some(below["KIT"])
            found[self.pick(self.made)].append("KIT")
        return found

    def some(self, codes: list[str]) -> list[str]:
        return self.random.sample(codes, self.random.randint(1, len(codes)))

    def revised(self, row: Row) -> list[Row]:
        change = self.day(1, 25)
        return [row | {"to": change}, row | {"from": change, "qty": self.pick((1, 2))}]

    def sales_orders(self) -> list[Row]:
        found = []
        for number in range(self.random.randint(1, self.demands)):
            item = self.pick(self.made + self.parts) if self.chance(0.3) else "TOP"
            line = {"line": 1, "item": item, "qty": self.pick((1, 2, 3, 5)), "due": self.day(0, 20)}
            found.append({"ref": f"SO{number}", "customer": "C1", "lines": [line]})
        return found

    def stock(self) -> list[Row]:
        return [
            {"item": code, "qty": self.pick((1, 3, 6))} for code in self.made + self.parts if self.chance(0.4)
        ]

    def purchase_orders(self) -> list[Row]:
        return [
            {
                "ref": f"PO-{code}",
                "supplier": "ACME",
                "item": code,
                "qty": self.pick((2, 5)),
                "due": self.day(-5, 20),
            }
            for code in self.parts
            if self.chance(0.3)
        ]


def first_wanted(factory: Factory) -> date:
    """The due date of the only demand."""
    ((line,),) = (order.lines for order in factory.sales_orders)
    assert line.due is not None
    return line.due
