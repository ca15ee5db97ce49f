"""What a netting problem must be, each rule with the item it is about and the remedy."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from planning.engine.errors import FactoryIssue
from planning.engine.lot_sizing import LotRule
from planning.engine.netting.errors import InvalidNetting, refusal

if TYPE_CHECKING:
    from planning.engine.netting.problem import Items, NettingProblem, Quantities

MOST = 10**15  # 1e9 units, in millionths
MOST_BUCKETS = 100_000
MOST_PER_UNIT = 10**12
MOST_DENOMINATOR = 10**9
SHOWN = 20  # of one rule

type Flags = npt.NDArray[np.bool_]


def check_problem(problem: "NettingProblem") -> None:
    """Raise ``InvalidNetting`` with every rule that is broken."""
    if not 1 <= problem.buckets <= MOST_BUCKETS:
        raise refusal("/buckets", f"expected 1 to {MOST_BUCKETS} buckets, got {problem.buckets}")
    _check_shapes(problem)
    issues = [*_item_issues(problem.items)]
    issues += _quantity_issues("requirements", problem, problem.requirements, problem.buckets)
    issues += _quantity_issues("scheduled_receipts", problem, problem.scheduled_receipts, None)
    issues += _bom_issues(problem)
    if issues:
        raise InvalidNetting(issues)


def _check_shapes(problem: "NettingProblem") -> None:
    """Lengths agree, and every position names an item."""
    count = len(problem.items.codes)
    groups = {
        "items": problem.items.terms(),
        "requirements": problem.requirements.arrays(),
        "scheduled_receipts": problem.scheduled_receipts.arrays(),
        "bom": problem.bom.arrays(),
    }
    for name, arrays in groups.items():
        lengths = {len(array) for array in arrays} | ({count} if name == "items" else set())
        if len(lengths) > 1:
            raise refusal(f"/{name}", f"arrays of different lengths: {sorted(lengths)}")
    if len(set(problem.items.codes)) != count:
        raise refusal("/items", "the same code twice; every item needs a code of its own")
    places = {
        "requirements": [problem.requirements.item],
        "scheduled_receipts": [problem.scheduled_receipts.item],
        "bom": [problem.bom.parent, problem.bom.component],
    }
    for name, each in places.items():
        for array in each:
            if array.size and not 0 <= array.min() <= array.max() < count:
                raise refusal(f"/{name}", f"a position outside the {count} items")


def _item_issues(items: "Items") -> Iterator[FactoryIssue]:
    def issues(name: str, wrong: Flags, message: str) -> Iterator[FactoryIssue]:
        for index in np.flatnonzero(wrong)[:SHOWN]:
            yield FactoryIssue(path=f"/items/{items.codes[index]}/{name}", message=message)

    for name in ("on_hand", "safety_stock", "minimum", "maximum", "order_cost", "holding_cost"):
        values = getattr(items, name)
        yield from issues(name, (values < 0) | (values > MOST), "expected 0 to 1,000,000,000")
    for name in ("lead_time", "fence"):
        values = getattr(items, name)
        yield from issues(
            name, (values < 0) | (values > MOST_BUCKETS), f"expected 0 to {MOST_BUCKETS} buckets"
        )
    yield from issues("multiple", (items.multiple < 1) | (items.multiple > MOST), "expected more than 0")
    yield from issues("rule", (items.rule < 0) | (items.rule >= len(LotRule)), "not one of the lot rules")
    yield from issues(
        "period", (items.period < 1) | (items.period > MOST_BUCKETS), f"expected 1 to {MOST_BUCKETS} buckets"
    )
    step = np.maximum(items.multiple, 1)
    least = np.maximum(-(-items.minimum // step), 1) * step
    no_size = (items.maximum > 0) & (items.maximum // step * step < least)
    yield from issues("maximum", no_size, "no multiple lies between minimum and maximum; change one of them")


def _quantity_issues(
    name: str, problem: "NettingProblem", rows: "Quantities", end: int | None
) -> Iterator[FactoryIssue]:
    codes = problem.items.codes
    wrong = (rows.quantity < 0) | (rows.quantity > MOST)
    for row in np.flatnonzero(wrong)[:SHOWN]:
        yield FactoryIssue(
            path=f"/{name}/{row}",
            message=f"{codes[rows.item[row]]}: expected a quantity of 0 to 1,000,000,000",
        )
    outside = np.abs(rows.bucket) > MOST_BUCKETS if end is None else (rows.bucket < 0) | (rows.bucket >= end)
    remedy = (
        f"expected at most {MOST_BUCKETS} from now"
        if end is None
        else f"expected 0 to before {end}; what is late is 0"
    )
    for row in np.flatnonzero(outside)[:SHOWN]:
        yield FactoryIssue(
            path=f"/{name}/{row}", message=f"{codes[rows.item[row]]}: bucket {rows.bucket[row]}, {remedy}"
        )


def _bom_issues(problem: "NettingProblem") -> Iterator[FactoryIssue]:
    bom, codes = problem.bom, problem.items.codes

    def issues(wrong: Flags, message: str) -> Iterator[FactoryIssue]:
        for row in np.flatnonzero(wrong)[:SHOWN]:
            pair = f"{codes[bom.component[row]]} in {codes[bom.parent[row]]}"
            yield FactoryIssue(path=f"/bom/{row}", message=f"{pair}: {message}")

    yield from issues(
        (bom.denominator < 1) | (bom.denominator > MOST_DENOMINATOR),
        "the quantity per unit is a ratio whose denominator is 1 to 1,000,000,000",
    )
    whole = bom.numerator // np.maximum(bom.denominator, 1)
    yield from issues(
        (bom.numerator < 1) | (whole > MOST_PER_UNIT), "expected a quantity per unit above 0, up to 1e12"
    )
    yield from issues(
        (bom.first < 0) | (bom.end <= bom.first),
        "never counts; expected a first bucket of 0 or later, and an end after it",
    )
    yield from issues(
        (bom.offset < 0) | (bom.offset > problem.items.lead_time[bom.parent]),
        "taken outside the parent's lead time; expected an offset of 0 to that many buckets",
    )
