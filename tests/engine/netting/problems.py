"""Random netting problems that mix every rule; quantities from a millionth to the limits of the format."""

from dataclasses import replace

from hypothesis import strategies as st

from planning.engine.lot_sizing import MICRO
from planning.engine.netting import RULES, BillOfMaterials, Items, NettingProblem, Quantities

pieces = st.integers(0, 60).map(lambda count: count * MICRO)
parts = st.integers(0, 60 * MICRO)
huge = st.integers(0, 10**15)
amounts = st.one_of(pieces, pieces, parts, huge)
money = st.one_of(st.just(0), st.integers(0, 200).map(lambda units: units * MICRO), st.integers(0, 10**15))


@st.composite
def problems(draw, max_items=6, max_buckets=14):
    buckets = draw(st.integers(1, max_buckets))
    count = draw(st.integers(1, max_items))
    items = draw(item_tables(count, buckets))
    return NettingProblem(
        buckets=buckets,
        items=items,
        requirements=draw(rows(count, 0, buckets - 1)),
        scheduled_receipts=draw(rows(count, -3, buckets + 2)),
        bom=draw(boms(count, items)),
    )


@st.composite
def item_tables(draw, count, buckets):
    def column(values):
        return draw(st.lists(values, min_size=count, max_size=count))

    minimum = column(st.one_of(st.just(0), amounts))
    multiple = column(st.one_of(st.just(1), st.just(5 * MICRO), st.integers(1, 7 * MICRO)))
    least = [max(-(-low // step), 1) * step for low, step in zip(minimum, multiple, strict=True)]
    # room above the least order; few orders for a need, so that lists stay short
    room = column(st.none() | st.integers(10**14, 10**15 - 10 * MICRO))
    maximum = [0 if extra is None or extra < low else extra for low, extra in zip(least, room, strict=True)]
    return Items.of(
        [f"item {index}" for index in range(count)],
        on_hand=column(st.one_of(st.just(0), amounts)),
        safety_stock=column(st.one_of(st.just(0), st.just(0), amounts)),
        lead_time=column(st.integers(0, buckets + 2)),
        fence=column(st.one_of(st.just(0), st.just(0), st.integers(0, buckets + 1))),
        rule=column(st.integers(0, len(RULES) - 1)),
        period=column(st.integers(1, buckets + 1)),
        minimum=minimum,
        multiple=multiple,
        maximum=maximum,
        order_cost=column(money),
        holding_cost=column(money),
        receipts_move=column(st.integers(0, 1)),
    )


def rows(count, first, last):
    row = st.tuples(st.integers(0, count - 1), st.integers(first, last), amounts)
    return st.lists(row, max_size=12).map(lambda found: Quantities.of(*zip(*found, strict=True)))


@st.composite
def boms(draw, count, items):
    level = draw(st.permutations(range(count)))
    pairs = [(a, b) for a in range(count) for b in range(count) if level[a] < level[b]]
    taken = draw(st.lists(st.sampled_from(pairs), max_size=10)) if pairs else []
    found = []
    for parent, component in taken:
        denominator = draw(st.one_of(st.just(1), st.integers(1, 97), st.integers(1, 10**9)))
        numerator = draw(st.integers(1, 4 * denominator))
        offset = draw(st.integers(0, int(items.lead_time[parent])))
        first = draw(st.one_of(st.just(0), st.just(0), st.integers(0, 5)))
        end = draw(st.one_of(st.just(2**31), st.integers(first + 1, first + 5)))
        found.append((parent, component, numerator, denominator, offset, first, end))
    return BillOfMaterials.of(*zip(*found, strict=True))


@st.composite
def changes(draw, problem):
    """The problem with one of its parts different."""
    count, buckets = len(problem.items.codes), problem.buckets
    part = draw(st.sampled_from(["requirements", "scheduled_receipts", "bom", "terms", "lead_time"]))
    if part == "requirements":
        return replace(
            problem, requirements=draw(one_row_changed(problem.requirements, 0, buckets - 1, count))
        )
    if part == "scheduled_receipts":
        changed = draw(one_row_changed(problem.scheduled_receipts, -3, buckets + 2, count))
        return replace(problem, scheduled_receipts=changed)
    if part == "bom":
        return replace(problem, bom=draw(boms(count, problem.items)))
    item = draw(st.integers(0, count - 1))
    if part == "lead_time":
        longer = problem.items.lead_time.copy()
        longer[item] += draw(st.integers(1, 3))
        return replace(problem, items=replace(problem.items, lead_time=longer))
    return replace(problem, items=draw(one_term_changed(problem.items, item)))


@st.composite
def one_row_changed(draw, table, first, last, count):
    """A row more, or one quantity different."""
    owner, bucket, quantity = (values.tolist() for values in table.arrays())
    if owner and draw(st.booleans()):
        quantity[draw(st.integers(0, len(owner) - 1))] = draw(amounts)
    else:
        owner.append(draw(st.integers(0, count - 1)))
        bucket.append(draw(st.integers(first, last)))
        quantity.append(draw(amounts))
    return Quantities.of(owner, bucket, quantity)


@st.composite
def one_term_changed(draw, items, item):
    name, values = draw(
        st.sampled_from(
            [
                ("on_hand", amounts),
                ("safety_stock", amounts),
                ("rule", st.integers(0, len(RULES) - 1)),
                ("period", st.integers(1, 5)),
                ("order_cost", money),
                ("fence", st.integers(0, 5)),
                ("receipts_move", st.integers(0, 1)),
            ]
        )
    )
    changed = getattr(items, name).copy()
    changed[item] = draw(values)
    return replace(items, **{name: changed})
