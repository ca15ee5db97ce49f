"""Lot sizing against published optima, every possible set of lots, and numbers worked by hand."""

import json
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.engine.lot_sizing import (
    MICRO,
    InvalidLotSizing,
    Lot,
    LotRule,
    LotSizing,
    OrderSizes,
    plan_lots,
    silver_meal,
    total_cost,
    wagner_whitin,
)

KNOWN = json.loads((Path(__file__).parent / "golden" / "known_optima.json").read_text(), parse_float=Decimal)
LOT_SIZING = {case["id"]: case for case in KNOWN if case["kind"] == "lot_sizing"}


def units(*quantities):
    return [quantity * MICRO for quantity in quantities]


def shown(lots):
    return [(lot.day, lot.quantity // MICRO) for lot in lots]


def cheapest(days, quantities, setup, holding):
    """The least cost over every choice of days to order on."""
    costs = []
    for chosen in product([False, True], repeat=len(days)):
        starts = [index for index, ordered in enumerate(chosen) if ordered]
        if sum(quantities[: starts[0]] if starts else quantities):
            continue
        stops = [*starts[1:], len(days)][: len(starts)]
        lots = [Lot(days[a], sum(quantities[a:b]), a, b) for a, b in zip(starts, stops, strict=True)]
        costs.append(total_cost(days, quantities, lots, setup, holding))
    return min(costs)


@pytest.mark.parametrize("case", LOT_SIZING.values(), ids=LOT_SIZING)
def test_published_optima_are_met_exactly(case):
    data, optimum = case["data"], case["published"] or case["own"]
    demand = units(*data["demand"])
    periods = range(1, len(demand) + 1)

    lots = wagner_whitin(periods, demand, data["setup"], data["holding"])

    assert total_cost(periods, demand, lots, data["setup"], data["holding"]) == Fraction(optimum)
    assert shown(lots) == [tuple(lot) for lot in case["lots"]]


def test_silver_meal_finds_the_lots_of_its_textbook_example():
    data = LOT_SIZING["silver_meal_12"]["data"]
    demand = units(*data["demand"])

    lots = silver_meal(range(1, 13), demand, data["setup"], data["holding"])

    # the text follows the rule to these replenishments; here they cost what the optimum costs
    assert shown(lots) == [(1, 84), (4, 130), (5, 283), (7, 140), (9, 124), (10, 160), (11, 279)]


def test_silver_meal_stops_where_the_cost_per_period_first_rises():
    # 100 / 1; (100 + 20) / 2 = 60; (120 + 2 × 40) / 3 = 66.7 rises: the first lot covers two periods
    # then 100 / 1; (100 + 90) / 2 = 95; (190 + 2 × 5) / 3 = 66.7: the rest goes into one
    lots = silver_meal(range(5), units(10, 20, 40, 90, 5), 100, 1)

    assert shown(lots) == [(0, 30), (2, 135)]


def test_silver_meal_goes_on_where_the_cost_per_period_stays_the_same():
    # 10 / 1 = 10; (10 + 10) / 2 = 10
    assert shown(silver_meal(range(2), units(5, 10), 10, 1)) == [(0, 15)]


costs = st.fractions(min_value=0, max_value=50, max_denominator=7)
amounts = st.integers(0, 30).map(lambda tenths: tenths * MICRO // 10)


@given(data=st.data(), count=st.integers(1, 8))
def test_no_set_of_lots_is_cheaper_than_wagner_and_whitin_s(data, count):
    gaps = data.draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
    days = [sum(gaps[: index + 1]) for index in range(count)]
    quantities = data.draw(st.lists(amounts, min_size=count, max_size=count))
    setup = data.draw(st.lists(costs, min_size=count, max_size=count))
    holding = data.draw(st.lists(costs, min_size=count, max_size=count))

    lots = wagner_whitin(days, quantities, setup, holding)

    assert total_cost(days, quantities, lots, setup, holding) == cheapest(days, quantities, setup, holding)


@given(quantities=st.lists(amounts, min_size=1, max_size=40), setup=costs, holding=costs)
def test_the_heuristic_covers_everything_and_is_never_below_the_optimum(quantities, setup, holding):
    days = range(len(quantities))

    heuristic = total_cost(days, quantities, silver_meal(days, quantities, setup, holding), setup, holding)
    optimum = total_cost(days, quantities, wagner_whitin(days, quantities, setup, holding), setup, holding)

    assert heuristic >= optimum


@given(quantities=st.lists(amounts, min_size=1, max_size=30), setup=costs, holding=costs)
def test_silver_meal_on_days_is_silver_meal_on_the_calendar_with_its_empty_days(quantities, setup, holding):
    needs = [index for index, quantity in enumerate(quantities) if quantity]

    on_days = silver_meal(needs, [quantities[index] for index in needs], setup, holding)

    on_calendar = silver_meal(range(len(quantities)), quantities, setup, holding)
    assert [(lot.day, lot.quantity) for lot in on_days] == [(lot.day, lot.quantity) for lot in on_calendar]


def test_a_tenth_of_a_cent_decides():
    # carrying 1 unit for one day costs exactly the setup: ordering later wins a tie, and loses by the least
    assert len(wagner_whitin([0, 1], units(1, 1), Decimal("0.3"), Decimal("0.3"))) == 2
    assert len(wagner_whitin([0, 1], units(1, 1), Decimal("0.3000000001"), Decimal("0.3"))) == 1


def test_an_order_goes_out_on_a_cheap_day_before_the_need():
    lots = wagner_whitin([0, 1], units(0, 4), [10, 50], 5)

    assert lots == [Lot(0, 4 * MICRO, 0, 2)]


def test_the_optimum_of_ten_thousand_days_is_found_at_once():
    days = range(10_000)
    quantities = [(day * 7919 % 101) * MICRO for day in days]

    lots = wagner_whitin(days, quantities, 500, Decimal("0.37"))

    assert sum(lot.quantity for lot in lots) == sum(quantities)


def test_lot_for_lot_orders_what_each_day_needs():
    lots = plan_lots([3, 9, 10], units(5, 0, 7), LotSizing())

    assert shown(lots) == [(3, 5), (10, 7)]


def test_a_fixed_period_begins_with_the_first_need_that_nothing_covers():
    sizing = LotSizing(rule=LotRule.FIXED_PERIOD, period_days=7)

    lots = plan_lots([2, 8, 9, 20, 26, 27], units(1, 2, 4, 8, 16, 32), sizing)

    assert shown(lots) == [(2, 3), (9, 4), (20, 24), (27, 32)]


def test_the_minimum_counts_once_for_the_requirements_of_a_lot():
    # three needs of 30 in one window and a minimum of 100: one order of 100, not three
    sizing = LotSizing(
        rule=LotRule.FIXED_PERIOD, period_days=5, sizes=OrderSizes(minimum=100 * MICRO, multiple=MICRO)
    )

    assert shown(plan_lots([0, 1, 2], units(30, 30, 30), sizing)) == [(0, 100)]


def test_what_rounding_brings_too_much_serves_the_next_needs():
    # 30 -> 50, leaves 20; 15 -> 5 left; 30 - 5 = 25 -> 50
    sizing = LotSizing(sizes=OrderSizes(multiple=50 * MICRO))

    assert shown(plan_lots([0, 1, 2], units(30, 15, 30), sizing)) == [(0, 50), (2, 50)]


def test_more_than_the_maximum_becomes_several_orders():
    sizes = OrderSizes(minimum=30 * MICRO, multiple=10 * MICRO, maximum=105 * MICRO)

    assert sizes.split(212 * MICRO) == units(100, 100, 30)
    assert sizes.total(212 * MICRO) == 230 * MICRO
    assert sizes.split(200 * MICRO) == units(100, 100)


def test_a_fixed_quantity_is_every_order_s_size():
    assert OrderSizes.fixed(80 * MICRO).split(100 * MICRO) == units(80, 80)


@given(
    quantities=st.lists(amounts, max_size=30),
    rule=st.sampled_from(LotRule),
    minimum=st.integers(0, 5 * MICRO),
    multiple=st.integers(1, 3 * MICRO),
    room=st.none() | st.integers(0, 5 * MICRO),
)
def test_lots_cover_every_need_in_time_and_keep_the_sizes(quantities, rule, minimum, multiple, room):
    least = OrderSizes(minimum=minimum, multiple=multiple).least
    sizes = OrderSizes(minimum=minimum, multiple=multiple, maximum=None if room is None else least + room)
    sizing = LotSizing(rule=rule, sizes=sizes, period_days=3, setup_cost=4, holding_cost=1)

    lots = plan_lots(range(len(quantities)), quantities, sizing)

    received = {lot.day: lot.quantity for lot in lots}
    stock = 0
    for day, quantity in enumerate(quantities):
        stock += received.get(day, 0) - quantity
        assert stock >= 0
    for lot in lots:
        for order in sizes.split(lot.quantity):
            assert order >= minimum
            assert order % multiple == 0
            assert sizes.maximum is None or order <= sizes.maximum


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: wagner_whitin([0], [MICRO], 0.5, 1), "a float is not exact"),
        (lambda: wagner_whitin([0, 1], [MICRO, MICRO], [1], 1), "1 of them for 2 days"),
        (lambda: silver_meal([0], [MICRO], -1, 1), "negative"),
        (lambda: silver_meal([0, 0], [1, 1], 1, 1), "day 0 after day 0"),
        (lambda: plan_lots([0], [1, 2], LotSizing()), "1 days and 2 quantities"),
        (lambda: plan_lots([4], [-MICRO], LotSizing()), "day 4: the requirement -1 is negative"),
        (lambda: OrderSizes(minimum=7 * MICRO, multiple=5 * MICRO, maximum=9 * MICRO), "no multiple of 5"),
        (lambda: OrderSizes(multiple=0), "multiple above 0"),
        (
            lambda: plan_lots([0], [1], LotSizing(rule=LotRule.FIXED_PERIOD, period_days=0)),
            "covers 1 day or more",
        ),
        (lambda: total_cost([3], [MICRO], [], 1, 1), "day 3: the lots leave 1 uncovered"),
    ],
)
def test_what_makes_no_lots_is_refused_with_its_place(call, words):
    with pytest.raises(InvalidLotSizing, match=words):
        call()
