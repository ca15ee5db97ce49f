"""Each part of the cost by hand arithmetic, where the plan made by hand has none of it."""

import pytest

from planning.engine.plan import Plan
from planning.engine.verify import recompute_cost
from tests.engine.builders import factory_document, find, make_factory, plan_document
from tests.engine.verify.cases import item, line, month, order, skill


def cost(factory_change, plan_change=lambda p: None):
    document = factory_document()
    factory_change(document)
    factory = make_factory(document)
    plan = plan_document(factory)
    plan_change(plan)
    return recompute_cost(factory, Plan.model_validate(plan))


def unchanged(_):
    pass


def test_material_has_the_price_of_its_quantity():
    # the break at 50 is reached: 50 x 9; at 49 (of no order multiple) it is not
    assert cost(unchanged, lambda p: order(p, "B1").update(qty=50)).material == 450
    assert cost(unchanged, lambda p: order(p, "B1").update(qty=49)).material == 490


def test_material_without_a_source_has_the_cost_of_its_item():
    def given(factory):
        factory["sources"] = []
        item(factory, "PART").update(unit_cost=11)

    assert cost(given, lambda p: order(p, "B1").update(supplier=None)).material == 110


def test_overtime_is_paid_for_hours_worked_at_its_premium():
    # 19 h are required, 2 x 16 x 0.5 x 0.9 x 0.8 = 11.52 h are there; 7.48 / 0.8 h worked at 20 x 1.5
    def given(factory):
        skill(factory, "ASM").update(hours_per_day=0.5, overtime_max_share=1)

    assert cost(given).overtime == pytest.approx(280.5)


def test_temporary_heads_are_paid_for_open_days():
    def given(factory):
        skill(factory, "ASM").update(temp_max_heads=1, temp_wage_per_hour=25)

    # 1 x 16 days x 8 h x 25
    assert cost(given, lambda p: month(p, "ASM", "2024-01").update(temp_heads=1)).temporary_labour == 3200


def test_temporary_heads_cost_the_wage_when_nothing_else_is_said():
    assert cost(unchanged, lambda p: month(p, "ASM", "2024-01").update(temp_heads=1)).temporary_labour == 2560


def test_severance_is_weeks_of_five_days():
    # 1 x 2 weeks x 5 x 8 h x 20
    severance = cost(
        lambda f: skill(f, "ASM").update(severance_weeks=2, can_lay_off=True),
        lambda p: month(p, "ASM", "2024-02").update(layoffs=1),
    ).severance

    assert severance == 1600


def test_who_is_laid_off_is_not_paid():
    paid = cost(unchanged, lambda p: month(p, "ASM", "2024-02").update(layoffs=1)).regular_labour

    # 43752 less one of two assemblers in February: 168 x 20
    assert paid == pytest.approx(43752 - 3360)


def test_bought_stock_without_standard_cost_has_that_of_its_best_source():
    def given(factory):
        item(factory, "PART").update(unit_cost=0)
        factory["suppliers"].append({"code": "DEAR"})
        factory["sources"][0]["priority"] = 2
        factory["sources"].append({"item": "PART", "supplier": "DEAR", "lead_time_days": 1, "unit_cost": 20})

    # everything is made of parts, at 20 instead of 10
    assert cost(given).holding == pytest.approx(14.2)


def test_scrap_adds_to_the_value_of_what_is_made():
    def given(factory):
        find(factory["bom"], parent="FRAME").update(scrap=0.5)

    # frames of 2 / 0.5 parts: 40; drives 40 + 30 = 70; four frames take 8 more parts on 01-11, for 50 days
    # PART 254 - 400 = -146 at 10, FRAME 18 at 40, DRIVE 84 at 70
    assert cost(given).holding == pytest.approx((-1460 + 720 + 5880) * 0.001)


def late(**promised):
    def change(plan):
        plan["promises"][0].update(promised)

    return change


TWO_DAYS = {"promised": "2024-02-04", "deliveries": [{"date": "2024-02-04", "qty": 2}]}


def test_lateness_is_a_share_of_the_value_of_the_line():
    # 4 drives at 1000; 0.1 % a day and 1 % at once, half the line two days late: 0.5 x (2 x 4 + 40)
    assert cost(unchanged, late(**TWO_DAYS)).lateness == pytest.approx(24)


@pytest.mark.parametrize(("priority", "weight"), [(1, 4), (2, 2), (3, 1), (9, 1)])
def test_lateness_has_the_weight_of_its_priority(priority, weight):
    given = {"customers": [{"code": "C1", "priority": priority}]}

    assert cost(lambda f: f.update(given), late(**TWO_DAYS)).lateness == pytest.approx(24 * weight)


def test_lateness_costs_what_the_line_says():
    costs = {"late_cost_per_day": 10, "late_cost_fixed": 0}

    assert cost(lambda f: line(f).update(costs), late(**TWO_DAYS)).lateness == pytest.approx(10)


@pytest.mark.parametrize(
    ("price", "unit_price", "value"), [(1000, 500, 500), (1000, 0, 1000), (None, None, 50)]
)
def test_a_line_is_worth_its_price_or_else_what_it_is_made_of(price, unit_price, value):
    def given(factory):
        item(factory, "DRIVE").update(price=price)
        line(factory).update(unit_price=unit_price)

    assert cost(given, late(**TWO_DAYS)).lateness == pytest.approx(0.5 * 4 * value * (2 * 0.001 + 0.01))


def test_a_line_is_worth_at_least_one_per_unit():
    def given(factory):
        item(factory, "DRIVE").update(price=None)
        item(factory, "PART").update(unit_cost=0)
        factory["sources"][0].update(unit_cost=0, price_breaks=[])

    assert cost(given, late(**TWO_DAYS)).lateness == pytest.approx(0.5 * 4 * (2 * 0.001 + 0.01))


def test_what_never_comes_is_late_until_a_year_after_the_horizon():
    # from 2024-02-02 to 2024-03-01 + 365 days: 28 + 365 = 393 days
    assert cost(unchanged, late(promised=None, deliveries=[])).lateness == pytest.approx(0.5 * (393 * 4 + 40))


def test_hires_of_every_month_are_counted():
    assert cost(unchanged, lambda p: month(p, "RD", "2024-01").update(hires=2)).hiring == 1600
