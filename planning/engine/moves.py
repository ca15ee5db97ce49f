"""Settings of the search, and how it changes them: a portfolio, then changes of the best so far."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod

from planning.engine.draft import Draft
from planning.engine.explain import Explainer
from planning.engine.mrp import ALWAYS, Stretch
from planning.engine.shop import Shop
from planning.engine.timegrid import DAY

MOST_STRETCHES = 6  # of an item
SOON = 2_000.0  # a buffer of so many days starts everything as soon as it can


@dataclass(frozen=True, slots=True)
class Settings:
    """One point of the search: how lots are cut (``lot_hours``, times ``shares[item]``, and ``window_days``,
    or ``windows[item]`` where that is not -1), and when they may start. ``stretches[item]``: for needs
    of some time its lots are so many times as long.

    A lot starts at most ``buffer_days`` before its latest start, which counts ``slack`` times its bare
    minutes. ``is_level``: the aggregate plan may ask for it earlier. ``extra[skill]`` is a share of hours
    beyond the aggregate plan's, ``pull[demand]`` the minutes by which to plan a demand earlier than it is
    due, below 0 later; ``shifts[demand]`` changes the priority of its lots alone. ``keeps``: the base plan
    stays as far as it can, ``shifts`` are by operation, and ``new_lots`` gives new demands lots of their own.
    """

    lot_hours: float
    window_days: int
    buffer_days: float
    slack: float
    is_level: bool
    extra: tuple[float, ...] = ()
    pull: tuple[int, ...] = ()
    shares: tuple[float, ...] = ()
    windows: tuple[int, ...] = ()
    stretches: tuple[tuple[Stretch, ...], ...] = ()
    shifts: tuple[int, ...] = ()
    keeps: bool = False
    new_lots: bool = False
    new_pegs: bool = False

    def split_hours(self) -> tuple[float, ...]:
        """By item: the most hours that lots aim at."""
        return tuple(
            self.lot_hours * share * prod(max(1.0, each.times) for each in stretches)
            for share, stretches in zip(self.shares, self.stretches, strict=True)
        )


PORTFOLIO = (
    Settings(24.0, 28, 20.0, 1.3, True),
    Settings(16.0, 3, SOON, 1.0, False),
    Settings(24.0, 28, 10.0, 1.3, True),
    Settings(40.0, 28, 20.0, 1.3, True),
    Settings(24.0, 7, 60.0, 1.3, False),
    Settings(16.0, 7, 30.0, 1.3, True),
    Settings(16.0, 0, SOON, 1.3, False),
    Settings(12.0, 0, SOON, 1.3, False),
    Settings(20.0, 0, 60.0, 1.3, False),
)


class Moves:
    """Proposes settings for one shop, by a seeded generator."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.random = random.Random(seed)  # noqa: S311 - a search, not a secret
        self.worked = [item for item, steps in enumerate(shop.routes) if any(s.centre >= 0 for s in steps)]

    def start(self, number: int) -> Settings:
        """Entry ``number`` of the portfolio."""
        return replace(
            PORTFOLIO[number % len(PORTFOLIO)],
            extra=(0.0,) * len(self.shop.skills),
            pull=(0,) * len(self.shop.demands),
            shares=(1.0,) * len(self.shop.items),
            windows=(-1,) * len(self.shop.items),
            stretches=((),) * len(self.shop.items),
            shifts=(0,) * len(self.shop.demands),
        )

    def change(self, settings: Settings, draft: Draft) -> Settings:
        """``settings`` with one or two changes for what is wrong with their ``draft``."""
        late = [index for index, days in enumerate(draft.late_days) if days]
        moves: list[Callable[[Settings, Draft], Settings]] = [
            self._other_lots,
            self._other_buffer,
            self._other_slack,
            self._other_window,
            self._give_back,
            self._give_more,
            self._give_back,
            self._other_level,
            self._other_shares,
            self._other_windows,
            self._other_shares,
            self._other_windows,
        ]
        if not self.shop.skills:
            moves = [self._other_lots, self._other_slack, self._other_window, self._other_buffer]
            moves += [self._other_shares] * 4 + [self._other_windows] * 2 + [self._other_stretches] * 6
        chosen = self.random.choice(moves)
        if late and self.random.random() < 0.5:
            rescue = self._rescue if self.random.random() < 0.5 else self._accept
            settings = rescue(settings, draft, late)
            if self.random.random() < 0.5:
                return settings
        return chosen(settings, draft)

    def of_lots(self, settings: Settings, late: Sequence[int]) -> Settings:
        """``settings`` with one change of how lots are cut; ``late``: days, by demand."""
        kind = self.random.random()
        if kind < 0.1:
            return self._other_lots(settings)
        if kind < 0.4:
            return self._other_shares(settings)
        if kind < 0.5:
            return self._other_windows(settings)
        if kind < 0.55:
            return self._other_slack(settings)
        if kind < 0.6:
            return self._other_window(settings)
        return self._for_a_while(settings, late)

    def _for_a_while(self, settings: Settings, late: Sequence[int]) -> Settings:
        """Longer or shorter lots of some items for needs of some weeks, about when demands are late."""
        due = [each.due_minute for each, days in zip(self.shop.demands, late, strict=True) if days]
        if not self.worked or not due:
            return settings
        begins = max(0, self.random.choice(due) + self.random.randint(-60, 21) * DAY)
        lasts = self.random.choice((7, 14, 21, 28, 60, 2_000)) * DAY
        times = self.random.choice((0.25, 0.5, 0.7, 1.4, 2.0))
        count = self.random.choice((1, 1, 2, 3, len(self.worked)))
        stretches = list(settings.stretches)
        for item in self.random.sample(self.worked, k=min(len(self.worked), count)):
            stretches[item] = (*stretches[item], Stretch(begins, begins + lasts, times))[-MOST_STRETCHES:]
        return replace(settings, stretches=tuple(stretches))

    def _rescue(self, settings: Settings, draft: Draft, late: list[int]) -> Settings:
        """Plan late demands earlier; half the time also give people to what their chains waited for."""
        pull = list(settings.pull)
        for index in late:
            days = draft.late_days[index] or 0
            grown = max(0, pull[index]) + (min(days, 10) + self.random.randint(0, 4)) * DAY
            pull[index] = max(0, min(grown, self.shop.demands[index].due_minute))
        pulled = replace(settings, pull=tuple(pull))
        return pulled if self.random.random() < 0.5 else self._reserve(pulled, draft)

    def _accept(self, settings: Settings, draft: Draft, late: list[int]) -> Settings:
        """Plan late demands for the day on which they come, so that others get their parts and stations."""
        pull = list(settings.pull)
        for index in late:
            pull[index] = -(draft.late_days[index] or 0) * DAY
        return replace(settings, pull=tuple(pull))

    def _reserve(self, settings: Settings, draft: Draft) -> Settings:
        """More people of two skills: those that the late units' chains waited for,
        else those most waited for.
        """
        weights = self._blamed(draft)
        if not any(weights):
            return settings
        extra = list(settings.extra)
        for skill in self.random.choices(range(len(weights)), weights=weights, k=2):
            extra[skill] = min(1.0, extra[skill] + self.random.choice((0.02, 0.05, 0.1)))
        return replace(settings, extra=tuple(extra))

    def _blamed(self, draft: Draft) -> list[float]:
        weights = [0.0] * len(self.shop.skills)
        if not weights:
            return weights
        for reasons in Explainer(self.shop, draft, {}).reasons().values():
            for reason in reasons:
                if reason.code == "AT_RISK_SKILL":
                    weights[self.shop.skill_index[reason.entity]] += reason.days
        if not any(weights):
            for (skill, _), count in draft.schedule.waits.items():
                weights[skill] += count
        return weights

    def _other_lots(self, settings: Settings, draft: Draft | None = None) -> Settings:
        hours = settings.lot_hours * self.random.choice((0.7, 0.85, 1.2, 1.4))
        return replace(settings, lot_hours=min(200.0, max(4.0, hours)))

    def _other_shares(self, settings: Settings, draft: Draft | None = None) -> Settings:
        """Longer or shorter lots of some items: setups cost stations, waiting costs days."""
        if not self.worked:
            return settings
        shares = list(settings.shares)
        for item in self.random.sample(
            self.worked, k=min(len(self.worked), self.random.choice((1, 1, 2, 3)))
        ):
            shares[item] = min(4.0, max(0.25, shares[item] * self.random.choice((0.5, 0.75, 1.3, 1.6, 2.0))))
        return replace(settings, shares=tuple(shares))

    def _other_stretches(self, settings: Settings, draft: Draft) -> Settings:
        """Longer or shorter lots from some day on: where parts have only just come, short ones are through
        soonest; where everything waits for stations, long ones leave more time beside their setups.
        """
        if not self.worked or not self.shop.demands:
            return settings
        due = [each.due_minute for each, days in zip(self.shop.demands, draft.late_days, strict=True) if days]
        due = due or [each.due_minute for each in self.shop.demands]
        if self.random.random() < 0.5:  # all of them shorter, until nobody is late any more
            begins = max(due) + self.random.randint(0, 28) * DAY
            times = self.random.choice((1.2, 1.35, 1.5, 2.0))
            settings = replace(settings, lot_hours=max(4.0, settings.lot_hours / times))
            chosen = self.worked
        else:
            begins = max(0, self.random.choice(due) - self.random.randint(-14, 60) * DAY)
            times = self.random.choice((0.7, 1.25, 1.5, 1.5, 2.0))
            count = self.random.choice((1, 1, 2, 3, len(self.worked)))
            chosen = self.random.sample(self.worked, k=min(len(self.worked), count))
        stretches = list(settings.stretches)
        for item in chosen:
            stretches[item] = (Stretch(begins, ALWAYS, times),)
        return replace(settings, stretches=tuple(stretches))

    def _other_windows(self, settings: Settings, draft: Draft | None = None) -> Settings:
        """Some items gather needs over other days than the rest."""
        if not self.worked:
            return settings
        windows = list(settings.windows)
        for item in self.random.sample(self.worked, k=min(len(self.worked), self.random.choice((1, 1, 2)))):
            windows[item] = self.random.choice((-1, 0, 1, 3, 7, 14, 28))
        return replace(settings, windows=tuple(windows))

    def _other_buffer(self, settings: Settings, draft: Draft) -> Settings:
        days = settings.buffer_days * self.random.choice((0.5, 0.75, 0.9, 1.15, 1.4, 2.0))
        return replace(settings, buffer_days=min(SOON, max(1.0, days)))

    def _other_window(self, settings: Settings, draft: Draft | None = None) -> Settings:
        return replace(settings, window_days=self.random.choice((0, 1, 3, 7, 14, 28, 42)))

    def _other_level(self, settings: Settings, draft: Draft) -> Settings:
        return replace(settings, is_level=not settings.is_level)

    def _other_slack(self, settings: Settings, draft: Draft | None = None) -> Settings:
        slack = settings.slack + self.random.choice((-0.15, -0.1, 0.1, 0.2))
        return replace(settings, slack=min(3.0, max(1.0, slack)))

    def _give_back(self, settings: Settings, draft: Draft) -> Settings:
        """Take reserve from some skills, and time from demands that are pulled but in time."""
        extra = list(settings.extra)
        if extra:
            for skill in self.random.sample(range(len(extra)), k=min(3, len(extra))):
                extra[skill] = max(-0.3, extra[skill] - self.random.choice((0.03, 0.06)))
        pull = [
            int(each * 0.8) if not draft.late_days[index] else each
            for index, each in enumerate(settings.pull)
        ]
        return replace(settings, extra=tuple(extra), pull=tuple(pull))

    def _give_more(self, settings: Settings, draft: Draft) -> Settings:
        return self._reserve(settings, draft)
