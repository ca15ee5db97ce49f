"""What is netted: items by time buckets, as arrays, so that 100,000 items are one thing and not 100,000.

Quantities are ``int64`` millionths of a unit; buckets count from 0, the one that begins at the planning date.
Items are told apart by their position. ``rows`` builds the same from rows with decimals. Whatever is built is
checked, so that nothing downstream looks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from planning.engine.lot_sizing import LotRule

type Ints = npt.NDArray[np.int64]
type Numbers = Sequence[int] | Ints

RULES = tuple(LotRule)  # an item's rule is a position in here
FOREVER = 2**31  # the end of a row of a bill of materials that does not end


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Items:
    """What counts for each item; arrays of one length, ``codes`` included.

    ``lead_time``, ``fence``: buckets; no planned receipt is due before bucket ``fence``. ``period``:
    buckets that an order of a fixed period covers. ``maximum`` 0: none. ``order_cost`` per order and
    ``holding_cost`` per unit and bucket: millionths of money. ``receipts_move`` 1: scheduled receipts are
    taken to move in when they are needed earlier, so that no order is planned beside them; 0: they come
    when they are scheduled.
    """

    codes: tuple[str, ...]
    on_hand: Ints
    safety_stock: Ints
    lead_time: Ints
    fence: Ints
    rule: Ints
    period: Ints
    minimum: Ints
    multiple: Ints
    maximum: Ints
    order_cost: Ints
    holding_cost: Ints
    receipts_move: Ints

    @classmethod
    def of(cls, codes: Sequence[str], **given: Numbers) -> "Items":
        """Arrays where they are given; else no stock, no lead time, lot for lot, any size."""
        names = [field.name for field in fields(cls)][1:]
        if unknown := given.keys() - set(names):
            raise TypeError(f"Items has no {', '.join(sorted(unknown))}")
        ones = {"period", "multiple"}
        arrays = {
            name: ints(given[name])
            if name in given
            else np.full(len(codes), 1 if name in ones else 0, dtype=np.int64)
            for name in names
        }
        return cls(codes=tuple(codes), **arrays)

    def terms(self) -> tuple[Ints, ...]:
        """All arrays, in the order of the fields."""
        return tuple(getattr(self, field.name) for field in fields(self)[1:])


@dataclass(frozen=True, slots=True, eq=False)
class Quantities:
    """Sparse rows (item, bucket, quantity), several of which may share item and bucket."""

    item: Ints
    bucket: Ints
    quantity: Ints

    @classmethod
    def of(cls, item: Numbers = (), bucket: Numbers = (), quantity: Numbers = ()) -> "Quantities":
        return cls(ints(item), ints(bucket), ints(quantity))

    def arrays(self) -> tuple[Ints, Ints, Ints]:
        return self.item, self.bucket, self.quantity


@dataclass(frozen=True, slots=True, eq=False)
class BillOfMaterials:
    """One unit of ``parent`` takes ``numerator / denominator`` units of ``component``, scrap included.

    It is taken ``offset`` buckets after the parent's release: 0 to the parent's lead time. A row counts for
    what its parent releases in buckets ``first`` to before ``end``. A component may stand in several rows of
    a parent.
    """

    parent: Ints
    component: Ints
    numerator: Ints
    denominator: Ints
    offset: Ints
    first: Ints
    end: Ints

    @classmethod
    def of(
        cls,
        parent: Numbers = (),
        component: Numbers = (),
        numerator: Numbers = (),
        denominator: Numbers | None = None,
        offset: Numbers | None = None,
        first: Numbers | None = None,
        end: Numbers | None = None,
    ) -> "BillOfMaterials":
        """Where nothing else is given, whole units that are taken at once, in every bucket."""

        def column(values: Numbers | None, usual: int) -> Ints:
            return np.full(len(parent), usual, dtype=np.int64) if values is None else ints(values)

        return cls(
            ints(parent),
            ints(component),
            ints(numerator),
            column(denominator, 1),
            column(offset, 0),
            column(first, 0),
            column(end, FOREVER),
        )

    def arrays(self) -> tuple[Ints, ...]:
        """All arrays, in the order of the fields."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NettingProblem:
    """Everything that one netting run is made from.

    ``requirements`` are the independent ones (orders, forecasts), in buckets 0 to before ``buckets``. A
    scheduled receipt in a bucket below 0 is past due and taken to come in bucket 0; one at or after
    ``buckets`` does not come in the horizon. Raises ``InvalidNetting`` with everything that is wrong.
    """

    buckets: int
    items: Items
    requirements: Quantities
    scheduled_receipts: Quantities
    bom: BillOfMaterials

    def __post_init__(self) -> None:
        # Imported here: the check looks at this module's types.
        from planning.engine.netting.check import check_problem

        check_problem(self)


def ints(values: Numbers) -> Ints:
    """``values`` as int64; never rounded."""
    array = np.asarray(values)
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"expected whole numbers, got {array.dtype}")
    return array.astype(np.int64, copy=False)
