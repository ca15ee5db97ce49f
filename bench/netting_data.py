"""A factory for netting, of any size: items on eight levels, as many requirements, ten times as many rows of
bills of materials, 104 weeks. ``net_in_plain_python`` is what netting it is compared with.
"""

import numpy as np

from planning.engine.lot_sizing import MICRO, LotRule, silver_meal, wagner_whitin
from planning.engine.netting import RULES, BillOfMaterials, Items, NettingProblem, Quantities

LEVELS = 8
WEEKS = 104
ROWS_PER_ITEM = 10
SCRAP = 0.1  # share of the rows with scrap, whose quantity per unit is no whole number
RULE_SHARES = {
    LotRule.LOT_FOR_LOT: 0.75,
    LotRule.FIXED_PERIOD: 0.15,
    LotRule.WAGNER_WHITIN: 0.05,
    LotRule.SILVER_MEAL: 0.05,
}


def factory(count: int, seed: int = 1) -> NettingProblem:
    """``count`` items, an eighth of them on each level; only those of the first are sold."""
    rng = np.random.default_rng(seed)
    per_level = count // LEVELS
    return NettingProblem(
        buckets=WEEKS,
        items=_items(rng, count),
        requirements=Quantities.of(
            rng.integers(0, per_level, count),
            rng.integers(0, WEEKS, count),
            rng.integers(1, 21, count) * MICRO,
        ),
        scheduled_receipts=Quantities.of(
            rng.integers(0, count, count // 5),
            rng.integers(0, 8, count // 5),
            rng.integers(1, 300, count // 5) * MICRO,
        ),
        bom=_bom(rng, count, per_level),
    )


def _items(rng: np.random.Generator, count: int) -> Items:
    rules = [RULES.index(rule) for rule in RULE_SHARES]
    return Items.of(
        [f"item {number}" for number in range(count)],
        on_hand=rng.integers(0, 200, count) * MICRO,
        safety_stock=np.where(rng.random(count) < 0.3, rng.integers(0, 20, count), 0) * MICRO,
        lead_time=rng.integers(1, 7, count),
        rule=rng.choice(rules, count, p=list(RULE_SHARES.values())),
        period=rng.integers(2, 5, count),
        minimum=np.where(rng.random(count) < 0.2, 50 * MICRO, 0),
        multiple=np.where(rng.random(count) < 0.3, 10 * MICRO, 1),
        order_cost=rng.integers(20, 200, count) * MICRO,
        holding_cost=rng.integers(1, 50, count) * MICRO // 100,
    )


def _bom(rng: np.random.Generator, count: int, per_level: int) -> BillOfMaterials:
    """Most components are of the next level, some of deeper ones."""
    rows = ROWS_PER_ITEM * count
    parent = rng.integers(0, count - per_level, rows)
    level = parent // per_level + 1
    deeper = np.where(rng.random(rows) < 0.3, rng.integers(0, LEVELS, rows), 0)
    component = np.minimum(level + deeper, LEVELS - 1) * per_level + rng.integers(0, per_level, rows)
    numerator, denominator = rng.integers(1, 5, rows), np.ones(rows, dtype=np.int64)
    is_scrapped = rng.random(rows) < SCRAP
    numerator[is_scrapped] *= 100
    denominator[is_scrapped] = 97
    return BillOfMaterials.of(parent, component, numerator, denominator)


def net_in_plain_python(problem: NettingProblem) -> list[list[int]]:
    """Planned receipts by the same rules for ``factory``'s data, in loops over lists.

    Items of ``factory`` stand in the order of their levels, so parents come first.
    """
    items, buckets = problem.items, problem.buckets
    gross, arriving = ([[0] * buckets for _ in items.codes] for _ in range(2))
    for table, rows in ((gross, problem.requirements), (arriving, problem.scheduled_receipts)):
        for item, bucket, quantity in zip(*(column.tolist() for column in rows.arrays()), strict=True):
            table[item][bucket] += quantity
    takes: list[list[tuple[int, int, int]]] = [[] for _ in items.codes]
    columns = [column.tolist() for column in problem.bom.arrays()[:4]]
    for parent, component, above, below in zip(*columns, strict=True):
        takes[parent].append((component, above, below))
    planned = []
    terms = zip(*(column.tolist() for column in items.terms()), strict=True)
    for item, (on_hand, safety, lead, _, rule, period, least, multiple, _, setup, holding, _) in enumerate(
        terms
    ):
        flow = [come - go for come, go in zip(arriving[item], gross[item], strict=True)]
        stops = _stops(RULES[rule], period, on_hand - safety, flow, setup, holding)
        receipts, balance = [0] * buckets, on_hand - safety
        for bucket in range(buckets):
            balance += flow[bucket]
            if balance < 0:
                lowest = ahead = balance
                for later in range(bucket + 1, stops[bucket]):
                    ahead += flow[later]
                    lowest = min(lowest, ahead)
                receipts[bucket] = max(-(lowest // multiple) * multiple, -(-least // multiple) * multiple)
                balance += receipts[bucket]
        releases = [sum(receipts[: lead + 1]), *receipts[lead + 1 :]]
        for component, above, below in takes[item]:
            row = gross[component]
            for bucket, quantity in enumerate(releases):
                if quantity:
                    row[bucket] += -(-quantity * above // below)
        planned.append(receipts)
    return planned


def _stops(rule: LotRule, period: int, balance: int, flow: list[int], setup: int, holding: int) -> list[int]:
    buckets = len(flow)
    reach = period if rule is LotRule.FIXED_PERIOD else 1
    stops = [min(bucket + reach, buckets) for bucket in range(buckets)]
    if rule in (LotRule.WAGNER_WHITIN, LotRule.SILVER_MEAL):
        needs, covered = [], 0
        for change in flow:
            balance += change
            needs.append(max(-balance - covered, 0))
            covered += needs[-1]
        method = wagner_whitin if rule is LotRule.WAGNER_WHITIN else silver_meal
        for lot in method(range(buckets), needs, setup, holding):
            stops[lot.first : lot.stop] = [lot.stop] * (lot.stop - lot.first)
    return stops
