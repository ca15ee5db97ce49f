"""Search over how lots are cut by outlines alone: what is late, without the plan that makes it so.

An outline nets a plain shop, runs the generator and hands out what comes, all in arrays: a tenth of the time
of a round or less. It is the same netting and the same schedule that a round makes of its settings. Compared
is what late deliveries cost, and what it costs that units lack while they are due: few changes make one
delivery less late, but many let units come sooner. A change is looked at for what is due until nothing is
late any more, and only what is better there for all demands. Cost: an outline for each try.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from planning.engine.draft import LatePrice
from planning.engine.labour import PlannedLabour
from planning.engine.moves import PORTFOLIO, SOON, Moves, Settings
from planning.engine.outline.lateness import Lateness
from planning.engine.outline.netted import Netted, Netting, OutlineWork
from planning.engine.outline.plain import PlainShop
from planning.engine.outline.shifts import lot_shifts
from planning.engine.scope import Scope
from planning.engine.shop import Shop
from planning.engine.shopfloor.arrays import Work
from planning.engine.shopfloor.generator import Generator, Runs, buffer_minutes
from planning.engine.timegrid import DAY

MOST_TRIES = 24
DRAWS = 3  # for each try, of changes that may change nothing
LOOKS = 3_000_000  # at who waits; a plan takes more of them
AFTER_DAYS = 28  # after the last late day, of which the work may hold up what is late
WORTH_CUTTING = 0.8  # of all demands: of more all are looked at


class Outline(NamedTuple):
    """Settings, what their late deliveries cost, what the ``gap`` does, and how many days each demand is
    late.
    """

    settings: Settings
    late: float
    gap: float
    days: Sequence[int]

    @property
    def score(self) -> float:
        """What the search makes less."""
        return self.late + self.gap


class Climb(NamedTuple):
    """Where a ``trail`` of search came to, by ``score``, and the outline of all of it that is least late."""

    end: Outline
    least: Outline
    trail: int


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
        asked = self._asked(settings, None)
        return None if asked is None else self._seen(settings, *asked, None)

    def climb(self, begin: Settings, seed: int, trail: int = 0) -> Climb | None:
        """Changes of ``begin``, or of the best start where it asks for what outlines know nothing of, that
        make it no worse, one after the other. None: more is wanted than can ever be made.
        """
        moves = Moves(self.shop, seed)
        starts = self._starts(moves) if begin.is_level else [begin]
        outlines = [each for each in map(self.outline, starts) if each is not None]
        if not outlines:
            return None
        found = min(outlines, key=lambda each: each.score)
        least = min(outlines, key=lambda each: each.late)
        tries, draws = MOST_TRIES, DRAWS * MOST_TRIES
        until = self._until(found)
        known = self._work(found.settings, until)
        while tries > 0 and draws > 0 and least.late > 0:
            draws -= 1
            settings = moves.of_lots(found.settings, found.days)
            asked = self._asked(settings, until)
            if asked is None or (known is not None and _is_same(asked[1].work, known)):
                continue
            tries -= 1
            changed = self._seen(settings, *asked, until)
            if changed.score <= found.score and until is not None:
                changed = self.outline(settings) or found
            if changed.score <= found.score and changed is not found:
                found, until = changed, self._until(changed)
                known = self._work(settings, until)
                least = found if found.late < least.late else least
        return Climb(found, least, trail)

    def _asked(self, settings: Settings, until: int | None) -> tuple[Netted, OutlineWork] | None:
        """The lots of what is due by ``until`` (None: of all), and what they ask of the shop floor."""
        netted = self.netting.run(settings, until)
        if netted is None or not netted.lots:
            return None
        return netted, self.netting.work(netted, settings, self.generator.near_work)

    def _work(self, settings: Settings, until: int | None) -> Work | None:
        asked = self._asked(settings, until)
        return None if asked is None else asked[1].work

    def _seen(self, settings: Settings, netted: Netted, work: OutlineWork, until: int | None) -> Outline:
        runs = Runs(work, self.labour.with_reserve(settings.extra), buffer_minutes(settings.buffer_days))
        shifts = lot_shifts(self.shop, netted, settings.shifts) if any(settings.shifts) else None
        late = self.lateness.of(netted, runs.done(shifts), LOOKS, until)
        return Outline(settings, self.lateness.cost(late.days), late.gap, late.days.tolist())

    def _until(self, outline: Outline) -> int | None:
        """The minute by which what holds up late demands is due; None: about all of it does."""
        demands = self.shop.demands
        last = max(
            (each.due_minute + days * DAY for each, days in zip(demands, outline.days, strict=True) if days),
            default=0,
        )
        until = last + AFTER_DAYS * DAY
        inside = sum(each.due_minute <= until for each in demands)
        return until if inside <= WORTH_CUTTING * len(demands) else None

    @staticmethod
    def _starts(moves: Moves) -> list[Settings]:
        """The portfolio as outlines know it: all work as soon as it can be."""
        starts = [moves.start(number) for number in range(len(PORTFOLIO))]
        return [replace(each, is_level=False, buffer_days=SOON) for each in starts]


def _is_same(work: Work, other: Work) -> bool:
    """Whether the generator would do the same."""
    return (
        np.array_equal(work.streams, other.streams)
        and np.array_equal(work.ops, other.ops)
        and np.array_equal(work.uses, other.uses)
    )
