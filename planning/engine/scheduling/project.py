"""Projects with any resources: lists of tasks, decoded by serial generation and bred.

Sources: Hartmann 1998 and 2001, Valls, Ballestín and Quintanilla 2005; ``loops.generate`` for the decoding.
"""

import numpy as np

from planning.engine.scheduling.arrays import Ints, Prepared
from planning.engine.scheduling.board import Board
from planning.engine.scheduling.bounds import heads_and_tails, shortest
from planning.engine.scheduling.loops import generate

MOST_PEOPLE = 60
WORK_PER_CALL = 60_000  # tasks that are placed in one call: about a tenth of a second
MOST_BARREN = 60  # children per individual without a better schedule, until the population is made anew


class Generator:
    """Schedules from lists; owns the room that decoding needs, so that each thread has its own."""

    def __init__(self, prepared: Prepared) -> None:
        shop = prepared.shop
        resources, count = shop.capacity.size, shop.release.size
        steps = 2 * int(shop.width.max(initial=0)) + 4
        self.prepared = prepared
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
        self.best = generate.Best(
            np.zeros(count, dtype=np.int64),
            np.zeros(count, dtype=np.int64),
            np.array([generate.MOST_WORTH], dtype=np.int64),
        )
        head, tail = heads_and_tails(shop, shortest(shop))
        self.head, self.tail = head, tail

    def random(self, seed: int) -> tuple[Ints, Ints]:
        """Modes and starts of a schedule by a random mix of rules; stocks may be overdrawn."""
        modes, starts, _, _, _ = self.individual(np.random.default_rng(seed))
        return modes, starts

    def individual(self, random: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints, int]:
        """Modes, starts, list, genes and worth of a schedule by a random mix of rules."""
        shop = self.prepared.shop
        count = shop.release.size
        noise = random.random(count) * random.choice([0.1, 0.5, 2.0])
        reach = float((self.head + self.tail).max()) + 1.0
        rule = random.integers(4)
        if rule == 0:
            keys = noise - self.tail / reach
        elif rule == 1:
            keys = noise + self.head / reach
        elif rule == 2:
            keys = noise + (shop.due[shop.job] - self.tail) / reach
        else:
            keys = random.random(count)
        order = np.argsort(keys, kind="stable")
        genes = np.full(count, generate.FREE_CHOICE, dtype=np.int64)
        if shop.stock.size:
            genes = random.integers(shop.first_mode[:-1], shop.first_mode[1:])
            self._save_stock(genes, random)
        modes, starts = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
        worth = self.decode(order, genes, modes, starts)
        return modes, starts, order, genes, worth

    def decode(self, order: Ints, genes: Ints, modes: Ints, starts: Ints) -> int:
        """Fill ``modes`` and ``starts``, and put ``order`` in their order; its worth."""
        shop = self.prepared.shop
        return int(
            generate.generate(
                shop, self.profile, order, genes, modes, starts, shop.is_tardiness == 0, self.best
            )
        )

    def _save_stock(self, genes: Ints, random: np.random.Generator) -> None:
        """Change modes, one by one, for those that overdraw less, until none does or none helps."""
        shop = self.prepared.shop
        needs = np.zeros((shop.duration.size, shop.stock.size), dtype=np.int64)
        owners = np.repeat(np.arange(shop.duration.size), np.diff(shop.take_start))
        np.add.at(needs, (owners, shop.take_resource), shop.take_amount)
        taken = needs[genes].sum(axis=0)
        for task in random.permutation(genes.size):
            if np.all(taken <= shop.stock):
                return
            options = np.arange(shop.first_mode[task], shop.first_mode[task + 1])
            totals = taken - needs[genes[task]] + needs[options]
            excess = np.maximum(totals - shop.stock, 0).sum(axis=1)
            chosen = int(np.argmin(excess))
            taken = totals[chosen]
            genes[task] = options[chosen]


class ProjectSearch:
    """One search; ``step`` is a bounded piece of work and gives the same for the same seed and board."""

    def __init__(self, prepared: Prepared, seed: int) -> None:
        self.prepared, self.random = prepared, np.random.default_rng(seed)
        self.generator = Generator(prepared)
        self.people: generate.Population | None = None
        self.newcomers: list[tuple[Ints, Ints, Ints, Ints, int]] = []
        self.children = max(WORK_PER_CALL // (3 * prepared.shop.release.size), 1)
        self.barren = 0

    def step(self, board: Board) -> None:
        """Some children; what is best is offered."""
        if self.people is None:
            self._gather()
        else:
            self._meet(board, self.people)
            before = int(self.people.worth.min())
            generate.breed(
                self.prepared.shop,
                self.generator.profile,
                self.people,
                self.generator.best,
                self.children,
                int(self.random.integers(1 << 31)),
            )
            self.barren = 0 if int(self.people.worth.min()) < before else self.barren + self.children
            if self.barren > MOST_BARREN * MOST_PEOPLE:
                self.people, self.barren = None, 0
        best = self.generator.best
        worth = int(best.worth[0])
        if worth < generate.TOO_MUCH and (board.worth is None or worth < board.worth):
            board.offer(self.prepared.schedule(best.modes, best.starts))

    def _gather(self) -> None:
        """More of a first population, until it is full: of a large project it takes many steps."""
        found = self.newcomers
        for _ in range(min(self.children, MOST_PEOPLE - len(found))):
            found.append(self.generator.individual(self.random))
        if len(found) < MOST_PEOPLE:
            return
        self.newcomers = []
        self.people = generate.Population(
            np.array([each[2] for each in found]),
            np.array([each[3] for each in found]),
            np.array([each[4] for each in found], dtype=np.int64),
            np.arange(-MOST_PEOPLE, 0, dtype=np.float64),
        )

    def _meet(self, board: Board, people: generate.Population) -> None:
        """Take in what another search found."""
        schedule, worth = board.best()
        if schedule is None or worth is None or worth >= int(people.worth.min()):
            return
        if worth >= int(self.generator.best.worth[0]):
            return
        modes, starts = self.prepared.arrays(schedule)
        shop = self.prepared.shop
        order = np.lexsort((shop.topo, shop.duration[modes] > 0, starts))
        worst = int(np.argmax(people.worth))
        people.genes[worst] = modes
        people.worth[worst] = self.generator.decode(order, modes, modes.copy(), starts)
        people.orders[worst] = order
        people.mark[worst] = 0.0
