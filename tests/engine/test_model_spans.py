"""Months of the aggregate model, and the weeks of its first quarter."""

from datetime import date

import pytest

from planning.engine import model_spans
from planning.engine.model_spans import ModelSpans
from planning.engine.scope import Scope
from planning.engine.shop_model import AggregateOptions, ShopModel
from planning.engine.workforce_plan import plan_workforce
from tests.engine.plants import shop_of, sold

WEEKDAYS = {"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}


def one_skill(*, horizon_end="2024-07-01", closures=(), headcount=1, dues=(("2024-03-29", 1),), **sections):
    """DRIVE takes ten hours of ASM; no hires, no overtime unless said."""
    given = {
        "calendars": [{"code": "DAY", "shifts": [WEEKDAYS], "closures": list(closures)}],
        "bom": [],
        "routings": {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 10}]},
        "skills": [{"code": "ASM", "headcount": headcount, "wage_per_hour": 20}],
        "work_centres": [{"code": "BENCH", "calendar": "DAY", "stations": 50}],
        "sales_orders": [sold("DRIVE", *dues, late_cost_per_day=1_000, late_cost_fixed=0)],
        "staffing": {"can_hire": False},
    }
    return shop_of(horizon_end=horizon_end, **(given | sections))


def spans_of(shop):
    return ShopModel(shop, AggregateOptions(), Scope.of(shop)).spans


def firsts(spans, month):
    return [span.first for span in spans.spans if span.month == month]


def test_months_of_the_first_quarter_are_cut_on_mondays():
    spans = spans_of(one_skill())  # 1 January 2024 is a Monday; 13 weeks end with March

    assert firsts(spans, 0) == [date(2024, 1, day) for day in (1, 8, 15, 22, 29)]
    assert firsts(spans, 1) == [date(2024, 2, day) for day in (1, 12, 19, 26)]  # 1 and 2 February: two days
    assert firsts(spans, 3) == [date(2024, 4, 1)]
    assert firsts(spans, 5) == [date(2024, 6, 1)]


def test_buckets_follow_one_another_to_the_horizon():
    spans = spans_of(one_skill(horizon_end="2024-05-20"))

    assert spans.spans[0].first == date(2024, 1, 1)
    assert spans.spans[-1].end == date(2024, 5, 20)
    assert all(a.end == b.first for a, b in zip(spans.spans, spans.spans[1:], strict=False))
    assert sum(span.days for span in spans.spans) == pytest.approx(140)


def test_a_closed_week_makes_one_bucket_with_a_neighbour():
    closed = {"from": "2024-01-15", "to": "2024-01-22", "name": "works holidays"}

    spans = spans_of(one_skill(closures=[closed]))

    assert date(2024, 1, 15) in firsts(spans, 0)
    assert date(2024, 1, 22) not in firsts(spans, 0)


def test_a_work_centre_that_opens_only_later_takes_no_weeks_from_the_others():
    later = {"from": "2024-01-01", "to": "2024-04-01", "name": "under construction"}
    shop = one_skill(
        calendars=[
            {"code": "DAY", "shifts": [WEEKDAYS]},
            {"code": "NEW", "shifts": [WEEKDAYS], "closures": [later]},
            {"code": "NEVER"},
        ],
        work_centres=[
            {"code": "BENCH", "calendar": "DAY", "stations": 50},
            {"code": "LINE", "calendar": "NEW"},
            {"code": "RUIN", "calendar": "NEVER"},
        ],
    )

    spans = ModelSpans(shop, [0], [0, 1, 2])

    assert firsts(spans, 0) == [date(2024, 1, day) for day in (1, 8, 15, 22, 29)]


def test_nothing_is_made_on_weekends_and_closed_days_at_the_end_of_a_week():
    closed = {"from": "2024-01-12", "to": "2024-01-13", "name": "bridge day"}  # a Friday

    january = spans_of(one_skill(closures=[closed])).periods()[0]

    assert january.cuts == (7, 14, 21, 28)
    assert january.rests == (2, 3, 2, 2, 0)


def test_open_days_and_days_of_a_course_add_up_to_those_of_months():
    closed = {"from": "2024-02-14", "to": "2024-02-16", "name": "fair"}
    shop = one_skill(closures=[closed], staffing={"training_weeks": 6})
    spans, skill = spans_of(shop), shop.skills[0]

    assert spans.by_month(spans.open_days(skill)) == skill.open_days
    for month, row in enumerate(spans.course_days(skill, skill.row.training_weeks)):
        before = sum(span.month < month for span in spans.spans)
        assert spans.by_month([0] * before + row) == skill.training_days[month]


def test_absences_take_the_hours_of_their_week():
    gone = [{"skill": "ASM", "from": "2024-01-09", "to": "2024-01-11", "heads": 1}]
    problem = ShopModel(shop := one_skill(absences=gone), AggregateOptions(), Scope.of(shop)).problem()

    assert problem.skills[0].absent[:3] == pytest.approx((0, 16, 0))


def absent_week(**rules):
    """One person who is away in the second week."""
    gone = [{"skill": "ASM", "from": "2024-01-08", "to": "2024-01-13", "heads": 1}]
    shop = one_skill(absences=gone, dues=[("2024-01-15", 6)], staffing={"can_hire": False} | rules)
    return plan_workforce(ShopModel(shop, AggregateOptions(), Scope.of(shop)).problem()).course


def test_nobody_works_overtime_in_a_week_in_which_nobody_is_there():
    course = absent_week(overtime_max_share=0.25, overtime_premium=1.5)

    assert course.available[0][:2] == pytest.approx((40, 0))
    assert course.overtime[0][:2] == pytest.approx((10, 0), abs=1e-6)


def test_an_absence_of_all_breaks_no_rule_where_some_leave():
    assert absent_week(attrition_per_month=0.03).cost.broken == pytest.approx(0)


def lateness(shop):
    model = ShopModel(shop, AggregateOptions(), Scope.of(shop))
    return plan_workforce(model.problem()).course.cost.lateness


def test_what_takes_two_full_weeks_is_in_time_after_two_weeks(monkeypatch):
    # by the end of the 15th one person has 88 hours; work that is even over the month comes too late
    shop = one_skill(dues=[("2024-01-15", 7), ("2024-03-29", 1)])

    assert lateness(shop) == pytest.approx(0)
    monkeypatch.setattr(model_spans, "WEEKS", 0)
    assert lateness(shop) > 1_000


def test_overtime_of_one_week_is_not_worked_in_another():
    # 80 hours by the second Friday, and 20 of overtime: that is 100 hours, and 11 drives take 110
    rules = {"can_hire": False, "overtime_max_share": 0.25, "overtime_premium": 1.5}
    model = ShopModel(
        shop := one_skill(dues=[("2024-01-14", 11), ("2024-03-29", 1)], staffing=rules),
        AggregateOptions(),
        Scope.of(shop),
    )

    course = plan_workforce(model.problem()).course

    assert course.overtime[0][:2] == pytest.approx((10, 10), abs=0.1)
    assert course.cost.lateness > 0


def test_a_shop_without_work_has_weeks_too():
    shop = one_skill()

    assert len(ModelSpans(shop, [], [])) > len(shop.grid.months)
