"""A made-up factory of any size in factory-1: eight levels, shared parts, stock, open orders and lot rules.

The same sizes give the same factory. Its shape is that of a maker of machines to order: few end items, parts
that many assemblies share, bought parts gathered into weekly to monthly orders.
"""

import random
from datetime import date, timedelta
from typing import Any

AS_OF = date(2027, 1, 4)
DAYS = 365
# Shares of the made items by level, end items first; four of ten items are made.
LEVELS = (0.05, 0.08, 0.12, 0.15, 0.18, 0.18, 0.14, 0.10)
MADE = 0.4
ROUTED_LEVELS = 2
SHARED_PARTS = 2  # made components of an assembly
SUPPLIERS = 200
CUSTOMERS = 100
CENTRES = 20
SKILLS = ("ASSEMBLY", "WELDING", "MACHINING", "TESTING")

Row = dict[str, Any]


def large_factory(*, items: int, bom_lines: int, order_lines: int, is_routed: bool, seed: int = 1) -> Row:
    """factory-1 as parsed JSON. ``is_routed``: the two upper levels have work centres and people."""
    return _Generator(items, bom_lines, order_lines, is_routed, random.Random(seed)).factory()


class _Generator:
    def __init__(
        self, items: int, bom_lines: int, order_lines: int, is_routed: bool, draw: random.Random
    ) -> None:
        self.draw, self.bom_lines, self.order_lines, self.is_routed = draw, bom_lines, order_lines, is_routed
        self.levels: list[list[str]] = []
        number = 0
        for share in LEVELS:
            count = max(1, round(items * MADE * share))
            self.levels.append([f"M{number + each:06d}" for each in range(count)])
            number += count
        self.made = [code for level in self.levels for code in level]
        self.bought = [f"B{each:06d}" for each in range(items - len(self.made))]

    def factory(self) -> Row:
        found = {
            "format": "factory-1",
            "name": "large",
            "as_of": str(AS_OF),
            "horizon_end": str(AS_OF + timedelta(days=DAYS)),
            "calendars": [{"code": "WORK", "shifts": [{"days": [0, 1, 2, 3, 4]}]}],
            "suppliers": [{"code": f"S{each:03d}"} for each in range(SUPPLIERS)],
            "customers": [{"code": f"C{each:03d}"} for each in range(CUSTOMERS)],
            "items": self._items(),
            "sources": self._sources(),
            "bom": self._bom(),
            "sales_orders": self._orders(),
            "stock": self._stock(),
            "purchase_orders": self._purchase_orders(),
        }
        return found | self._work() if self.is_routed else found

    def _items(self) -> list[Row]:
        draw = self.draw
        rows: list[Row] = [
            {
                "code": code,
                "kind": "make",
                "lead_time_days": draw.choice((2, 3, 5, 7)),
                "group_days": draw.choice((7, 14, 28)) if level else 0,
                "min_order": draw.choice((0, 0, 5)) if level > 1 else 0,
            }
            for level, codes in enumerate(self.levels)
            for code in codes
        ]
        rows += [
            {
                "code": code,
                "kind": "buy",
                "unit_cost": draw.randint(1, 500),
                "lead_time_days": draw.choice((7, 14, 28, 56)),
                "group_days": draw.choice((7, 14, 28, 28)),
                "min_order": draw.choice((0, 0, 10, 50)),
                "safety_stock": draw.choice((0, 0, 0, 5)),
            }
            for code in self.bought
        ]
        return rows

    def _sources(self) -> list[Row]:
        draw = self.draw
        return [
            {
                "item": code,
                "supplier": f"S{supplier:03d}",
                "lead_time_days": draw.choice((7, 14, 28, 56)),
                "priority": priority,
            }
            for code in self.bought
            if draw.random() < 0.5
            for priority, supplier in enumerate(
                draw.sample(range(SUPPLIERS), draw.choice((1, 1, 2))), start=1
            )
        ]

    def _bom(self) -> list[Row]:
        """Every made item below the first level stands in some bill; parts are drawn with few favourites."""
        draw, rows = self.draw, []
        for level, codes in enumerate(self.levels):
            below = self.levels[level + 1] if level + 1 < len(self.levels) else []
            components = self._shared(codes, below)
            for place, code in enumerate(codes):
                lines = self._lines(code)
                chosen = components[place]
                while len(chosen) < lines:
                    part = self.bought[int(len(self.bought) * draw.random() ** 1.5)]
                    chosen.setdefault(part, draw.choice((1, 1, 2, 4, 0.5)))
                rows += [{"parent": code, "component": part, "qty": qty} for part, qty in chosen.items()]
        return rows

    def _lines(self, code: str) -> int:
        each, more = divmod(self.bom_lines, len(self.made))
        return each + (int(code[1:]) < more)

    def _shared(self, codes: list[str], below: list[str]) -> list[dict[str, float]]:
        found: list[dict[str, float]] = [{} for _ in codes]
        for place, part in enumerate(below):
            found[place % len(codes)][part] = 1
        for chosen in found:
            while below and len(chosen) < min(SHARED_PARTS, len(below)):
                chosen.setdefault(self.draw.choice(below), 1)
        return found

    def _orders(self) -> list[Row]:
        draw, lines_each = self.draw, 5
        return [
            {
                "ref": f"SO{number:06d}",
                "customer": f"C{draw.randrange(CUSTOMERS):03d}",
                "lines": [
                    {
                        "line": line,
                        "item": draw.choice(self.levels[0]),
                        "qty": draw.randint(1, 20),
                        "due": str(AS_OF + timedelta(days=draw.randint(90, DAYS - 5))),
                    }
                    for line in range(1, lines_each + 1)
                ],
            }
            for number in range(self.order_lines // lines_each)
        ]

    def _stock(self) -> list[Row]:
        draw = self.draw
        parts = draw.sample(self.bought, len(self.bought) // 2) + draw.sample(self.made, len(self.made) // 5)
        return [{"item": part, "qty": draw.randint(1, 500)} for part in parts]

    def _purchase_orders(self) -> list[Row]:
        draw = self.draw
        return [
            {
                "ref": f"PO{number:06d}",
                "supplier": f"S{draw.randrange(SUPPLIERS):03d}",
                "item": part,
                "qty": draw.randint(10, 300),
                "due": str(AS_OF + timedelta(days=draw.randint(1, 60))),
            }
            for number, part in enumerate(draw.sample(self.bought, len(self.bought) // 10))
        ]

    def _work(self) -> Row:
        """People, work centres and the routings of the upper levels, with room for what is ordered."""
        draw = self.draw
        scale = max(1, self.order_lines // 50)
        return {
            "skills": [
                {"code": code, "headcount": 3 * scale, "wage_per_hour": 30, "overtime_max_share": 0.2}
                for code in SKILLS
            ],
            "work_centres": [
                {"code": f"WC{each:02d}", "calendar": "WORK", "stations": scale} for each in range(CENTRES)
            ],
            "routings": {
                code: [
                    {
                        "seq": 10 * step,
                        "work_centre": f"WC{draw.randrange(CENTRES):02d}",
                        "skill": draw.choice(SKILLS),
                        "setup_h": 0.5,
                        "run_h": draw.choice((0.25, 0.5, 1)),
                        "lot": 20,
                    }
                    for step in range(1, draw.choice((2, 3)) + 1)
                ]
                for level in self.levels[:ROUTED_LEVELS]
                for code in level
            },
        }
