"""Netting written plainly: whole numbers and fractions of Python, one item after the other, no arrays."""

from collections import defaultdict
from fractions import Fraction
from math import ceil

from planning.engine.lot_sizing import MICRO, LotRule, OrderSizes, silver_meal, wagner_whitin
from planning.engine.netting import RULES


def net_plainly(problem):
    """Per item: gross requirements, planned receipts, past due."""
    found = {}
    for item in parents_first(problem):
        gross = gross_requirements(problem, item, found)
        receipts = planned_receipts(problem, item, gross)
        found[item] = gross, receipts, sum(receipts[: lead_time(problem, item)])
    return [found[item] for item in range(len(problem.items.codes))]


def lead_time(problem, item):
    return int(problem.items.lead_time[item])


def bom_rows(problem):
    return [tuple(int(value) for value in row) for row in zip(*problem.bom.arrays(), strict=True)]


def quantities(rows):
    return [tuple(int(value) for value in row) for row in zip(*rows.arrays(), strict=True)]


def parents_first(problem):
    parents = defaultdict(set)
    for parent, component, *_ in bom_rows(problem):
        parents[component].add(parent)
    done = []
    while len(done) < len(problem.items.codes):
        done += [
            item
            for item in range(len(problem.items.codes))
            if item not in done and parents[item] <= set(done)
        ]
    return done


def gross_requirements(problem, item, found):
    gross = [0] * problem.buckets
    for owner, bucket, quantity in quantities(problem.requirements):
        if owner == item:
            gross[bucket] += quantity
    for parent, component, numerator, denominator, offset, first, end in bom_rows(problem):
        if component != item:
            continue
        releases = defaultdict(int)
        for due, quantity in enumerate(found[parent][1]):
            releases[max(due - lead_time(problem, parent), 0)] += quantity
        for release, quantity in releases.items():
            if first <= release < end and release + offset < problem.buckets:
                gross[release + offset] += ceil(Fraction(numerator, denominator) * quantity)
    return gross


def planned_receipts(problem, item, gross):
    items = problem.items
    buckets = problem.buckets
    arriving = [0] * buckets
    for owner, bucket, quantity in quantities(problem.scheduled_receipts):
        if owner == item and bucket < buckets:
            arriving[0 if items.receipts_move[item] else max(bucket, 0)] += quantity
    safety, fence, stock = (int(values[item]) for values in (items.safety_stock, items.fence, items.on_hand))

    def lack(until, received):
        """What is missing at the end of bucket ``until``."""
        return safety - (stock + sum(arriving[: until + 1]) + received - sum(gross[: until + 1]))

    sizes = sizes_of(problem, item)
    receipts = [0] * buckets
    stops = lot_ends(problem, item, [lack(bucket, 0) for bucket in range(buckets)])
    for bucket in range(fence, buckets):
        if lack(bucket, sum(receipts)) > 0:
            need = max(lack(later, sum(receipts)) for later in range(bucket, stops[bucket]))
            receipts[bucket] = sum(sizes.split(need))
    return receipts


def sizes_of(problem, item):
    items = problem.items
    return OrderSizes(
        minimum=int(items.minimum[item]),
        multiple=int(items.multiple[item]),
        maximum=int(items.maximum[item]) or None,
    )


def lot_ends(problem, item, lacks):
    items, buckets = problem.items, problem.buckets
    rule = RULES[items.rule[item]]
    ends = [bucket + 1 for bucket in range(buckets)]
    if rule is LotRule.FIXED_PERIOD:
        ends = [min(bucket + int(items.period[item]), buckets) for bucket in range(buckets)]
    if rule in (LotRule.WAGNER_WHITIN, LotRule.SILVER_MEAL):
        fence = int(items.fence[item])
        needs, most = [0] * buckets, 0
        for bucket in range(fence, buckets):
            needs[bucket], most = max(lacks[bucket] - most, 0), max(lacks[bucket], most)
        method = wagner_whitin if rule is LotRule.WAGNER_WHITIN else silver_meal
        setup, holding = (
            Fraction(int(values[item]), MICRO) for values in (items.order_cost, items.holding_cost)
        )
        for lot in method(range(buckets), needs, setup, holding):
            for bucket in range(lot.first, lot.stop):
                ends[bucket] = lot.stop
    return ends
