"""Which compiled loop makes schedules of lists: on a grid of moments where times are short, else on profiles.

Both give the same schedule of the same list. A decoder owns the room that it works in, so that each thread
has its own.
"""

from typing import Any, Protocol

import numpy as np

from planning.engine.scheduling.arrays import Prepared, Shop
from planning.engine.scheduling.loops import generate, grid
from planning.engine.scheduling.loops.breed import Brood

WORD = 63  # bits of a word that are used
MOST_MOMENTS = 1 << 17  # of a grid: 1 MB of words
MOST_MOMENTS_PER_TASK = 128  # beyond, to go through moments takes longer than to go through steps
PASSES = 3  # forward, backward, forward
GAIN = 6  # how much faster tasks are placed on a short grid
MANY_MOMENTS = 4_096  # of a grid that is twice as dear as the shortest


class Decoder(Protocol):
    """What turns lists into schedules; ``cost`` of one in tasks that are placed on profiles."""

    cost: float

    def decode(self, brood: Brood) -> None:
        """Fill ``modes``, ``starts`` and ``worth``, and put ``orders`` in the order of the starts."""


def decoder_of(prepared: Prepared) -> Decoder:
    """The one that suits the problem."""
    return OnGrid(prepared) if suits_grid(prepared) else OnProfiles(prepared.shop)


def suits_grid(prepared: Prepared) -> bool:
    """Whether times are short, the free units of a moment fit in a word, and nothing needs a profile."""
    shop = prepared.shop
    uses = np.diff(shop.use_start) > 0
    if np.any(shop.setup_base >= 0) or np.any(uses & (shop.duration == 0)):
        return False
    moments = prepared.horizon + int(shop.duration.max(initial=0))
    if moments > min(MOST_MOMENTS, MOST_MOMENTS_PER_TASK * shop.release.size):
        return False
    return sum(_widths(shop)) <= WORD


class OnProfiles:
    """Steps of free units per resource: any lengths, setups, tasks without duration."""

    def __init__(self, shop: Shop) -> None:
        resources, count = shop.capacity.size, shop.release.size
        steps = 2 * int(shop.width.max(initial=0)) + 4
        self.shop, self.cost = shop, float(PASSES * count)
        self.profile = generate.Profile(
            np.zeros((resources, steps), dtype=np.int64),
            np.zeros((resources, steps), dtype=np.int64),
            np.zeros(resources, dtype=np.int64),
            np.zeros((resources, steps), dtype=np.int64),
            np.zeros(resources, dtype=np.int64),
            np.zeros(count, dtype=np.int64),
            np.zeros(count, dtype=np.bool_),
            np.zeros(count + 1, dtype=np.int64),
        )

    def decode(self, brood: Brood) -> None:
        generate.generate_all(self.shop, self.profile, *brood, self.shop.is_tardiness == 0)


class OnGrid:
    """A word of free units per moment."""

    def __init__(self, prepared: Prepared) -> None:
        shop = prepared.shop
        count = shop.release.size
        moments = prepared.horizon + int(shop.duration.max(initial=0)) + 2
        # Where many tasks wait for nothing, each looks through many moments.
        self.cost = PASSES * count / GAIN * (1 + moments / MANY_MOMENTS)
        shift, full, guard = 0, 0, 0
        unit = np.zeros(shop.capacity.size, dtype=np.int64)
        for resource, width in enumerate(_widths(shop)):
            unit[resource] = 1 << shift
            full |= (int(shop.capacity[resource]) << shift) | (1 << (shift + width - 1))
            guard |= 1 << (shift + width - 1)
            shift += width
        need = np.zeros(shop.duration.size, dtype=np.int64)
        owners = np.repeat(np.arange(shop.duration.size), np.diff(shop.use_start))
        np.add.at(need, owners, shop.use_amount * unit[shop.use_resource])
        fields: dict[str, Any] = {name: getattr(shop, name, None) for name in grid.Grid._fields}
        fields |= {"need": need, "topo": np.argsort(shop.topo), "full": full, "guard": guard}
        self.grid = grid.Grid(**fields)
        self.room = grid.Room(
            np.full(moments, full, dtype=np.int64),
            np.zeros(moments + 2, dtype=np.int64),
            np.zeros(1, dtype=np.int64),
            np.zeros((5, count + 1), dtype=np.int64),
            np.zeros(shop.stock.size, dtype=np.int64),
            np.zeros(shop.due.size, dtype=np.int64),
        )

    def decode(self, brood: Brood) -> None:
        grid.generate_all(self.grid, self.room, *brood)


def _widths(shop: Shop) -> list[int]:
    """Bits of each resource's field: its capacity, and the bit above."""
    return [int(capacity).bit_length() + 1 for capacity in shop.capacity]
