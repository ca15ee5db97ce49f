"""Who gets the units of an item when there are not enough of them in time."""

import random
from itertools import permutations

from planning.engine.shopfloor.deliveries import FAR, Wanted, serving_order

UNIT = 1_000_000


def _cost(demands: list[Wanted], supplies: list[tuple[int, int]], order: list[int]) -> float:
    """Lateness of serving ``demands`` in ``order``, unit by unit."""
    units = [FAR if day < 0 else day for day, quantity in supplies for _ in range(quantity // UNIT)]
    cost, used = 0.0, 0
    for each in order:
        demand = demands[each]
        used += demand.quantity // UNIT
        days_late = units[used - 1] - demand.due
        if days_late > 0:
            cost += demand.once + demand.daily * days_late
    return cost


def _drawn(draw: random.Random, count: int, days: int) -> tuple[list[Wanted], list[tuple[int, int]]]:
    demands = [
        Wanted(
            draw.randint(1, 5) * UNIT,
            draw.randint(0, days),
            draw.choice((1.0, 2.0, 3.0)),
            draw.choice((0.0, 10.0)),
        )
        for _ in range(count)
    ]
    left, day, supplies = sum(each.quantity for each in demands), 0, list[tuple[int, int]]()
    while left:
        quantity = min(left, draw.randint(1, 4) * UNIT)
        day += draw.randint(0, 4)
        supplies.append((day, quantity))
        left -= quantity
    if draw.random() < 0.2:
        supplies[-1] = (-1, supplies[-1][1])
    return demands, supplies


def test_by_due_day_when_all_are_in_time() -> None:
    demands = [Wanted(UNIT, due, 1.0, 5.0) for due in (9, 3, 6)]
    assert serving_order(demands, [(3, UNIT), (5, 2 * UNIT)]) == [1, 2, 0]


def test_one_large_demand_waits_instead_of_many_small_ones() -> None:
    demands = [Wanted(4 * UNIT, 1, 1.0, 5.0), *(Wanted(UNIT, 2, 1.0, 5.0) for _ in range(4))]
    assert serving_order(demands, [(1, 4 * UNIT), (8, 4 * UNIT)])[-1] == 0


def test_few_demands_are_served_at_least_cost() -> None:
    draw = random.Random(5)
    dearer = total = 0.0
    for _ in range(60):
        demands, supplies = _drawn(draw, 6, 12)
        least = min(_cost(demands, supplies, list(order)) for order in permutations(range(6)))
        dearer += _cost(demands, supplies, serving_order(demands, supplies)) - least
        total += least
    assert dearer <= 0.01 * total


def _least_for(demands: list[Wanted], missing: int, days: int) -> float:
    """The least that it costs to let ``missing`` units wait for so many days: exact, unit by unit."""
    costs = [0.0] + [float("inf")] * missing
    for each in demands:
        units, price = each.quantity // UNIT, each.once + days * each.daily
        for left in range(missing, 0, -1):
            costs[left] = min(costs[left], price + costs[max(0, left - units)])
    return costs[missing]


def test_of_many_demands_those_wait_that_cost_about_the_least() -> None:
    draw = random.Random(0)
    cost = least = 0.0
    for _ in range(8):
        demands = [
            Wanted(
                draw.randint(1, 30) * UNIT,
                10,
                draw.choice((333.0, 500.0, 1_000.0)),
                draw.choice((20_000.0, 30_000.0, 60_000.0)),
            )
            for _ in range(200)
        ]
        wanted = sum(each.quantity for each in demands) // UNIT
        missing = draw.randint(100, 200)
        supplies = [(10, (wanted - missing) * UNIT), (45, missing * UNIT)]
        cost += _cost(demands, supplies, serving_order(demands, supplies))
        least += _least_for(demands, missing, 35)
    assert cost <= 1.01 * least


def test_the_same_demands_are_served_the_same_way() -> None:
    demands, supplies = _drawn(random.Random(8), 60, 50)
    assert serving_order(demands, supplies) == serving_order(demands, supplies)


def test_each_demand_is_served_once() -> None:
    draw = random.Random(13)
    for _ in range(40):
        demands, supplies = _drawn(draw, draw.randint(2, 40), 30)
        assert sorted(serving_order(demands, supplies)) == list(range(len(demands)))
