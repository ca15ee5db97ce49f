"""A netting run: the problem, and what is planned for it, as arrays.

``net`` plans everything, ``change.net_change`` what a change touches. Numba is imported by the first run
and not before, so that nobody waits for it who does not net.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from planning.engine.lot_sizing import MICRO, LotRule, silver_meal, wagner_whitin
from planning.engine.netting.arrays import (
    Components,
    Flags,
    Lateness,
    Parts,
    Prepared,
    State,
    Work,
    parts_of,
    prepare,
)
from planning.engine.netting.errors import refusal
from planning.engine.netting.messages import ChainLink, Message, Messages, chain_of, lateness_of, messages_of
from planning.engine.netting.problem import RULES, Ints, NettingProblem
from planning.engine.netting.record import ItemRecord, record_of


@dataclass(frozen=True, slots=True, eq=False)
class PlannedOrders:
    """One row per order, by item and bucket of need; quantities are millionths.

    ``due_bucket`` is the bucket of need. An order whose lead time does not fit is released in bucket 0 and
    comes a lead time later, after its need: no release is ever planned in the past.
    """

    item: npt.NDArray[np.int32]
    release_bucket: npt.NDArray[np.int32]
    due_bucket: npt.NDArray[np.int32]
    quantity: Ints

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True, kw_only=True, eq=False)
class NettingRun:
    """What is planned, [item, bucket] in millionths. Nobody may write into the arrays.

    ``planned_receipts`` stand in the bucket of need. ``is_netted``: the items that this run planned anew;
    all of them in a full run.
    """

    prepared: Prepared
    state: State
    is_netted: Flags

    @property
    def problem(self) -> NettingProblem:
        return self.prepared.problem

    @property
    def gross_requirements(self) -> Ints:
        return self.state.gross

    @property
    def planned_receipts(self) -> Ints:
        return self.state.receipts

    @property
    def low_level_code(self) -> Ints:
        return self.prepared.structure.low_level_code

    @property
    def planned_again(self) -> int:
        """How many items this run netted."""
        return int(self.is_netted.sum())

    @cached_property
    def past_due(self) -> Ints:
        """Per item: what should have been released before bucket 0."""
        lead = self.problem.items.lead_time
        fits = np.flatnonzero(lead < self.problem.buckets)
        past_due = self.state.at_once.copy()
        past_due[fits] -= self.state.receipts[fits, lead[fits]]
        return past_due

    @cached_property
    def planned_orders(self) -> PlannedOrders:
        """All of them; made when first asked for."""
        from planning.engine.netting.loops.orders import count_orders, list_orders

        terms, receipts = self.prepared.terms, self.state.receipts
        count = count_orders(receipts, terms.largest)
        item, release, due = (np.empty(count, dtype=np.int32) for _ in range(3))
        quantity = np.empty(count, dtype=np.int64)
        list_orders(receipts, terms.lead_time, terms.largest, item, release, due, quantity)
        return PlannedOrders(item, release, due, quantity)

    @cached_property
    def position_of(self) -> dict[str, int]:
        """Code of an item → its position."""
        return {code: position for position, code in enumerate(self.problem.items.codes)}

    @cached_property
    def parts(self) -> Parts:
        """What each item takes."""
        return parts_of(self.prepared)

    @cached_property
    def lateness(self) -> Lateness:
        """Which items come late, how much, and for which component they wait."""
        return lateness_of(self.prepared, self.parts, self.state)

    @cached_property
    def messages(self) -> Messages:
        """What a planner must look at; made when first asked for."""
        return messages_of(self.prepared, self.parts, self.state, self.lateness)

    def record(self, code: str) -> ItemRecord:
        """The time-phased record of one item."""
        return record_of(self.prepared, self.parts, self.state, self.lateness, self.position_of[code])

    def messages_of(self, code: str) -> list[Message]:
        """What a planner must look at in one item."""
        return self.messages.of_item(self.position_of[code])

    def chain(self, code: str) -> tuple[ChainLink, ...]:
        """Why an item is late: itself, the component that its latest order waits for, and so on down; empty
        when it is not late.
        """
        return chain_of(self.prepared, self.lateness, self.position_of[code])


def net(problem: NettingProblem) -> NettingRun:
    """Plan every item, parents first.

    Raises ``InvalidNetting`` for a cycle (with its path), and for an item whose quantities add up to more
    than can be counted exactly (2e12 units over the horizon).
    """
    prepared = prepare(problem)
    count = len(problem.items.codes)
    state = State(
        np.empty((count, problem.buckets), dtype=np.int64),
        np.empty((count, problem.buckets), dtype=np.int64),
        np.empty(count, dtype=np.int64),
        np.empty(count, dtype=np.int64),
    )
    everything = np.ones(count, dtype=np.bool_)
    work = Work(prepared.structure.order, everything, everything, everything, np.zeros(count, dtype=np.bool_))
    nobody = Components(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))
    plan(prepared, nobody, state, work)
    return NettingRun(prepared=prepared, state=state, is_netted=work.is_netted)


def plan(prepared: Prepared, components: Components, state: State, work: Work) -> None:
    """Plan the items of ``work`` into ``state``. Costs too fine for machine numbers are compared here."""
    from planning.engine.netting.loops.net import DONE, TOO_LARGE, plan_items

    needs = np.zeros(prepared.problem.buckets, dtype=np.int64)
    position, given = 0, needs[:0]
    while True:
        position, status = plan_items(
            position,
            given,
            needs,
            prepared.terms,
            prepared.requirements,
            prepared.scheduled,
            prepared.used,
            components,
            state,
            work,
        )
        if status == DONE:
            return
        item = int(work.order[position])
        if status == TOO_LARGE:
            code = prepared.problem.items.codes[item]
            raise refusal(
                f"/items/{code}",
                "its quantities add up to more than 2e12 units; look at what takes it, and how much",
            )
        given = _exact_stops(prepared, item, needs)


def _exact_stops(prepared: Prepared, item: int, needs: Ints) -> Ints:
    """For each bucket, where the lot that covers it ends."""
    terms = prepared.terms
    method = wagner_whitin if RULES[terms.rule[item]] is LotRule.WAGNER_WHITIN else silver_meal
    setup, holding = (
        Fraction(int(terms.order_cost[item]), MICRO),
        Fraction(int(terms.holding_cost[item]), MICRO),
    )
    stops = np.arange(1, len(needs) + 1)
    for lot in method(range(len(needs)), needs.tolist(), setup, holding):
        stops[lot.first : lot.stop] = lot.stop
    return stops
