"""The random factories of ``random_factories`` with all that deepens material planning mixed in.

``random_deep_factory(seed)`` has, here and there, every lot rule with its cost of an order, safety stock and
safety time, fences, substitutes, by-products, firm orders, made items that somebody sells as well, suppliers
who count in working days, price breaks, and bills of materials that change on a day, phantoms included. It is
valid by construction, and the same seed gives the same factory.
"""

import random
from datetime import date, timedelta
from typing import Any

from planning.engine.factory import Factory
from planning.engine.factory_codec import factory_from_json
from tests.engine.random_factories import Maker, Row

LEVELS = ("TOP", "MID", "LOW", "PHANTOM", "PART", "CHIPS")
RULES = ("lot_for_lot", "fixed_period", "wagner_whitin", "silver_meal")


def random_deep_factory(seed: int) -> Factory:
    """The factory of ``seed``."""
    return factory_from_json(random_deep_rows(seed))


def random_deep_rows(seed: int) -> Row:
    """The factory of ``seed`` as factory-1 rows, for a test that changes some of them."""
    return DeepMaker(random.Random(f"deep {seed}")).factory()


def level(code: str) -> int:
    """How deep an item stands: what it is made of stands deeper."""
    return LEVELS.index(code.rstrip("0123456789"))


class DeepMaker(Maker):
    """Draws a factory, and then what deepens it."""

    def factory(self) -> Row:
        rows = super().factory()
        rows["bom"] = self.revisions(rows["bom"])
        for row in rows["bom"]:
            self.deepen_bom(row, rows["items"])
        rows["by_products"] = self.by_products(rows)
        rows["sources"] += self.sources_of_made_items()
        for row in rows["sources"]:
            self.deepen_source(row)
        bought_too = {row["item"] for row in rows["sources"]}
        for row in rows["items"]:
            self.deepen_item(row, is_bought_too=row["code"] in bought_too and row["kind"] == "make")
        rows["firm_orders"] = self.firm_orders(rows["sources"])
        return rows

    # --- items and sources ---------------------------------------------------------------------------

    def deepen_item(self, row: Row, *, is_bought_too: bool) -> None:
        if row["kind"] == "phantom":
            return
        if self.chance(0.6):
            row["lot_rule"] = self.pick(RULES)
            if row["lot_rule"] == "fixed_period":
                row["group_days"] = self.pick((1, 7, 30))
            row["order_cost"] = self.pick((0, 5, 80, 2500))
        if self.chance(0.25):
            row["safety_days"] = self.pick((1, 5, 20))
        if self.chance(0.25):
            row["fence_days"] = self.pick((1, 10, 40))
        if self.chance(0.3):
            row["safety_stock"] = self.pick((0.5, 3, 12))
        if is_bought_too:
            row["make_priority"] = self.pick((0, 1, 2, 3))

    def sources_of_made_items(self) -> list[Row]:
        found: dict[tuple[object, ...], Row] = {}
        for item, kind in self.kinds.items():
            if kind != "make" or not self.chance(0.35):
                continue
            for _ in range(self.pick((1, 1, 2))):
                row: Row = {
                    "item": item,
                    "supplier": self.pick(("ACME", "BOLTS", "CASTS")),
                    "lead_time_days": self.pick((0, 6, 25, 70)),
                    "priority": self.pick((1, 2, 3)),
                    "unit_cost": self.pick((45, 320, 5000)),
                }
                if self.chance(0.3):
                    row["min_order"] = self.pick((2, 10))
                if self.chance(0.2):
                    row["capacity_per_week"] = self.pick((1, 6, 40))
                self.dates(row, 0.3)
                found[item, row["supplier"], row.get("from")] = row
        return list(found.values())

    def deepen_source(self, row: Row) -> None:
        if self.chance(0.4):
            row["lead_time_calendar"] = self.pick(self.calendar_codes)
        if self.chance(0.3):
            least = self.pick((2, 10, 40))
            cost = self.pick((4, 60))
            row["price_breaks"] = [
                {"from_qty": least, "unit_cost": cost},
                {"from_qty": 5 * least, "unit_cost": cost * 0.75},
            ]

    # --- bills of materials --------------------------------------------------------------------------

    def revisions(self, bom: list[Row]) -> list[Row]:
        """Some rows that always count get an end, and most of those a successor, at once or after a gap."""
        found = []
        for row in bom:
            found.append(row)
            if "from" in row or "to" in row or not self.chance(0.25):
                continue
            row["to"] = self.day(-10, self.days)
            begin = date.fromisoformat(row["to"]) + timedelta(days=self.pick((0, 0, 0, 9)))
            if self.chance(0.8):
                following = row | {"from": begin.isoformat(), "qty": self.pick((1, 2, 0.75))}
                del following["to"]
                found.append(following)
        # the base may have drawn a successor of its own for the same operation: the first one stands
        return list(
            {(r["parent"], r["component"], r.get("operation"), r.get("from")): r for r in found}.values()
        )

    def deepen_bom(self, row: Row, items: list[Row]) -> None:
        if self.chance(0.2):
            row["uom"] = next(each["uom"] for each in items if each["code"] == row["component"])
        stocked = [
            code
            for code, kind in self.kinds.items()
            if kind != "phantom" and level(code) > level(row["parent"]) and code != row["component"]
        ]
        if self.kinds[row["component"]] == "phantom" or not stocked or not self.chance(0.3):
            return
        row["substitutes"] = [
            {"item": code, "qty": self.pick((row["qty"], 1, 3, 0.4)), "priority": self.pick((1, 1, 2))}
            for code in self.random.sample(stocked, min(len(stocked), self.pick((1, 1, 2))))
        ]

    def by_products(self, rows: Row) -> list[Row]:
        """Offcuts that nobody buys, and things that something else needs."""
        if self.chance(0.5):
            rows["items"].append(
                {"code": "CHIPS0", "kind": "buy", "uom": "kg", "unit_cost": self.pick((0, 2))}
            )
        stocked = [row["code"] for row in rows["items"] if row["kind"] != "phantom"]
        found: dict[tuple[object, ...], Row] = {}
        for parent in [code for code, kind in self.kinds.items() if kind == "make"]:
            deeper = [code for code in stocked if level(code) > level(parent)]
            for _ in range(self.pick((0, 0, 1, 1, 2)) if deeper else 0):
                row: Row = {
                    "parent": parent,
                    "item": self.pick(deeper),
                    "qty": self.pick((1, 0.25, 0.333333)),
                }
                self.dates(row, 0.3)
                found[parent, row["item"], row.get("from")] = row
        return list(found.values())

    # --- what a planner has fixed --------------------------------------------------------------------

    def firm_orders(self, sources: list[Row]) -> list[Row]:
        found = []
        for item, kind in self.kinds.items():
            sellers = sorted({row["supplier"] for row in sources if row["item"] == item})
            if kind == "phantom" or not self.chance(0.25):
                continue
            is_made = kind == "make" and not (sellers and self.chance(0.5))
            row: Row = {"ref": f"FIRM-{item}", "item": item, "kind": "make" if is_made else "buy"}
            row |= {"qty": self.pick((1, 3, 15, 2.5)), **self.firm_days()}
            if not is_made and sellers:
                row["supplier"] = self.pick(sellers)
            found.append(row)
        return found

    def firm_days(self) -> dict[str, Any]:
        due = self.random.randint(-10, self.days)
        days = {"due": (self.as_of + timedelta(days=due)).isoformat()}
        if self.chance(0.5):
            release = self.as_of + timedelta(days=due - self.pick((0, 3, 30)))
            days["release"] = release.isoformat()
        return days
