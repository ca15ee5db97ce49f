"""Job shops, flexible and re-entrant ones: a population of schedules, each improved by tabu search.

Two schedules of the population are mixed and the child is improved again. The order of two tasks in the child
is that of a weighted mean of their starts in both parents, which keeps every precedence that both keep: so no
child has a cycle.

Sources: Peng, Lü, Cheng 2015 (tabu search with path relinking); ``loops.tabu`` for the search itself.
"""

import numpy as np
import numpy.typing as npt

from planning.engine.scheduling.arrays import Ints, Prepared, Shop
from planning.engine.scheduling.board import Board
from planning.engine.scheduling.loops import tabu
from planning.engine.scheduling.project import Generator

MOST_PEOPLE = 16
PATIENCE = 12_500
WORK_PER_CALL = 12_000_000  # task visits in one call of the compiled search: about a quarter of a second
# Steps for which a pair of tasks stays in its order, and for which a task keeps off a machine that it left;
# more, the more jobs there are per machine and the more modes per task.
ORDER_TENURE, CHANGE_TENURE = 4, 10
MOST_MOVES = 4_096
MOST_PAIRS = 1 << 24  # 64 MB
GRAIN = 1_024  # how finely starts are mixed
MOST_BARREN = 4  # generations without a better schedule, until the population is made anew


def is_disjunctive(shop: Shop) -> bool:
    """Whether every mode takes at most one machine, nothing is used up, and no lag lets tasks overtake."""
    if shop.stock.size or np.any(np.diff(shop.use_start) > 1):
        return False
    if np.any(shop.capacity[shop.use_resource] != 1):
        return False
    least = np.minimum.reduceat(shop.duration, shop.first_mode[:-1])
    return bool(np.all(shop.pred_lag + least[shop.pred_task] >= 0))


class DisjunctiveSearch:
    """One search; ``step`` is a bounded piece of work and gives the same for the same seed and board."""

    def __init__(self, prepared: Prepared, seed: int) -> None:
        shop = prepared.shop
        self.prepared, self.random = prepared, np.random.default_rng(seed)
        self.generator = Generator(prepared)
        count, machines = shop.release.size, shop.capacity.size
        self.line = tabu.Line(*(_zeros(machines if name == "first" else count) for name in tabu.Line._fields))
        cells = shop.width**2
        base = np.concatenate(([0], np.cumsum(cells)[:-1])).astype(np.int64) if machines else cells
        self.memory = tabu.Memory(
            base,
            np.zeros(min(max(int(cells.sum()), 1), MOST_PAIRS), dtype=np.int32),
            np.zeros((machines, count), dtype=np.int32),
        )
        self.moves = tabu.Moves(
            _zeros(MOST_MOVES),
            _zeros(MOST_MOVES),
            _zeros(MOST_MOVES),
            _zeros(MOST_MOVES),
            np.zeros(MOST_MOVES, dtype=np.bool_),
        )
        self.room = tabu.Room(
            np.zeros((7, count), dtype=np.int64), _zeros(machines), np.zeros(count, dtype=np.bool_)
        )
        self.run = tabu.Run(_zeros(3), _zeros(count), _zeros(count), _zeros(shop.due.size))
        options = shop.duration.size / count
        self.tenures = (
            int(ORDER_TENURE + count / max(machines, 1) ** 2 + options),
            int(CHANGE_TENURE + options),
        )
        # Of each move that is tried out, some rows are copied and all heads are new.
        visits = count * (tabu.TRIED if shop.is_tardiness else 1)
        # A task that may change its machine is looked at in every place there.
        visits += int((shop.duration.size / count - 1) * (count / max(machines, 1)) ** 2 / 8)
        self.steps = max(WORK_PER_CALL // visits, 20)
        self.people: list[tuple[int, Ints, Ints]] = []
        self.known: int | None = None
        self.is_running = False
        self.barren = 0

    def step(self, board: Board) -> None:
        """Part of a run; a run that ends is taken into the population, and what is best is offered."""
        shop = self.prepared.shop
        if not self.is_running:
            self._begin(board)
            self._offer(board)
        target = board.bound or 0
        is_over = tabu.search(
            shop,
            self.line,
            self.memory,
            self.moves,
            self.run,
            self.room,
            self.steps,
            PATIENCE,
            self.tenures,
            target,
            self._seed(),
        )
        worth = self._offer(board)
        if is_over:
            self.is_running = False
            self._take_in(worth, self.run.modes.copy(), self.run.starts.copy())

    def _offer(self, board: Board) -> int:
        """The worth of the run's best, which the board is told if it is better."""
        worth = int(self.run.tally[tabu.WORTH])
        if board.worth is None or worth < board.worth:
            board.offer(self.prepared.schedule(self.run.modes, self.run.starts))
        return worth

    def _begin(self, board: Board) -> None:
        self._meet(board)
        modes, keys = (
            self._mixed() if len(self.people) >= MOST_PEOPLE else self.generator.random(self._seed())
        )
        shop = self.prepared.shop
        order = np.lexsort((shop.topo, keys))
        if not tabu.build(shop, modes, order, self.line, self.room):
            raise AssertionError("a schedule that holds has no cycle")
        tabu.begin(shop, self.line, self.memory, self.run)
        self.is_running = True

    def _meet(self, board: Board) -> None:
        """Take in what another search found."""
        schedule, worth = board.best()
        if schedule is None or worth is None or (self.known is not None and worth >= self.known):
            return
        modes, starts = self.prepared.arrays(schedule)
        self._take_in(worth, modes, starts)

    def _take_in(self, worth: int, modes: Ints, starts: Ints) -> None:
        """Make room for a schedule that is new and not the worst."""
        self.known = worth if self.known is None else min(worth, self.known)
        best = min((each[0] for each in self.people), default=None)
        self.barren = 0 if best is None or worth < best else self.barren + 1
        if any(
            each[0] == worth and np.array_equal(each[2], starts) and np.array_equal(each[1], modes)
            for each in self.people
        ):
            return
        self.people.append((worth, modes, starts))
        if len(self.people) > MOST_PEOPLE:
            self.people.pop(max(range(len(self.people)), key=lambda index: self.people[index][0]))
        if self.barren >= MOST_BARREN * MOST_PEOPLE:
            self.people.clear()
            self.barren = 0

    def _mixed(self) -> tuple[Ints, npt.NDArray[np.int64]]:
        first, second = self.random.choice(len(self.people), 2, replace=False)
        share = int(self.random.uniform(0.3, 0.7) * GRAIN)
        _, modes, starts = self.people[first]
        _, other_modes, other_starts = self.people[second]
        is_first = self.random.integers(GRAIN, size=modes.size) < share
        return np.where(is_first, modes, other_modes), starts * share + other_starts * (GRAIN - share)

    def _seed(self) -> int:
        return int(self.random.integers(1 << 31))


def _zeros(size: int) -> Ints:
    return np.zeros(size, dtype=np.int64)
