"""Search over how lots are cut by outlines alone: what is late, without the plan that makes it so.

An outline nets a plain shop, runs the generator and hands out what comes, all in arrays: a tenth of the time
of a round or less. It is the same netting and the same schedule that a round makes of its settings. Cost: an
outline for each try.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from planning.engine.draft import LatePrice
from planning.engine.labour import PlannedLabour
from planning.engine.moves import PORTFOLIO, SOON, Moves, Settings
from planning.engine.outline.lateness import Lateness
from planning.engine.outline.netted import Netting
from planning.engine.outline.plain import PlainShop
from planning.engine.outline.shifts import lot_shifts
from planning.engine.scope import Scope
from planning.engine.shop import Shop
from planning.engine.shopfloor.generator import Generator, Runs, buffer_minutes

MOST_TRIES = 12
LOOKS = 10_000_000  # at who waits; a plan takes more of them


class Outline(NamedTuple):
    """Settings, what their late deliveries cost, and how many days each demand is late."""

    settings: Settings
    late: float
    days: Sequence[int]


class OutlineSearch:
    """For one shop, scope and price of lateness; nothing of it changes from one search to the next."""

    def __init__(
        self,
        shop: Shop,
        generator: Generator,
        labour: PlannedLabour,
        lateness: Lateness,
        netting: Netting,
    ) -> None:
        self.shop, self.generator, self.labour = shop, generator, labour
        self.lateness, self.netting = lateness, netting

    @classmethod
    def of(
        cls, shop: Shop, scope: Scope, generator: Generator, labour: PlannedLabour, price: LatePrice
    ) -> "OutlineSearch | None":
        """None where outlines would leave out what plans know, or where people are to be found first."""
        plain = None if shop.skills else PlainShop.of(shop, scope, generator.plan)
        if plain is None:
            return None
        netting = Netting(shop, scope, plain, generator.plan)
        return cls(shop, generator, labour, Lateness(shop, price), netting)

    def outline(self, settings: Settings) -> Outline | None:
        """None where more is wanted than can ever be made, or nothing is."""
        netted = self.netting.run(settings)
        if netted is None or not netted.lots:
            return None
        work = self.netting.work(netted, settings, self.generator.near_work)
        runs = Runs(work, self.labour.with_reserve(settings.extra), buffer_minutes(settings.buffer_days))
        shifts = lot_shifts(self.shop, netted, settings.shifts) if any(settings.shifts) else None
        days = self.lateness.days(netted, runs.done(shifts), LOOKS)
        return Outline(settings, self.lateness.cost(days), days.tolist())

    def climb(self, begin: Settings, seed: int) -> Outline | None:
        """Changes of ``begin``, or of the best start where it asks for what outlines know nothing of, that
        make no more late, one after the other. None: more is wanted than can ever be made.
        """
        moves = Moves(self.shop, seed)
        starts = self._starts(moves) if begin.is_level else [begin]
        outlines = [each for each in map(self.outline, starts) if each is not None]
        found = min(outlines, key=lambda each: each.late, default=None)
        tries = MOST_TRIES
        while found is not None and tries > 0 and found.late > 0:
            tries -= 1
            changed = self.outline(moves.of_lots(found.settings, found.days))
            if changed is not None and changed.late <= found.late:
                found = changed
        return found

    @staticmethod
    def _starts(moves: Moves) -> list[Settings]:
        """The portfolio as outlines know it: all work as soon as it can be."""
        starts = [moves.start(number) for number in range(len(PORTFOLIO))]
        return [replace(each, is_level=False, buffer_days=SOON) for each in starts]
