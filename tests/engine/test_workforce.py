"""Heads, hires, overtime and layoffs: by hand, and against every combination of hires on tiny cases."""

from itertools import product
from math import ceil

import pytest

from planning.engine import workforce
from planning.engine.headcount import count_people
from planning.engine.hiring_rules import HiringTable, raise_to_ratios, ruled_hires
from planning.engine.workforce import OVERTIME_RELUCTANCE, KnownHires, staff, staffing_cost
from tests.engine.plants import built, plant, shop_of, sold

# open days of January, February and March 2024, and of the two weeks of training of hires of each month
OPEN_DAYS = (23, 21, 21)
TRAINING_DAYS = (10, 10, 10)
MONTHS = range(3)


def staffed(hours, peaks=None, skills=None, staffing=None):
    """The cheapest people for ``hours[skill][month]``; no crew wants more than one at a time."""
    rows = skills or [{"code": "ASM", "headcount": 2, "wage_per_hour": 20}]
    shop = shop_of(skills=rows, staffing=staffing or {}, bom=[], routings={})
    calm = [[1 if value else 0 for value in row] for row in hours]
    return shop, staff(shop, hours, peaks or calm)


def available(rules, heads, hires):
    """Standard hours of each month by the formula of factory-1."""
    lost = 1 - rules.get("training_productivity", 1)
    trained = rules.get("training_weeks", 0) > 0
    gives = (1 - rules.get("absence_rate", 0)) * rules.get("labour_efficiency", 1)
    return [
        (heads[m] * OPEN_DAYS[m] * 8 - trained * hires[m] * TRAINING_DAYS[m] * 8 * lost) * gives
        for m in MONTHS
    ]


def price(rules, hours, peaks, hires, layoffs):
    """What a choice costs, counting overtime with its reluctance; None when it breaks a rule."""
    stay = 1 - rules.get("attrition_per_month", 0)
    heads, total = [], 0.0
    for m in MONTHS:
        before = rules["headcount"] if m == 0 else heads[-1] * stay
        heads.append(before + hires[m] - layoffs[m])
        most = rules.get("max_headcount")
        if heads[m] < 0 or (most is not None and hires[m] and heads[m] > most):
            return None
    gives = available(rules, heads, hires)
    for m in MONTHS:
        over = max(0.0, hours[m] - gives[m])
        kept = ceil(heads[m] - 1e-6) >= peaks[m] and (m == 0 or heads[m] >= rules.get("min_headcount", 0))
        if not kept or over > rules.get("overtime_max_share", 0) * gives[m] + 1e-6:
            return None
        premium = 20 * 1.5 / rules.get("labour_efficiency", 1) * (1 + OVERTIME_RELUCTANCE)
        severance = rules.get("severance_weeks", 0) * 5 * 8 * 20
        total += heads[m] * OPEN_DAYS[m] * 8 * 20 + over * premium
        total += hires[m] * rules.get("hire_cost", 0) + layoffs[m] * severance
    return total


CASES = {
    "plain": ({}, (300, 400, 500), (1, 1, 1)),
    "hiring costs": ({"hire_cost": 9_000}, (300, 345, 500), (1, 1, 1)),
    "overtime instead": ({"hire_cost": 9_000, "overtime_max_share": 0.25}, (300, 400, 345), (1, 1, 1)),
    "little overtime": ({"hire_cost": 500, "overtime_max_share": 0.1}, (390, 365, 600), (1, 1, 1)),
    "training": (
        {"training_weeks": 2, "training_productivity": 0.25, "hire_cost": 10},
        (300, 400, 640),
        (1, 1, 1),
    ),
    "attrition": ({"attrition_per_month": 0.2, "overtime_max_share": 0.1}, (350, 340, 330), (1, 1, 1)),
    "absence": (
        {"absence_rate": 0.1, "labour_efficiency": 0.8, "overtime_max_share": 0.2},
        (250, 300, 350),
        (1, 1, 1),
    ),
    "a hire a month": ({"max_hires_per_month": 1, "overtime_max_share": 0.3}, (300, 480, 650), (1, 1, 1)),
    "no more than three": ({"max_headcount": 3, "overtime_max_share": 0.5}, (300, 400, 700), (1, 1, 1)),
    "large crews": ({}, (300, 100, 100), (2, 4, 3)),
    "crews and attrition": ({"attrition_per_month": 0.25}, (300, 100, 100), (2, 3, 3)),
    "at least four": ({"min_headcount": 4}, (300, 100, 100), (1, 1, 1)),
    "layoffs": ({"can_lay_off": True, "severance_weeks": 2}, (300, 150, 150), (1, 1, 1)),
    "dear layoffs": ({"can_lay_off": True, "severance_weeks": 30}, (300, 150, 150), (1, 1, 1)),
    "a dip": ({"can_lay_off": True, "severance_weeks": 1, "hire_cost": 100}, (300, 160, 500), (1, 1, 1)),
}


@pytest.mark.parametrize("name", CASES)
def test_no_other_hires_are_cheaper(name):
    rules, hours, peaks = CASES[name]
    rules = {"headcount": 2, "wage_per_hour": 20, "hire_lead_days": 20} | rules
    _, found = staffed([list(hours)], [list(peaks)], [{"code": "ASM"} | rules])

    leaving = range(3) if rules.get("can_lay_off") else (0,)
    choices = product(
        product(
            (0,),
            range(rules.get("max_hires_per_month", 3) + 1),
            range(rules.get("max_hires_per_month", 3) + 1),
        ),
        product((0,), leaving, leaving),
    )
    prices = [price(rules, hours, peaks, hires, layoffs) for hires, layoffs in choices]
    best = min(each for each in prices if each is not None)
    mine = price(rules, hours, peaks, found.hires[0], found.layoffs[0])
    assert found.short_hours == 0
    assert mine == pytest.approx(best, rel=2e-4)
    reluctance = OVERTIME_RELUCTANCE * sum(found.overtime[0]) * 30 / rules.get("labour_efficiency", 1)
    assert found.cost + reluctance == pytest.approx(mine)


def test_what_a_schedule_asks_of_a_skill_again_is_not_solved_again(monkeypatch):
    # given two skills, and a second schedule that asks more of the second one alone
    solved, solve = [], workforce.solve

    def counted(model, **options):
        solved.append(model)
        return solve(model, **options)

    monkeypatch.setattr(workforce, "solve", counted)
    skills = [{"code": code, "headcount": 2, "wage_per_hour": 20, "hire_lead_days": 20} for code in "AB"]
    shop = shop_of(skills=skills, staffing={}, bom=[], routings={})
    known, peaks = KnownHires(), [[1, 1, 1], [1, 1, 1]]

    # when
    staff(shop, [[300, 400, 500], [300, 400, 500]], peaks, known=known)
    found = staff(shop, [[300, 400, 500], [300, 400, 700]], peaks, known=known)

    # then both are solved for the first schedule, one for the second, and people are those found without it
    assert len(solved) == 3
    alone = staff(shop, [[300, 400, 500], [300, 400, 700]], peaks)
    assert (found.hires, found.heads, found.cost) == (alone.hires, alone.heads, alone.cost)


def test_hours_are_counted_net_of_training_absence_and_efficiency():
    # (3 x 21 x 8 - 1 x 10 x 8 x 0.75) x 0.9 x 0.8 in the month of the hire, then 3 x 21 x 8 x 0.72
    rules = {
        "training_weeks": 2,
        "training_productivity": 0.25,
        "absence_rate": 0.1,
        "labour_efficiency": 0.8,
    }
    shop = shop_of(skills=[{"code": "ASM", "headcount": 2} | rules])
    heads, gives = count_people(shop.skills[0], [0, 1, 0], [0, 0, 0])
    assert heads == [2, 3, 3]
    assert gives == pytest.approx([2 * 23 * 8 * 0.72, 444 * 0.72, 504 * 0.72])


def test_training_goes_on_into_the_next_month():
    # 6 weeks from Thursday 1 February: 21 days of February, 9 of March until the 14th
    shop = shop_of(skills=[{"code": "ASM", "headcount": 0, "training_weeks": 6, "training_productivity": 0}])
    _, gives = count_people(shop.skills[0], [0, 1, 0], [0, 0, 0])
    assert gives == [0, 0, (21 - 9) * 8]


def test_leavers_are_a_share_of_those_who_were_there():
    shop = shop_of(skills=[{"code": "ASM", "headcount": 10, "attrition_per_month": 0.1}])
    heads, _ = count_people(shop.skills[0], [0, 2, 0], [0, 0, 1])
    assert heads == pytest.approx([10, 9 + 2, 11 * 0.9 - 1])


@pytest.mark.parametrize(("lead", "month"), [(0, 0), (1, 1), (31, 1), (32, 2), (60, 2), (61, 3)])
def test_the_first_hire_comes_on_the_first_of_a_month_after_the_lead(lead, month):
    # from 1 January: 31 days to 1 February, 60 to 1 March; 3: not inside the horizon
    skill = shop_of(skills=[{"code": "ASM", "hire_lead_days": lead}]).skills[0]
    assert skill.first_hire_month == month


@pytest.mark.parametrize(
    ("headcount", "attrition", "ramp", "hires"),
    [
        (1, 0, (4, 2), [0, 2, 1]),
        (5, 0, (4, 2), [0, 0, 0]),
        # half leave: 0.5 + 2 = 2.5; then 1.25 + min(2, 3)
        (1, 0.5, (4, 2), [0, 2, 2]),
        # 0.9 x 4 = 3.6: one; 4.6 x 0.9 = 4.14: none
        (4, 0.1, (4, 9), [0, 1, 0]),
    ],
)
def test_a_ramp_hires_towards_its_target_every_month(headcount, attrition, ramp, hires):
    rules = {"headcount": headcount, "attrition_per_month": attrition, "hire_lead_days": 20}
    ramps = [{"skill": "RD", "target_headcount": ramp[0], "max_per_month": ramp[1]}]
    _, found = staffed([[0] * 3], None, [{"code": "RD"} | rules], {"ramps": ramps})
    assert found.hires == [hires]


def test_a_skill_without_work_is_held_at_its_headcount():
    # 2 x 0.9 = 1.8: one, 2.8; 2.52 in March
    rules = {"headcount": 2, "attrition_per_month": 0.1, "hire_lead_days": 20}
    _, found = staffed([[0] * 3], None, [{"code": "OFFICE"} | rules])
    assert found.hires == [[0, 1, 0]]
    assert found.heads[0] == pytest.approx([2, 2.8, 2.52])


def test_indirect_heads_follow_the_direct_ones():
    # 5 people needed from February: ceil(5 / 2) = 3 leaders; in January nobody can be hired
    skills = [
        {"code": "ASM", "headcount": 2, "wage_per_hour": 20},
        {"code": "LEAD", "kind": "indirect", "headcount": 1, "wage_per_hour": 30},
    ]
    rules = {"hire_lead_days": 20, "ratios": [{"skill": "LEAD", "per_direct_heads": 2}]}
    _, found = staffed([[300, 5 * 21 * 8 - 1, 100], [0, 0, 0]], None, skills, rules)
    assert found.hires == [[0, 3, 0], [0, 2, 0]]


def test_direct_heads_carry_the_price_of_those_who_follow_them():
    # 10 % overtime is dearer than a direct head alone, and cheaper than a head with its leader
    hours = [[370, 370, 370], [0, 0, 0]]
    skills = [
        {"code": "ASM", "headcount": 2, "wage_per_hour": 20, "overtime_max_share": 0.2, "can_hire": True},
        {"code": "LEAD", "kind": "indirect", "headcount": 1, "wage_per_hour": 300},
    ]
    _, found = staffed(hours, None, skills, {"ratios": [{"skill": "LEAD", "per_direct_heads": 2}]})
    assert found.hires == [[0, 0, 0], [0, 0, 0]]
    assert [round(each) for each in found.overtime[0]] == [2, 34, 34]


@pytest.mark.parametrize(
    ("limits", "hires"),
    [({}, [0, 3, 2]), ({"max_hires_per_month": 2}, [0, 2, 2]), ({"max_headcount": 2}, [0, 1, 1])],
)
def test_what_a_ratio_lacks_is_hired_as_far_as_limits_allow(limits, hires):
    # 4 direct heads, one leader each; half of the leaders leave every month; January cannot hire
    lead = {"code": "LEAD", "kind": "indirect", "headcount": 2, "attrition_per_month": 0.5} | limits
    ratios = [{"skill": "LEAD", "per_direct_heads": 1}]
    shop = shop_of(
        skills=[{"code": "ASM", "headcount": 4}, lead], staffing={"hire_lead_days": 20, "ratios": ratios}
    )
    table = HiringTable(shop)
    raise_to_ratios(table)
    assert table.hires == [[0, 0, 0], hires]


def test_all_skills_together_stay_within_the_hires_of_the_plant():
    skills = [
        {"code": code, "headcount": 1, "wage_per_hour": 20, "hire_lead_days": 20} for code in ("ASM", "TEST")
    ]
    hours = [[100, 168, 5 * 168 - 1]] * 2
    # each needs 5 in March: 8 hires in all, 4 a month
    _, found = staffed(hours, None, skills, {"max_total_hires_per_month": 4})
    assert found.short_hours == 0
    assert [sum(month) for month in zip(*found.hires, strict=True)] == [0, 4, 4]


def test_ramps_come_before_others_within_the_plants_hires():
    skills = [{"code": code, "headcount": 1, "hire_lead_days": 20} for code in ("ASM", "RD")]
    ramps = [{"skill": "RD", "target_headcount": 9, "max_per_month": 2}]
    hours = [[100, 168, 5 * 168 - 1], [0, 0, 0]]
    _, found = staffed(hours, None, skills, {"max_total_hires_per_month": 3, "ramps": ramps})
    assert found.hires == [[0, 1, 1], [0, 2, 2]]
    # 3 of 5 heads: 2 x 168 h are missing, less the hour that is not needed
    assert found.short_hours == pytest.approx(335)


def test_overtime_beyond_its_cap_is_hours_that_are_missing():
    # 2 x 23 x 8 = 368 h, a tenth of overtime: 404.8 h; nobody may be hired
    skills = [{"code": "ASM", "headcount": 2, "can_hire": False, "overtime_max_share": 0.1}]
    _, found = staffed([[410, 0, 0]], None, skills)
    assert found.overtime[0][0] == 42
    assert found.short_hours == pytest.approx(410 - 404.8)


def test_work_past_the_horizon_is_that_of_the_last_months_people():
    # months after March need 500 h: 3 heads in March
    _, found = staffed([[300, 300, 300, 500, 400]], [[1, 1, 1, 1, 1]])
    assert found.heads[0][2] == 3


def test_crews_past_the_horizon_need_the_last_months_heads():
    _, found = staffed([[300, 300, 300, 10]], [[1, 1, 1, 5]])
    assert found.heads[0][2] == 5


def test_what_is_paid_is_the_sum_of_its_parts():
    # January: 2 x 23 x 8 x 20; February 3 x 21 x 8 x 20 and one hire; March 3 x 21 x 8 x 20
    skills = [{"code": "ASM", "headcount": 2, "wage_per_hour": 20, "hire_cost": 700, "hire_lead_days": 20}]
    shop, found = staffed([[300, 500, 500]], None, skills)
    assert found.hires == [[0, 1, 0]]
    assert staffing_cost(shop, found) == pytest.approx(7_360 + 10_080 + 700 + 10_080)


def test_hires_that_a_rule_fixes_need_no_solver():
    shop = shop_of(skills=[{"code": "ASM", "headcount": 1}], bom=[], routings={})
    assert ruled_hires(shop, [True]) == ({}, {})
    assert ruled_hires(shop, [False]) == ({0: [0, 0, 0]}, {})


LEAVING = {"code": "ASM", "headcount": 5, "wage_per_hour": 20, "can_lay_off": True, "can_hire": False}


def test_nobody_is_laid_off_below_the_least_headcount_where_nobody_can_be_hired():
    _, plan = staffed([[8, 0, 0]], skills=[LEAVING | {"min_headcount": 3}])
    assert plan.heads[0] == [5, 3, 3]
    # attrition alone leaves 4 and 3.2 of 5
    _, plan = staffed([[8, 0, 0]], skills=[LEAVING | {"min_headcount": 4, "attrition_per_month": 0.2}])
    assert plan.heads[0] == pytest.approx([5, 4, 3.2])


@pytest.mark.parametrize("least", [0, 1, 3])
def test_work_that_comes_late_finds_people_though_most_are_laid_off(least):
    factory = plant(
        skills=[LEAVING | {"min_headcount": least}], sales_orders=[sold("DRIVE", ("2024-03-20", 1))]
    )
    plan = built(factory)
    assert plan.certificate.violations == ()
    assert [row.days_late for row in plan.promises] == [0]
    assert min(row.headcount for row in plan.staffing) == least
