"""Cases, as in ``cases``, of people: decisions, limits of the plant, changes of skill, wages."""

from tests.engine.builders import Row, find
from tests.engine.verify.cases import Change, at, case, month, op, skill
from tests.engine.verify.shop_floor_cases import CASES

__all__ = ["CASES"]


def decided(code: str, name: str, heads: int, verdict: str) -> Change:
    """A change of the factory: somebody decided on hires."""
    row = {"skill": code, "month": name, "heads": heads, "verdict": verdict}
    return lambda factory: factory.update(hiring_decisions=[row])


def staffing(**keys: object) -> Change:
    """A change of the rules for the whole plant."""
    return lambda factory: factory["staffing"].update(keys)


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(document: Row) -> None:
        for each in changes:
            each(document)

    return change


kept = "hiring_decisions_kept"
case(kept, "fewer than approved", factory=decided("ASM", "2024-02", 1, "approved"))
case(kept, "fewer than locked", factory=decided("ASM", "2024-02", 1, "locked"))
case(kept, "more than locked", factory=decided("RD", "2024-02", 0, "locked"))
case(kept, "refused", factory=decided("RD", "2024-02", 1, "refused"))
case("hire_limits", "in all", factory=lambda f: skill(f, "RD").update(max_hires=0))
case(
    "hire_limits",
    "on top of the approved",
    factory=both(
        decided("ASM", "2024-02", 1, "approved"),
        staffing(ratios=[]),
        lambda f: skill(f, "ASM").update(max_hires_per_month=0),
    ),
    decide=lambda p: month(p, "ASM", "2024-02").update(hires=2, requisition_by="2024-01-18"),
)
# 2 + 1 + 2 + 1.9 heads in February
case("plant_heads_within_limit", "6.9 of 6", factory=staffing(max_total_heads=6))
# 500 + 100
case("hiring_budget_kept", "of every month", factory=staffing(hiring_budget_per_month=599))
case(
    "hiring_budget_kept",
    "of one month",
    factory=staffing(hiring_budgets=[{"month": "2024-02", "amount": 599}], hiring_budget_per_month=900),
)


def way(source: str, target: str, **changes: object) -> Row:
    return {"from_skill": source, "to_skill": target, "max_per_month": 1} | changes


def changed(source: str, target: str, name: str, heads: int = 1) -> Row:
    return {"from_skill": source, "to_skill": target, "month": name, "heads": heads}


LEARN = staffing(cross_training=[way("ASM", "LEAD")])


def moving(*rows: Row) -> Change:
    """A change of the plan: these change their skill."""
    return lambda plan: plan.update(skill_changes=list(rows))


possible = "skill_changes_possible"
case(possible, "no such way", factory=LEARN, decide=moving(changed("LEAD", "ASM", "2024-02")))
case(possible, "no such month", factory=LEARN, decide=moving(changed("ASM", "LEAD", "2024-03")))
case(possible, "nobody", factory=LEARN, decide=moving(changed("ASM", "LEAD", "2024-02", 0)))
case(possible, "two at once", factory=LEARN, decide=moving(changed("ASM", "LEAD", "2024-02", 2)))
case(
    possible,
    "before the planning date",
    factory=staffing(cross_training=[way("LEAD", "OFF")], ratios=[]),
    decide=both(
        moving(changed("LEAD", "OFF", "2024-01")),
        lambda p: month(p, "OFF", "2024-02").update(hires=1),
    ),
)
case(possible, "twice", factory=LEARN, decide=moving(*[changed("ASM", "LEAD", "2024-02")] * 2))
case(
    possible,
    "who are to stay",
    factory=both(LEARN, lambda f: skill(f, "ASM").update(min_headcount=2, max_hires_per_month=0)),
    decide=moving(changed("ASM", "LEAD", "2024-02")),
)
case(
    "heads_follow_moves",
    "who went",
    factory=LEARN,
    decide=moving(changed("ASM", "LEAD", "2024-02")),
    tell=lambda p: month(p, "ASM", "2024-02").update(moved_out=0),
)
case(
    "heads_follow_moves",
    "who came",
    factory=LEARN,
    decide=moving(changed("ASM", "LEAD", "2024-02")),
    tell=lambda p: month(p, "LEAD", "2024-02").update(moved_in=0),
)
case(
    "temporary_heads_within_limit",
    "half a person",
    factory=lambda f: skill(f, "ASM").update(temp_max_heads=1),
    decide=lambda p: month(p, "ASM", "2024-01").update(temp_heads=0.5),
)
case("people_told", "wage", tell=lambda p: month(p, "ASM", "2024-01").update(wage_per_hour=21))
case("people_told", "in training", tell=lambda p: month(p, "RD", "2024-02").update(training_heads=0))


def week(plan: Row, name: str) -> Row:
    return find(plan["labour_weeks"], skill="ASM", week=name)


told = "labour_weeks_recomputed"
case(told, "available", tell=lambda p: week(p, "2024-01-08").update(available_hours=57.6))
case(told, "required", tell=lambda p: week(p, "2024-01-15").update(required_hours=8))
case(told, "missing", tell=lambda p: p["labour_weeks"].pop())
case(told, "twice", tell=lambda p: p["labour_weeks"].append(dict(p["labour_weeks"][0])))
case(
    told, "of nobody at work", tell=lambda p: p["labour_weeks"].append(p["labour_weeks"][0] | {"skill": "RD"})
)


def shift(name: str, start: str, end: str, **changes: object) -> Row:
    return {"name": name, "start": start, "end": end} | changes


def on_shifts(*rows: Row) -> Change:
    """A change of the factory: who assembles is on these shifts."""
    return lambda factory: skill(factory, "ASM").update(shifts=list(rows))


EARLY, LATE = shift("EARLY", "06:00", "14:00"), shift("LATE", "14:00", "22:00", premium=0.25)

# F1 takes 3 h from 08:00; the saw is never closed, but nobody is there before
case(
    "operation_in_open_time",
    "on no shift",
    factory=both(
        on_shifts(shift("DAY", "08:00", "16:00")),
        lambda f: find(f["work_centres"], code="SAW").update(calendar="ALWAYS"),
    ),
    decide=lambda p: at(op(p, "F1", 10), "01-11 07:00", "01-11 11:00"),
)
# nobody is on a shift from 10:00 to 11:00: people and bench wait
case(
    "operation_duration",
    "between shifts",
    factory=on_shifts(shift("A", "08:00", "10:00"), shift("B", "11:00", "16:00")),
)
case(
    "operation_duration",
    "in a shift too small for the crew",
    factory=on_shifts(shift("A", "06:00", "10:00"), shift("B", "10:00", "16:00", max_heads=1)),
)
seats = "shift_seats_kept"


def second_drive_too(plan: Row) -> None:
    """Both lots of drives on the bench at once: four people."""
    at(op(plan, "D2", 10), "01-15 08:00", "01-15 12:00")
    op(plan, "D2", 10)["station"] = 2


def four_heads(factory: Row) -> None:
    skill(factory, "ASM").update(headcount=4)


case(
    seats,
    "when work starts",
    factory=both(four_heads, on_shifts(shift("DAY", "08:00", "16:00", max_heads=3)), staffing(ratios=[])),
    decide=second_drive_too,
)
case(
    seats,
    "when a shift starts",
    factory=both(
        four_heads,
        on_shifts(EARLY | {"end": "10:00"}, LATE | {"start": "10:00", "max_heads": 3}),
        staffing(ratios=[]),
    ),
    decide=second_drive_too,
)
hours = "shift_hours_recomputed"
TWO_SHIFTS = on_shifts(EARLY | {"end": "10:00"}, LATE | {"start": "10:00"})


def told_of(name: str, **figures: object) -> Change:
    return lambda p: find(p["labour_shifts"], month="2024-01", shift=name).update(figures)


# F1 from 10:00 to 11:00, D1 and D2 from 10:00 to 12:00 for two: 9 h, / 0.8 x 20 x 0.25 = 56.25
case(hours, "hours", factory=TWO_SHIFTS, tell=told_of("LATE", hours=10))
case(hours, "cost", factory=TWO_SHIFTS, tell=told_of("LATE", cost=45))
case(hours, "missing", factory=TWO_SHIFTS, tell=lambda p: p["labour_shifts"].pop())
case(
    hours, "twice", factory=TWO_SHIFTS, tell=lambda p: p["labour_shifts"].append(dict(p["labour_shifts"][0]))
)
case(
    hours,
    "of no shift",
    tell=lambda p: p.update(
        labour_shifts=[{"skill": "ASM", "month": "2024-01", "shift": "LATE", "hours": 0, "cost": 0}]
    ),
)


def cash_rows() -> list[Row]:
    """Both months of the tiny plan, with 10,000 in hand and a floor of 0.

    January: pay (2 x 20 + 30 + 40 + 10) x 128, parts 10 x 10 and 5 x 10 of PO-1, machines 47; February: four
    drives, pay (2 x 20 + 30 + 2 x 40 + 1.9 x 10) x 168, two hires.
    """
    parts = ("opening", "milestones", "deliveries", "payroll", "hiring", "purchases", "machine")
    january = (10_000, 0, 0, 15_360, 0, 150, 47, -5_557, 5_557)
    february = (-5_557, 0, 4_000, 28_392, 600, 0, 0, -30_549, 30_549)
    return [
        {"month": name} | dict(zip((*parts, "closing", "short"), row, strict=True))
        for name, row in (("2024-01", january), ("2024-02", february))
    ]


def in_hand(**terms: object) -> Change:
    return lambda factory: factory.update(cash={"opening": 10_000} | terms)


def telling(index: int, **figures: object) -> Change:
    """The cash of the tiny plan with one row told otherwise."""

    def change(plan: Row) -> None:
        plan["cash"] = cash_rows()
        plan["cash"][index].update(figures)

    return change


cash = "cash_recomputed"
case(cash, "not told", factory=in_hand())
case(cash, "told without money in hand", tell=telling(0))
for part in ("opening", "milestones", "deliveries", "payroll", "hiring", "purchases", "machine", "closing"):
    case(cash, part, factory=in_hand(), tell=telling(1, **{part: 77}))
case(cash, "short", factory=in_hand(), tell=telling(1, short=0))
case(cash, "customers who pay later", factory=in_hand(customer_days=21), tell=telling(0))
case(cash, "suppliers who wait", factory=in_hand(supplier_days=17), tell=telling(0))
