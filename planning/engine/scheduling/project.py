"""Projects with any resources: lists of tasks, decoded by serial generation and bred.

Sources: Hartmann 1998 and 2001, Valls, Ballestín and Quintanilla 2005; ``decoding`` for the schedules.
"""

import numpy as np

from planning.engine.scheduling.arrays import Ints, Prepared
from planning.engine.scheduling.board import Board
from planning.engine.scheduling.bounds import heads_and_tails, shortest
from planning.engine.scheduling.decoding import decoder_of
from planning.engine.scheduling.loops import breed, generate
from planning.engine.scheduling.loops.breed import FREE_CHOICE, Brood

MOST_PEOPLE, MOST_IF_FAST = 60, 150
FAST = 500  # children in a step, from which on the population is the larger one
WORK_PER_CALL = 60_000  # tasks that are placed on profiles in one step: about a tenth of a second
MOST_IN_BROOD = 16  # children before they are compared with their parents
MOST_BARREN = 300  # children per individual without a better schedule, until the population is made anew


class Generator:
    """Schedules from lists by rules; has its own decoder, so that each thread has one."""

    def __init__(self, prepared: Prepared) -> None:
        shop = prepared.shop
        self.prepared, self.decoder = prepared, decoder_of(prepared)
        self.head, self.tail = heads_and_tails(shop, shortest(shop))

    def random(self, seed: int) -> tuple[Ints, Ints]:
        """Modes and starts of a schedule by a random mix of rules; stocks may be overdrawn."""
        brood = self.individuals(1, np.random.default_rng(seed))
        return brood.modes[0], brood.starts[0]

    def individuals(self, number: int, random: np.random.Generator) -> Brood:
        """So many schedules, each by a random mix of rules."""
        brood = brood_of(number, self.prepared.shop.release.size)
        for order, genes in zip(brood.orders, brood.genes, strict=True):
            order[:], genes[:] = self._list(random)
        self.decoder.decode(brood)
        return brood

    def _list(self, random: np.random.Generator) -> tuple[Ints, Ints]:
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
        genes = np.full(count, FREE_CHOICE, dtype=np.int64)
        if shop.stock.size:
            genes = random.integers(shop.first_mode[:-1], shop.first_mode[1:])
            self._save_stock(genes, random)
        return np.argsort(keys, kind="stable"), genes

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
        shop = prepared.shop
        count = shop.release.size
        self.prepared, self.random = prepared, np.random.default_rng(seed)
        self.generator = Generator(prepared)
        self.people: breed.Population | None = None
        self.newcomers: list[Brood] = []
        self.children = max(int(WORK_PER_CALL / self.generator.decoder.cost), 1)
        self.size = MOST_IF_FAST if self.children >= FAST else MOST_PEOPLE
        self.brood = brood_of(min(self.children, MOST_IN_BROOD), count)
        self.worth = generate.TOO_MUCH
        self.barren = 0

    def step(self, board: Board) -> None:
        """Some children; what is best is offered."""
        if self.people is None:
            self._gather(board)
            return
        self._meet(board, self.people)
        before = int(self.people.worth.min())
        shop = self.prepared.shop
        for _ in range(max(self.children // self.brood.worth.size, 1)):
            seed = int(self.random.integers(1 << 31))
            breed.breed(self.people, self.brood, shop.first_mode, shop.stock.size == 0, seed)
            self.generator.decoder.decode(self.brood)
            breed.take_in(self.people, self.brood)
            self._offer(board, self.brood)
            if board.over.is_set():
                return
        self.barren = 0 if int(self.people.worth.min()) < before else self.barren + self.children
        if self.barren > MOST_BARREN * self.size:
            self.people, self.barren = None, 0

    def _offer(self, board: Board, brood: Brood) -> None:
        """Tell the board of the best of ``brood``, if it is better than all before."""
        best = int(np.argmin(brood.worth))
        worth = int(brood.worth[best])
        if worth >= self.worth:
            return
        self.worth = worth
        if board.worth is None or worth < board.worth:
            board.offer(self.prepared.schedule(brood.modes[best], brood.starts[best]))

    def _gather(self, board: Board) -> None:
        """More of a first population, until it is full: of a large project it takes many steps."""
        missing = self.size - sum(brood.worth.size for brood in self.newcomers)
        brood = self.generator.individuals(min(self.children, missing), self.random)
        self.newcomers.append(brood)
        self._offer(board, brood)
        if brood.worth.size < missing:
            return
        self.people = breed.Population(
            np.concatenate([each.orders for each in self.newcomers]),
            np.concatenate([each.genes for each in self.newcomers]),
            np.concatenate([each.worth for each in self.newcomers]),
            np.arange(-self.size, 0, dtype=np.float64),
        )
        self.newcomers = []

    def _meet(self, board: Board, people: breed.Population) -> None:
        """Take in what another search found."""
        schedule, worth = board.best()
        if schedule is None or worth is None or worth >= min(int(people.worth.min()), self.worth):
            return
        modes, starts = self.prepared.arrays(schedule)
        shop = self.prepared.shop
        brood = brood_of(1, starts.size)
        brood.orders[0] = np.lexsort((shop.topo, shop.duration[modes] > 0, starts))
        brood.genes[0] = modes
        self.generator.decoder.decode(brood)
        worst = int(np.argmax(people.worth))
        people.genes[worst], people.orders[worst] = modes, brood.orders[0]
        people.worth[worst], people.mark[worst] = brood.worth[0], 0.0
        self.worth = min(self.worth, worth)


def brood_of(size: int, count: int) -> Brood:
    """Room for ``size`` lists of ``count`` tasks."""
    orders, genes, modes, starts = np.zeros((4, size, count), dtype=np.int64)
    return Brood(orders, genes, modes, starts, np.zeros(size, dtype=np.int64))
