"""Outlines against the plans that they stand for, on random shops that are plain."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planning.engine.aggregate import AggregateOptions, plan_aggregate
from planning.engine.build import suppliable
from planning.engine.draft import lateness_cost
from planning.engine.factory_codec import factory_from_json, resolve
from planning.engine.improve import Search
from planning.engine.material import Material
from planning.engine.moves import SOON, Moves, Settings
from planning.engine.outline.netted import Netted, Netting
from planning.engine.outline.plain import PlainShop
from planning.engine.outline.search import Climb, Outline
from planning.engine.outline.shifts import lot_shifts
from planning.engine.priorities import ListSearch
from planning.engine.shop import Shop, compile_shop
from planning.engine.shopfloor.generator import Runs, buffer_minutes
from planning.engine.timegrid import DAY
from planning.engine.trouble import find_obstacles

Row = dict[str, Any]


def plain_rows(seed: int) -> Row:
    """Two products that share parts, in lots of some size, on stations with alternates and queues."""
    draw = random.Random(seed)
    made, bought = ["A", "B", "C", "D"], ["P", "Q", "R"]
    bom = [
        {"parent": parent, "component": part, "qty": draw.choice((1, 2, 0.3)), "operation": 10}
        for parent, parts in (("A", "CDP"), ("B", "CQ"), ("C", "PR"), ("D", "QR"))
        for part in parts
    ]
    routings: Row = {}
    for code in made:
        routings[code] = [
            {"seq": 10, "work_centre": draw.choice("XYZ"), "run_h": draw.choice((0.5, 2, 3.3)), "setup_h": 1},
            {"seq": 20, "external_days": 3}
            if draw.random() < 0.3
            else {
                "seq": 20,
                "work_centre": draw.choice("XYZ"),
                "run_h": draw.choice((0, 1)),
                "queue_h": draw.choice((0, 4)),
                "unattended_h": draw.choice((0, 5)),
                "alternates": [{"work_centre": "W", "speed": 0.5}],
            },
        ]
    sizes = [{}, {"order_multiple": 1}, {"min_order": 4}, {"order_multiple": 2, "max_order": 6}]
    return {
        "format": "factory-1",
        "name": "plain",
        "as_of": "2024-01-01",
        "time_zone": draw.choice(("UTC", "Europe/Berlin")),
        "horizon_end": "2024-12-01",
        "calendars": [
            {"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}]},
            {"code": "LONG", "shifts": [{"days": [0, 1, 2, 3, 4, 5], "start": "06:00", "end": "22:00"}]},
        ],
        "work_centres": [
            {"code": code, "calendar": draw.choice(("DAY", "LONG")), "stations": draw.randint(1, 3)}
            for code in "XYZW"
        ],
        "items": [{"code": code, "kind": "make", **draw.choice(sizes)} for code in made]
        + [{"code": code, "kind": "buy", "lead_time_days": draw.randint(5, 60)} for code in bought],
        "routings": routings,
        "bom": bom,
        "stock": [{"item": code, "qty": draw.randint(1, 30)} for code in draw.sample(made + bought, 4)],
        "suppliers": [{"code": "S"}],
        "purchase_orders": [
            {"ref": "PO-1", "supplier": "S", "item": "P", "qty": 40, "due": "2024-01-20"},
            {"ref": "PO-2", "supplier": "S", "item": "R", "qty": 15, "due": "2024-02-05"},
        ],
        "customers": [{"code": "K"}],
        "sales_orders": [
            {
                "ref": f"SO-{number:02d}",
                "customer": "K",
                "lines": [
                    {
                        "line": 1,
                        "item": draw.choice("AAB" if seed % 2 else "ABC"),
                        "qty": draw.randint(1, 12),
                        "due": f"2024-0{draw.randint(1, 5)}-{draw.randint(1, 28):02d}",
                        "priority": draw.randint(1, 3),
                    }
                ],
            }
            for number in range(25)
        ],
    }


def searched(rows: Row) -> Search:
    shop = compile_shop(resolve(factory_from_json(rows)))
    scope, netted = suppliable(shop, find_obstacles(shop))
    return Search(shop, plan_aggregate(shop, AggregateOptions(), scope), scope, 0, netted)


def settings_of(search: Search, draw: random.Random) -> Settings:
    """Any that outlines know."""
    moves = Moves(search.shop, draw.randint(0, 999))
    found = replace(moves.start(draw.randint(0, 8)), is_level=False, buffer_days=draw.choice((SOON, 20.0)))
    for _ in range(12):
        found = moves.of_lots(found, [1] * len(search.shop.demands))
    days = [draw.randint(-9, 9) * DAY if draw.random() < 0.5 else 0 for _ in search.shop.demands]
    return replace(found, pull=tuple(days), shifts=tuple(days[::-1]))


def outlined(search: Search, settings: Settings) -> tuple[Netting, Netted]:
    plain = PlainShop.of(search.shop, search.scope, search.generator.plan)
    assert plain is not None
    netting = Netting(search.shop, search.scope, plain, search.generator.plan)
    netted = netting.run(settings)
    assert netted is not None
    return netting, netted


def pegs_of(material: Material) -> list[tuple[int, int, int, int, int]]:
    """Of what is made: the lot (-1: stock), how much, for which lot and step, or for which demand."""
    return [
        (
            -1 if peg.supply.lot is None else peg.supply.lot.number,
            peg.quantity,
            -1 if peg.lot is None else peg.lot.number,
            peg.step,
            peg.demand,
        )
        for peg in material.pegs
    ]


@pytest.mark.parametrize("seed", range(12))
def test_an_outline_nets_what_a_plan_nets(seed: int) -> None:
    search, draw = searched(plain_rows(seed)), random.Random(seed)
    settings = settings_of(search, draw)

    _, netted = outlined(search, settings)

    material = search._material(settings, search.scope, {})
    assert [(lot.item, lot.quantity, lot.need) for lot in material.lots] == [
        (each.made.item, *row)
        for each in netted.items
        for row in zip(each.quantity.tolist(), each.need.tolist(), strict=True)
    ]
    assert [lot.latest_starts for lot in material.lots] == [
        row for each in netted.items for row in each.latest.tolist()
    ]
    assert [lot.bought_ready for lot in material.lots] == [
        row for each in netted.items for row in each.bought.tolist()
    ]
    columns = ("lot", "quantity", "user", "step", "demand")
    assert pegs_of(material) == [
        row
        for pegs in netted.pegs
        for row in zip(*(getattr(pegs, name).tolist() for name in columns), strict=True)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_an_outline_is_late_as_its_plan_is(seed: int) -> None:
    search, draw = searched(plain_rows(seed)), random.Random(seed)
    settings = settings_of(search, draw)
    assert search.outlines is not None
    material = search._material(settings, search.scope, {})
    labour = search.labour.with_reserve(settings.extra)
    trial = search.generator.trial(
        material, labour, buffer=buffer_minutes(settings.buffer_days), split_hours=settings.split_hours()
    )
    by_lot = ListSearch(search.shop, material, trial, 0).by_lot(settings.shifts)
    netting, netted = outlined(search, settings)
    work = netting.work(netted, settings, search.generator.near_work)

    assert lot_shifts(search.shop, netted, settings.shifts).tolist() == by_lot.tolist()
    for name in trial.plan.work.ops.dtype.names:
        assert np.array_equal(work.work.ops[name], trial.plan.work.ops[name]), name
    schedule = trial.outline(by_lot)
    done = Runs(work, labour, buffer_minutes(settings.buffer_days)).done(by_lot)
    assert done.tolist() == schedule.done
    found = search.outlines.outline(settings)
    assert found is not None
    assert found.late == pytest.approx(lateness_cost(search.shop, search._ship(material, schedule)))


@pytest.mark.parametrize("seed", range(6))
def test_what_is_due_by_a_day_is_netted_as_if_nothing_else_was_ordered(seed: int) -> None:
    rows = plain_rows(seed)
    last = "2024-03-15"
    few = [order for order in rows["sales_orders"] if order["lines"][0]["due"] <= last]
    search, alone = searched(rows), searched(rows | {"sales_orders": few})
    settings = replace(search.moves.start(4), is_level=False, buffer_days=SOON)
    netting, _ = outlined(search, settings)
    until = max(demand.due_minute for demand in alone.shop.demands)

    netted = netting.run(settings, until)

    _, expected = outlined(alone, replace(alone.moves.start(4), is_level=False, buffer_days=SOON))
    assert netted is not None
    assert [(each.made.item, each.quantity.tolist(), each.need.tolist()) for each in netted.items] == [
        (each.made.item, each.quantity.tolist(), each.need.tolist()) for each in expected.items
    ]


def _one_order(due: str) -> Search:
    line = {"line": 1, "item": "C", "qty": 1, "due": due, "late_cost_per_day": 100, "late_cost_fixed": 3000}
    return searched(
        plain_rows(1) | {"stock": [], "sales_orders": [{"ref": "SO", "customer": "K", "lines": [line]}]}
    )


def test_a_unit_that_comes_late_lacks_as_many_days_as_it_is_late() -> None:
    search = _one_order("2024-01-03")
    assert search.outlines is not None
    settings = replace(search.moves.start(4), is_level=False, buffer_days=SOON)

    outline = search.outlines.outline(settings)

    assert outline is not None
    assert outline.days[0] > 0
    assert outline.late == pytest.approx(outline.days[0] * 100 + 3000)
    assert outline.gap == pytest.approx(outline.days[0] * (100 + 3000 / 30))


def test_nothing_lacks_where_all_come_in_time() -> None:
    search = _one_order("2024-09-03")
    assert search.outlines is not None
    outline = search.outlines.outline(replace(search.moves.start(4), is_level=False, buffer_days=SOON))
    assert outline is not None
    assert (outline.late, outline.gap) == (0, 0)


@pytest.mark.parametrize("seed", range(4))
def test_a_search_ends_no_worse_than_it_begins(seed: int) -> None:
    search = searched(plain_rows(seed))
    assert search.outlines is not None
    begin = replace(search.moves.start(4), is_level=False, buffer_days=SOON)
    first = search.outlines.outline(begin)
    assert first is not None

    found = search.outlines.climb(begin, seed, 2)

    assert found is not None
    assert found.trail == 2
    assert found.end.score <= first.score
    assert found.least.late <= first.late
    assert search.outlines.outline(found.end.settings) == found.end
    assert search.outlines.climb(begin, seed, 2) == found


def test_the_best_of_several_trails_goes_on() -> None:
    search = searched(plain_rows(1))
    first = search.propose(0)
    search.consider(first.settings, search.decode(first))
    begin = replace(search.moves.start(4), is_level=False, buffer_days=SOON)
    for trail, gap in enumerate((30.0, 10.0, 20.0)):
        outline = Outline(replace(begin, slack=2 + trail / 10), 50.0, gap, [1] * len(search.shop.demands))
        search.consider(begin, Climb(outline, outline, trail))

    on = [search.propose(number) for number in (1, 3, 5, 99)]

    assert all(each.is_outline for each in on)
    assert [(each.trail, round(each.settings.slack, 1)) for each in on] == [
        (1, 2.1),
        (0, 2.0),
        (2, 2.2),
        (1, 2.1),
    ]


def _shop(**changed: object) -> tuple[Shop, Search]:
    search = searched(plain_rows(1) | changed)
    return search.shop, search


@pytest.mark.parametrize(
    "changed",
    [
        {"work_orders": [{"ref": "WO", "item": "C", "qty": 2, "due": "2024-02-01"}]},
        {"by_products": [{"parent": "C", "item": "R", "qty": 1}]},
        {"sources": [{"item": "A", "supplier": "S", "lead_time_days": 5, "unit_cost": 1}]},
        {"sources": [{"item": "P", "supplier": "S", "lead_time_days": 5, "capacity_per_week": 9}]},
    ],
)
def test_a_shop_that_outlines_know_too_little_of_has_none(changed: Row) -> None:
    assert _shop()[1].outlines is not None
    assert _shop(**changed)[1].outlines is None
