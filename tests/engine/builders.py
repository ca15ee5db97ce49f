"""A tiny factory and its plan, made by hand, and smallest rows; a test changes only what it is about.

The factory, planned on Wednesday 2024-01-10 until 2024-03-01, in UTC, open Monday to Friday 08:00 to 16:00:

    DRIVE = 1 FRAME (at operation 10) + 3 PART (at 20); 2 h at the BENCH for a crew of 2, then 15 min at the
            OVEN, which is left to itself for 4 h with two of them, and 1 h queue
    FRAME = 2 PART; SAW 1 h setup + 30 min each
    PART  is bought from ACME in 5 days, at least 10, in fives; 10 in stock, 5 on order for Monday 2024-01-15

Four drives are sold: two for 2024-02-02, two for 2024-02-09.
"""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from planning.engine.factory import Factory
from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import canonical_json, digest, factory_from_json
from planning.engine.plan import Plan
from planning.engine.verify import recompute_cost, weeks
from planning.engine.verify.crews import premium
from planning.engine.verify.ledger import Ledger

Row = dict[str, Any]

FACTORY: Row = {
    "format": "factory-1",
    "name": "Tiny",
    "as_of": "2024-01-10",
    "horizon_end": "2024-03-01",
    "calendars": [
        {"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}]},
        {"code": "ALWAYS", "shifts": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"}]},
    ],
    "skills": [
        {"code": "ASM", "headcount": 2, "wage_per_hour": 20, "absence_rate": 0.1, "labour_efficiency": 0.8},
        {"code": "LEAD", "kind": "indirect", "headcount": 1, "wage_per_hour": 30},
        {
            "code": "RD",
            "kind": "engineering",
            "headcount": 1,
            "wage_per_hour": 40,
            "hire_cost": 500,
            "training_weeks": 2,
            "training_productivity": 0.5,
        },
        {
            "code": "OFF",
            "kind": "overhead",
            "headcount": 1,
            "wage_per_hour": 10,
            "hire_cost": 100,
            "attrition_per_month": 0.1,
        },
    ],
    "staffing": {
        "hire_lead_days": 14,
        "ratios": [{"skill": "LEAD", "per_direct_heads": 2}],
        "ramps": [{"skill": "RD", "target_headcount": 2, "max_per_month": 1}],
    },
    "work_centres": [
        {"code": "SAW", "calendar": "DAY", "cost_per_hour": 2},
        {"code": "BENCH", "calendar": "DAY", "stations": 2, "cost_per_hour": 5},
        {"code": "OVEN", "calendar": "ALWAYS", "batch": 2, "cost_per_hour": 1},
    ],
    "items": [
        {"code": "PART", "kind": "buy", "unit_cost": 10},
        {"code": "FRAME", "kind": "make"},
        {"code": "DRIVE", "kind": "make", "price": 1000},
    ],
    "sources": [
        {
            "item": "PART",
            "supplier": "ACME",
            "lead_time_days": 5,
            "min_order": 10,
            "order_multiple": 5,
            "unit_cost": 10,
            "price_breaks": [{"from_qty": 50, "unit_cost": 9}],
            "capacity_per_week": 40,
        }
    ],
    "bom": [
        {"parent": "FRAME", "component": "PART", "qty": 2},
        {"parent": "DRIVE", "component": "FRAME", "qty": 1, "operation": 10},
        {"parent": "DRIVE", "component": "PART", "qty": 3, "operation": 20},
    ],
    "routings": {
        "FRAME": [{"seq": 10, "work_centre": "SAW", "skill": "ASM", "setup_h": 1, "run_h": 0.5}],
        "DRIVE": [
            {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "crew": 2, "run_h": 2},
            {"seq": 20, "work_centre": "OVEN", "run_h": 0.25, "unattended_h": 4, "queue_h": 1},
        ],
    },
    "suppliers": [{"code": "ACME"}],
    "customers": [{"code": "C1"}],
    "sales_orders": [
        {
            "ref": "SO-1",
            "customer": "C1",
            "lines": [
                {
                    "line": 1,
                    "item": "DRIVE",
                    "qty": 4,
                    "instalments": [{"due": "2024-02-02", "qty": 2}, {"due": "2024-02-09", "qty": 2}],
                }
            ],
        }
    ],
    "stock": [{"item": "PART", "qty": 10}],
    "purchase_orders": [{"ref": "PO-1", "supplier": "ACME", "item": "PART", "qty": 5, "due": "2024-01-15"}],
    "policy": {"holding_rate_per_year": 0.365},
}


def factory_document(**sections: Any) -> Row:
    """The tiny factory as parsed factory-1, with ``sections`` in place of its own."""
    return deepcopy(FACTORY) | sections


def make_factory(document: Row | None = None, **sections: Any) -> Factory:
    """The tiny factory, or ``document``, with ``sections`` in place of its own; they must agree."""
    factory = factory_from_json(deepcopy(document or FACTORY) | sections)
    issues = check_factory(factory)
    assert not issues, [str(issue) for issue in issues]
    return factory


def find(rows: list[Row], **keys: Any) -> Row:
    """The one row that has all of ``keys``."""
    (row,) = [row for row in rows if all(row.get(name) == value for name, value in keys.items())]
    return row


def moment(text: str) -> str:
    """ "01-11 08:00" in 2024, UTC, as plan-1 writes it."""
    return f"2024-{text.replace(' ', 'T')}:00+00:00"


def operation(order: str, seq: int, centre: str | None, times: tuple[str, str, str], **changes: Any) -> Row:
    """A row of operations: ``times`` are start, end and free as in ``moment``."""
    items = {"F": "FRAME", "D": "DRIVE"}
    start, end, free = times
    row = {
        "order": order,
        "item": items.get(order[0], order),
        "seq": seq,
        "qty": 2,
        "work_centre": centre,
        "station": None if centre is None else 1,
        "skill": None if centre in {"OVEN", None} else "ASM",
        "crew": 2 if centre == "BENCH" else 1,
        "start": moment(start),
        "end": moment(end),
        "free": moment(free),
    }
    return row | changes


def make_order(code: str, item: str, qty: float, release: str, due: str, **changes: Any) -> Row:
    """A row of planned_orders; days are given without their year, 2024."""
    row = {
        "id": code,
        "item": item,
        "kind": "make",
        "qty": qty,
        "release": f"2024-{release}",
        "due": f"2024-{due}",
    }
    return row | {"supplier": None, "work_order": None, "firm": False} | changes


def peg(order: str, item: str, qty: float, **purpose: Any) -> Row:
    """A row of pegging."""
    return {"order": order, "item": item, "qty": qty} | purpose


def promise(instalment: int, day: str, **changes: Any) -> Row:
    """Two drives of SO-1 line 1, delivered on the day that was asked for."""
    row = {"sales_order": "SO-1", "line": 1, "instalment": instalment, "item": "DRIVE", "qty": 2}
    row |= {"requested": f"2024-{day}", "promised": f"2024-{day}", "days_late": 0}
    return row | {"deliveries": [{"date": f"2024-{day}", "qty": 2}], "reasons": []} | changes


WAGES = {"ASM": 20, "LEAD": 30, "RD": 40, "OFF": 10}


def staff(skill: str, month: str, headcount: float, available: float, cost: float, **changes: Any) -> Row:
    """A row of staffing without hires, leavers, load or overtime."""
    row = {"skill": skill, "month": month, "headcount": headcount, "available_hours": available, "cost": cost}
    row |= {"hires": 0, "requisition_by": None, "leavers": 0, "layoffs": 0, "temp_heads": 0}
    row |= {"moved_in": 0, "moved_out": 0, "training_heads": 0, "wage_per_hour": WAGES[skill]}
    return row | {"required_hours": 0, "overtime_hours": 0} | changes


def _load() -> list[Row]:
    # open from Wednesday 01-10: 3 days of 8 h; then 40 h a week, 80 h for the two benches;
    # the oven is never closed: 5 days of 24 h until Sunday, then 168 h
    hours = {"SAW": (24, 40), "BENCH": (48, 80), "OVEN": (120, 168)}
    # frames 1 + 4 x 0.5 = 3 h; drives 4 x 2 = 8 h on the bench and 4 x 0.25 = 1 h at the oven
    required = {("SAW", "2024-01-08"): 3, ("BENCH", "2024-01-15"): 8, ("OVEN", "2024-01-15"): 1}
    weeks = [(date(2024, 1, 8) + timedelta(weeks=k)).isoformat() for k in range(8)]
    return [
        {
            "work_centre": centre,
            "week": week,
            "available_hours": hours[centre][week > weeks[0]],
            "required_hours": required.get((centre, week), 0),
        }
        for centre in hours
        for week in weeks
    ]


def _labour_weeks() -> list[Row]:
    # ASM: 184.32 h on 16 days of January, 241.92 on 21 of February: 11.52 a day; three days of the first week
    days = dict.fromkeys(("01-15", "01-22", "01-29", "02-05", "02-12", "02-19"), 5)
    days |= {"01-08": 3, "02-26": 4}
    required = {"01-08": 3, "01-15": 16}
    return [
        {
            "skill": "ASM",
            "week": f"2024-{week}",
            "available_hours": days[week] * 11.52,
            "required_hours": required.get(week, 0),
        }
        for week in sorted(days)
    ]


_HEURISTIC: Row = {
    "status": "heuristic",
    "objective": None,
    "bound": None,
    "gap": None,
    "seconds": 0.1,
    "solver": "hand",
}

PLAN: Row = {
    "format": "plan-1",
    "factory": "Tiny",
    "version": 1,
    "scenario": "base",
    "input_digest": "",
    "created_at": "2024-01-10T06:00:00+00:00",
    "engine_version": "hand",
    "seed": 1,
    "reproducible": True,
    "certificate": {
        "material": _HEURISTIC,
        "aggregate": {
            "status": "feasible",
            "objective": 100,
            "bound": 90,
            "gap": 0.1,
            "seconds": 1,
            "solver": "hand",
        },
        "schedule": _HEURISTIC,
        "violations": [],
    },
    "planned_orders": [
        # parts: 4 x 2 + 4 x 3 = 20, less 10 in stock and 5 on order leaves 5; ACME sells at least 10
        make_order("B1", "PART", 10, "01-10", "01-15", kind="buy", supplier="ACME"),
        make_order("F1", "FRAME", 4, "01-11", "01-11"),
        make_order("D1", "DRIVE", 2, "01-15", "01-15"),
        make_order("D2", "DRIVE", 2, "01-15", "01-16"),
    ],
    "operations": [
        operation("F1", 10, "SAW", ("01-11 08:00", "01-11 11:00", "01-11 11:00"), qty=4),
        operation("D1", 10, "BENCH", ("01-15 08:00", "01-15 12:00", "01-15 12:00")),
        operation("D1", 20, "OVEN", ("01-15 12:00", "01-15 12:30", "01-15 16:30")),
        operation("D2", 10, "BENCH", ("01-16 08:00", "01-16 12:00", "01-16 12:00")),
        operation("D2", 20, "OVEN", ("01-16 12:00", "01-16 12:30", "01-16 16:30")),
    ],
    "staffing": [
        # 16 open days from 01-10 to 01-31, 21 in February; 8 h a day
        # ASM: 2 x 16 x 8 x 0.9 x 0.8 = 184.32 h; crews: 3 x 1 + 8 x 2 = 19 h
        staff("ASM", "2024-01", 2, 184.32, 5120, required_hours=19),
        staff("ASM", "2024-02", 2, 241.92, 6720),
        staff("LEAD", "2024-01", 1, 128, 3840),
        staff("LEAD", "2024-02", 1, 168, 5040),
        staff("RD", "2024-01", 1, 128, 5120),
        # one hire, in training on the 10 open days before 02-15: 2 x 168 - 10 x 8 x 0.5 = 296 h
        staff("RD", "2024-02", 2, 296, 13940, hires=1, requisition_by="2024-01-18", training_heads=1),
        staff("OFF", "2024-01", 1, 128, 1280),
        # a tenth leaves; held at 1 by one hire: 0.9 + 1 = 1.9 heads
        staff("OFF", "2024-02", 1.9, 319.2, 3292, leavers=0.1, hires=1, requisition_by="2024-01-18"),
    ],
    "labour_weeks": _labour_weeks(),
    "load": _load(),
    "pegging": [
        peg("stock", "PART", 8, for_order="F1"),
        peg("stock", "PART", 2, for_order="D1"),
        peg("PO-1", "PART", 4, for_order="D1"),
        peg("PO-1", "PART", 1, for_order="D2"),
        peg("B1", "PART", 5, for_order="D2"),
        peg("B1", "PART", 5),
        peg("F1", "FRAME", 2, for_order="D1"),
        peg("F1", "FRAME", 2, for_order="D2"),
        peg("D1", "DRIVE", 2, sales_order="SO-1", line=1, instalment=1),
        peg("D2", "DRIVE", 2, sales_order="SO-1", line=1, instalment=2),
    ],
    "promises": [promise(1, "02-02"), promise(2, "02-09")],
    "exceptions": [],
    "cost": {
        "material": 100,  # 10 x 10
        # (2 x 20 + 30 + 40 + 10) x 128 in January, (2 x 20 + 30 + 2 x 40 + 1.9 x 10) x 168 in February
        "regular_labour": 43752,
        "overtime": 0,
        "temporary_labour": 0,
        "shift_premiums": 0,
        "hiring": 600,
        "severance": 0,
        "machine": 47,  # 3 h x 2 + 8 h x 5 + 1 h x 1
        # 0.1 % a day; unit-days at 24:00: PART 10 + 4 x 2 + 11 + 45 x 5 = 254 at 10,
        # FRAME 4 x 4 + 2 = 18 at 20,
        # DRIVE 2 x 18 (01-15 to 02-01) + 2 x 24 (01-16 to 02-08) = 84 at 2 x 10 + 3 x 10 = 50
        "holding": 7.1,
        "lateness": 0,
        "total": 44506.1,
    },
}


def plan_document(factory: Factory | None = None) -> Row:
    """The plan of the tiny factory as parsed plan-1; it carries the digest of ``factory``."""
    return deepcopy(PLAN) | {"input_digest": digest(canonical_json(factory or make_factory()))}


def make_plan(document: Row | None = None, **sections: Any) -> Plan:
    """The plan of the tiny factory, or ``document``, with ``sections`` in place of its own."""
    return Plan.model_validate((document or plan_document()) | sections)


def retell(factory: Factory, document: Row) -> Row:
    """``document`` with all told figures (digest, heads, hours, load, cost) as its own decisions give them.

    So a test of a changed decision is about the decision; what figures must be is tested by hand elsewhere.
    """
    plan = Plan.model_validate(document)
    ledger = Ledger(factory, plan)
    told = deepcopy(document) | {"input_digest": digest(canonical_json(factory))}
    for row in told["staffing"]:
        truth = ledger.staffing.get((row["skill"], row["month"]))
        if truth is not None:
            row |= {
                "headcount": truth.heads,
                "leavers": truth.leavers,
                "moved_in": truth.moved_in,
                "moved_out": truth.moved_out,
                "training_heads": truth.training_heads,
                "wage_per_hour": truth.wage,
                "available_hours": truth.available,
                "required_hours": truth.required,
                "overtime_hours": truth.overtime,
                "cost": truth.cost,
            }
    for row in told["labour_weeks"]:
        week = date.fromisoformat(row["week"])
        row["available_hours"] = weeks.available_hours(ledger, row["skill"], week)
        row["required_hours"] = weeks.required_hours(ledger)[row["skill"], week]
    for row in told["load"]:
        week = date.fromisoformat(row["week"])
        row["required_hours"] = ledger.load.get((row["work_centre"], week), 0)
        if row["work_centre"] in ledger.centres:
            row["available_hours"] = ledger.station_hours(ledger.centres[row["work_centre"]], week)
    told["labour_shifts"] = [
        {"skill": skill.code, "month": month.name, "shift": row.name, "hours": hours, "cost": cost}
        for skill in ledger.skills.values()
        for month in ledger.months
        for row in skill.shifts
        for hours in [ledger.shift_hours[skill.code, month.name, row.name]]
        for cost in [premium(skill, row, hours, ledger.staffing[skill.code, month.name].wage)]
    ]
    told["cost"] = recompute_cost(factory, plan).model_dump()
    return told
