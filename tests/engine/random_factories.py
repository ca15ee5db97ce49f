"""Small random factories that mix every feature of factory-1, one per seed.

``random_factory(seed)`` is valid by construction (``check_factory`` finds nothing), but nothing promises that
it can be planned: calendars that never open, skills nobody has and sources that end are part of the mix. The
same seed gives the same factory, so a failing one is named by its number.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from planning.engine.factory import Factory
from planning.engine.factory_codec import factory_from_json

Row = dict[str, Any]

ZONES = ("UTC", "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata")
CALENDARS: tuple[tuple[Row, ...], ...] = (
    ({"days": [0, 1, 2, 3, 4], "start": "07:00", "end": "15:00"},),
    (
        {"days": [0, 1, 2, 3, 4], "start": "06:00", "end": "14:00"},
        {"days": [0, 1, 2, 3], "start": "14:00", "end": "22:00"},
    ),
    ({"days": [0, 1, 2, 3, 4, 5, 6], "start": "22:00", "end": "06:00"},),
    ({"days": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"},),
    (
        {"days": [1, 3, 5], "start": "01:30", "end": "03:15"},
        {"days": [1, 3, 5], "start": "12:00", "end": "20:00"},
    ),
)
NEVER: tuple[Row, ...] = ()


def random_factory(seed: int) -> Factory:
    """The factory of ``seed``."""
    return factory_from_json(random_rows(seed))


def random_rows(seed: int) -> Row:
    """The factory of ``seed`` as factory-1 rows, for a test that changes some of them."""
    return Maker(random.Random(seed)).factory()


class Maker:
    """Draws the sections of one factory."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self.as_of = date(2024, 1, 1) + timedelta(days=source.randrange(365))
        self.days = source.choice((20, 45, 75, 100, 150, 200))
        self.horizon_end = self.as_of + timedelta(days=self.days)

    # --- draws ---------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick[T](self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def day(self, first: int, last: int) -> str:
        return (self.as_of + timedelta(days=self.random.randint(first, last))).isoformat()

    def dates(self, row: Row, share: float) -> None:
        """Effective dates on some rows, around the planning date and the horizon."""
        if self.chance(share):
            begin = self.random.randint(-60, self.days)
            if self.chance(0.6):
                row["from"] = (self.as_of + timedelta(days=begin)).isoformat()
            if self.chance(0.6):
                end = begin + self.random.randint(1, 150)
                row["to"] = (self.as_of + timedelta(days=end)).isoformat()

    # --- sections ------------------------------------------------------------------------------------

    def factory(self) -> Row:
        calendars = self.calendars()
        self.calendar_codes = [row["code"] for row in calendars]
        skills = self.skills()
        self.skill_rows = skills
        self.skill_codes = [row["code"] for row in skills]
        centres = self.centres()
        self.centre_codes = [row["code"] for row in centres]
        items = self.items()
        self.kinds = {row["code"]: row["kind"] for row in items}
        routings = self.routings()
        bom = self.bom(routings)
        suppliers = [{"code": code} for code in ("ACME", "BOLTS", "CASTS")]
        return {
            "format": "factory-1",
            "name": "Random",
            "time_zone": self.pick(ZONES),
            "as_of": self.as_of.isoformat(),
            "horizon_end": self.horizon_end.isoformat(),
            "calendars": calendars,
            "skills": skills,
            "staffing": self.staffing(),
            "work_centres": centres,
            "items": items,
            "sources": self.sources(),
            "bom": bom,
            "routings": routings,
            "suppliers": suppliers,
            "customers": [
                {"code": "FIRST", "priority": 1},
                {"code": "SECOND", "priority": 2},
                {"code": "ANY"},
            ],
            "sales_orders": self.sales_orders(),
            "stock": self.stock(),
            "purchase_orders": self.purchase_orders(),
            "work_orders": self.work_orders(routings),
            "policy": self.policy(),
        }

    def calendars(self) -> list[Row]:
        found = []
        for number in range(self.random.randint(1, 4)):
            shifts = NEVER if self.chance(0.04) else self.pick(CALENDARS)
            row: Row = {"code": f"CAL{number}", "shifts": [dict(shift) for shift in shifts]}
            if self.chance(0.4):
                begin = self.random.randint(-5, self.days)
                closed = begin + self.random.randint(1, 20)
                row["closures"] = [
                    {
                        "from": (self.as_of + timedelta(days=begin)).isoformat(),
                        "to": (self.as_of + timedelta(days=closed)).isoformat(),
                    }
                ]
            if self.chance(0.3):
                row["extra_shifts"] = [
                    {"date": self.day(-3, self.days + 10), "start": "05:00", "end": "13:00"},
                    {"date": self.day(0, self.days), "start": "20:00", "end": "04:00"},
                ]
            found.append(row)
        return found

    def skills(self) -> list[Row]:
        if self.chance(0.08):
            return []
        kinds = ("direct", "direct", "direct", "indirect", "engineering", "overhead")
        found = []
        for number in range(self.random.randint(1, 5)):
            row: Row = {
                "code": f"SKILL{number}",
                "kind": self.pick(kinds) if number else "direct",
                "headcount": self.pick((0, 1, 2, 3, 5, 8)),
                "wage_per_hour": self.pick((0, 20, 37.5, 60)),
                "hours_per_day": self.pick((4, 7.5, 8, 10)),
            }
            if self.chance(0.5):
                row["calendar"] = self.pick(self.calendar_codes)
            row |= {name: value for name, value in self.staffing_rules().items() if self.chance(0.4)}
            found.append(row)
        return found

    def staffing_rules(self) -> Row:
        """A value for every staffing rule that a skill or the plant may have."""
        least = self.pick((0, 0, 0, 1, 3))
        return {
            "can_hire": self.chance(0.75),
            "can_lay_off": self.chance(0.3),
            "min_headcount": least,
            "max_headcount": self.pick((None, None, least, least + 2, 10)),
            "max_hires_per_month": self.pick((None, None, 0, 1, 2, 5)),
            "hire_lead_days": self.pick((0, 0, 14, 30, 45, 400)),
            "hire_cost": self.pick((0, 500, 4000)),
            "training_weeks": self.pick((0, 2, 6.5, 12)),
            "training_productivity": self.pick((0, 0.5, 0.75, 1)),
            "severance_weeks": self.pick((0, 2, 8)),
            "attrition_per_month": self.pick((0, 0, 0.01, 0.1)),
            "absence_rate": self.pick((0, 0.05, 0.2)),
            "labour_efficiency": self.pick((0.6, 0.9, 1, 1.2)),
            "overtime_max_share": self.pick((0, 0.1, 0.25, 1)),
            "overtime_premium": self.pick((1, 1.5, 2)),
            "temp_max_heads": self.pick((0, 0, 0, 2)),
            "learning_rate": self.pick((1, 1, 0.95, 0.8, 0.5)),
            "learning_reference_unit": self.pick((1, 1, 10, 100)),
            "learning_floor_unit": self.pick((None, 1, 50, 300)),
        }

    def staffing(self) -> Row:
        row = {name: value for name, value in self.staffing_rules().items() if self.chance(0.3)}
        row["max_total_hires_per_month"] = self.pick((None, None, None, 0, 1, 3, 8))
        others = [code for code in self.skill_codes[1:] if self.chance(0.5)]
        # direct skills count in what they follow: four of them may ask for less than a head for each
        extra = {row["code"]: 4 if row["kind"] == "direct" else 0 for row in self.skill_rows}
        row["ratios"] = [
            {"skill": code, "per_direct_heads": self.pick((1.5, 4, 10)) + extra[code]}
            for code in others
            if self.chance(0.5)
        ]
        row["ramps"] = [
            {
                "skill": code,
                "target_headcount": self.random.randint(0, 12),
                "max_per_month": self.pick((1, 2, 5)),
            }
            for code in others
            if self.chance(0.5)
        ]
        return row

    def centres(self) -> list[Row]:
        return [
            {
                "code": f"WC{number}",
                "stations": self.pick((1, 1, 2, 3)) if self.chance(0.97) else 0,
                "calendar": self.pick(self.calendar_codes),
                "batch": self.pick((1, 1, 2, 0.5, 12)),
                "efficiency": self.pick((0.7, 1, 1, 1.1)),
                "cost_per_hour": self.pick((0, 0, 12.5)),
            }
            for number in range(self.random.randint(1, 4))
        ]

    def items(self) -> list[Row]:
        """Item names say their level: TOP0 is made of MID*, these of LOW*, and all of PART*."""
        names = [("TOP", "make", self.random.randint(1, 2))]
        names += [("MID", "make", self.random.randint(0, 3)), ("LOW", "make", self.random.randint(0, 2))]
        names += [
            ("PHANTOM", "phantom", self.random.randint(0, 2)),
            ("PART", "buy", self.random.randint(1, 5)),
        ]
        found = []
        for prefix, kind, count in names:
            for number in range(count):
                row: Row = {"code": f"{prefix}{number}", "kind": kind, "uom": self.pick(("pcs", "pcs", "kg"))}
                found.append(row | self.item_rules(kind))
        return found

    def item_rules(self, kind: str) -> Row:
        least = self.pick((0, 0, 0, 2, 5, 2.5))
        multiple = self.pick((None, None, None, 1, 4, 2.5))
        row: Row = {"min_order": least, "order_multiple": multiple}
        if self.chance(0.15):
            row["max_order"] = max(least, self.pick((3, 8, 20)))
        if self.chance(0.2):
            row["safety_stock"] = self.pick((1, 7.25, 20))
        if self.chance(0.2):
            row["group_days"] = self.pick((1, 7, 30))
        if kind == "buy":
            row["unit_cost"] = self.pick((0, 1, 12.34, 900))
        else:
            row["price"] = self.pick((None, 0, 250, 9000))
            row["units_made"] = self.pick((0, 0, 15, 500))
            if self.chance(0.12):
                row["earliest_production"] = self.day(-20, self.days)
        row["lead_time_days"] = self.pick((0, 3, 10, 40))
        if self.chance(0.3):
            row["lead_time_calendar"] = self.pick(self.calendar_codes)
        return row

    def routings(self) -> dict[str, list[Row]]:
        made = [code for code, kind in self.kinds.items() if kind == "make"]
        return {code: self.operations() for code in made if self.chance(0.85)}

    def operations(self) -> list[Row]:
        found = []
        for number in range(1, self.random.randint(1, 3) + 1):
            row: Row = {"seq": number * 10, "queue_h": self.pick((0, 0, 0.25, 24))}
            if self.chance(0.12):
                found.append(row | {"external_days": self.pick((0, 2, 9))})
                continue
            row |= {
                "work_centre": self.pick(self.centre_codes),
                "setup_h": self.pick((0, 0, 0.5, 2)),
                "run_h": self.pick((0, 0.1, 0.7, 2.25, 11)),
                "lot": self.pick((1, 1, 5, 20)),
                "unattended_h": self.pick((0, 0, 0, 1.5, 30)),
            }
            if self.skill_codes and self.chance(0.8):
                row |= {"skill": self.pick(self.skill_codes[:3]), "crew": self.pick((1, 1, 1, 2, 3))}
            if self.chance(0.05):
                row |= {"overlap": True, "setup_family": "RED"}
            found.append(row)
        return found

    def bom(self, routings: dict[str, list[Row]]) -> list[Row]:
        levels = ("TOP", "MID", "LOW", "PHANTOM", "PART")
        found: dict[tuple[object, ...], Row] = {}
        for parent in self.kinds:
            level = levels.index(parent.rstrip("0123456789"))
            below = [code for code in self.kinds if levels.index(code.rstrip("0123456789")) > level]
            if self.kinds[parent] == "buy" or not below:
                continue
            for component in self.random.sample(below, min(len(below), self.random.randint(0, 4))):
                row: Row = {
                    "parent": parent,
                    "component": component,
                    "qty": self.pick((1, 1, 2, 3, 0.35, 0.333333)),
                    "scrap": self.pick((0, 0, 0, 0.03, 0.125)),
                }
                if parent in routings and self.chance(0.4):
                    row["operation"] = self.pick(routings[parent])["seq"]
                self.dates(row, 0.15)
                found[parent, component, row.get("operation"), row.get("from")] = row
                if "to" in row and self.chance(0.5):  # the next revision takes another quantity
                    following = row | {"from": row["to"], "qty": self.pick((1, 4, 0.5))}
                    del following["to"]
                    found[parent, component, row.get("operation"), following["from"]] = following
        return list(found.values())

    def sources(self) -> list[Row]:
        found: dict[tuple[object, ...], Row] = {}
        for item, kind in self.kinds.items():
            if kind != "buy" or self.chance(0.15):
                continue
            for _ in range(self.pick((1, 1, 2, 3))):
                row: Row = {
                    "item": item,
                    "supplier": self.pick(("ACME", "BOLTS", "CASTS")),
                    "lead_time_days": self.pick((0, 4, 14, 60)),
                    "priority": self.pick((1, 1, 2)),
                }
                if self.chance(0.3):
                    row["min_order"] = self.pick((0, 10, 25))
                if self.chance(0.3):
                    row["order_multiple"] = self.pick((1, 5, 12.5))
                if self.chance(0.6):
                    row["unit_cost"] = self.pick((0.5, 11, 850))
                if self.chance(0.3):
                    row["price_breaks"] = [
                        {"from_qty": 10, "unit_cost": 9.5},
                        {"from_qty": 100, "unit_cost": 7.25},
                    ]
                if self.chance(0.25):
                    row["capacity_per_week"] = self.pick((0, 5, 30, 200))
                self.dates(row, 0.2)
                found[item, row["supplier"], row.get("from")] = row
        return list(found.values())

    def sales_orders(self) -> list[Row]:
        if self.chance(0.05):
            return []
        tops = [code for code in self.kinds if code.startswith("TOP")]
        found = []
        for number in range(self.random.randint(1, 5)):
            lines = []
            for line in range(1, self.pick((1, 1, 2, 3)) + 1):
                item = self.pick(tops) if self.chance(0.8) else self.pick(list(self.kinds))
                lines.append({"line": line, "item": item} | self.line_quantities() | self.line_terms())
            found.append(
                {
                    "ref": f"SO{number}",
                    "customer": self.pick(("FIRST", "SECOND", "ANY")),
                    "kind": self.pick(("sale", "sale", "lease")),
                    "status": "quote" if self.chance(0.1) else "confirmed",
                    "delivery_policy": "all_together" if self.chance(0.25) else "independent",
                    "lines": lines,
                }
            )
        return found

    def line_quantities(self) -> Row:
        last = self.days + 20
        if self.chance(0.3):
            dues = sorted({self.day(-10, last) for _ in range(self.random.randint(2, 4))})
            parts = []
            for due in dues:
                qty = self.pick((1, 2, 5))
                shipped = self.pick((0, 0, 0, 1))
                parts.append({"due": due, "qty": qty, "shipped_qty": shipped})
            return {"qty": sum(part["qty"] for part in parts), "instalments": parts}
        qty = self.pick((1, 2, 5, 12, 2.5))
        shipped = self.pick((0, 0, 0, 1, qty))
        due = self.day(0, last) if self.chance(0.85) else self.day(-400, 3000)
        return {"qty": qty, "due": due, "shipped_qty": min(qty, shipped)}

    def line_terms(self) -> Row:
        row: Row = {}
        if self.chance(0.2):
            row["unit_price"] = self.pick((0, 150, 4000))
        if self.chance(0.2):
            row["priority"] = self.pick((1, 2, 3, 7))
        if self.chance(0.15):
            row["late_cost_per_day"] = self.pick((0, 35))
        if self.chance(0.15):
            row["late_cost_fixed"] = self.pick((0, 500))
        return row

    def stock(self) -> list[Row]:
        found = []
        for item, kind in self.kinds.items():
            if kind != "phantom" and self.chance(0.3):
                found.append({"item": item, "qty": self.pick((1, 3, 40, 0.75, 0))})
                if self.chance(0.2):
                    found.append({"item": item, "qty": 2, "location": "YARD", "lot": "L1"})
        return found

    def purchase_orders(self) -> list[Row]:
        return [
            {
                "ref": f"PO-{item}",
                "supplier": self.pick(("ACME", "BOLTS")),
                "item": item,
                "qty": self.pick((5, 20, 3.5)),
                "due": self.day(-15, self.days),
                "received_qty": self.pick((0, 0, 1, 3.5)),
            }
            for item, kind in self.kinds.items()
            if kind == "buy" and self.chance(0.3)
        ]

    def work_orders(self, routings: dict[str, list[Row]]) -> list[Row]:
        found = []
        for item, kind in self.kinds.items():
            if kind != "make" or not self.chance(0.25):
                continue
            qty = self.pick((1, 4, 7.5))
            row: Row = {
                "ref": f"WO-{item}",
                "item": item,
                "qty": qty,
                "due": self.day(-20, self.days),
                "done_qty": self.pick((0, 0, 1, qty)),
                "components_issued": self.chance(0.6),
            }
            if self.chance(0.3):
                row["start"] = self.day(-20, 30)
            if item in routings and self.chance(0.6):
                row["done_through_seq"] = self.pick((routings[item][0], routings[item][-1]))["seq"]
            found.append(row)
        return found

    def policy(self) -> Row:
        row: Row = {}
        if self.chance(0.3):
            row["late_cost_rate"] = self.pick((0, 0.01, 1))
        if self.chance(0.3):
            row["holding_rate_per_year"] = self.pick((0, 0.3))
        if self.chance(0.1):
            row["frozen_days"] = 5
        return row
