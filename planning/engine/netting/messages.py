"""Exception messages: what a planner must look at, and what to do with each scheduled receipt.

All of it follows from the finished arrays, so a run that nobody asks for messages does not pay for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from planning.engine.netting.arrays import Lateness, MessageRows, Parts, Prepared, State, receipts_of
from planning.engine.netting.problem import Ints


class MessageCode(StrEnum):
    """In the order of ``loops.messages``."""

    RESCHEDULE_IN = "RESCHEDULE_IN"
    RESCHEDULE_OUT = "RESCHEDULE_OUT"
    CANCEL = "CANCEL"
    PAST_DUE = "PAST_DUE"
    SHORTAGE = "SHORTAGE"
    BELOW_SAFETY_STOCK = "BELOW_SAFETY_STOCK"
    EXCESS = "EXCESS"
    INSUFFICIENT_LEAD_TIME = "INSUFFICIENT_LEAD_TIME"
    FENCE_VIOLATION = "FENCE_VIOLATION"


CODES = tuple(MessageCode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message about one item; quantities are millionths.

    * ``RESCHEDULE_IN``, ``RESCHEDULE_OUT``, ``CANCEL``, ``PAST_DUE``: the scheduled receipt in ``row`` of the
      problem is due in ``bucket`` (below 0: past due) and needed in ``to_bucket`` (None: not at all). A
      receipt is needed where stock and earlier receipts run out; planned orders do not count.
    * ``SHORTAGE``, ``BELOW_SAFETY_STOCK``: from ``bucket`` to before ``to_bucket`` the expected on hand is
      below 0, or below the safety stock, by ``quantity`` at most.
    * ``EXCESS``: stock and scheduled receipts exceed all requirements and the safety stock by ``quantity``.
    * ``INSUFFICIENT_LEAD_TIME``: ``quantity`` comes late; the latest order is needed in ``bucket`` and
      there in ``to_bucket``. ``NettingRun.chain`` says why.
    * ``FENCE_VIOLATION``: ``quantity`` is needed from ``bucket`` on, before the fence ``to_bucket``.
    """

    code: MessageCode
    item: str
    bucket: int
    to_bucket: int | None
    quantity: int
    row: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """All messages as columns of one length, by item. ``code``: position in ``CODES``; -1 stands for None."""

    code: Ints
    item: Ints
    bucket: Ints
    to_bucket: Ints
    quantity: Ints
    row: Ints
    item_codes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.code)

    def counts(self) -> dict[MessageCode, int]:
        """How many there are of each code."""
        found = np.bincount(self.code, minlength=len(CODES))
        return {code: int(number) for code, number in zip(CODES, found, strict=True)}

    def of_item(self, position: int) -> list[Message]:
        """Those of one item. Cost: O(log messages)."""
        first, stop = np.searchsorted(self.item, [position, position + 1])
        return [self._message(at) for at in range(first, stop)]

    def __iter__(self) -> Iterator[Message]:
        return (self._message(at) for at in range(len(self)))

    def _message(self, at: int) -> Message:
        to_bucket, row = int(self.to_bucket[at]), int(self.row[at])
        return Message(
            code=CODES[self.code[at]],
            item=self.item_codes[self.item[at]],
            bucket=int(self.bucket[at]),
            to_bucket=None if to_bucket < 0 else to_bucket,
            quantity=int(self.quantity[at]),
            row=None if row < 0 else row,
        )


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One item of the chain that makes another late."""

    code: str
    lead_time: int


def lateness_of(prepared: Prepared, parts: Parts, state: State) -> Lateness:
    """Which items come late, how much, and for which component they wait."""
    from planning.engine.netting.loops.messages import find_lateness

    return find_lateness(prepared.structure.order, prepared.terms, prepared.scheduled, parts, state)


def messages_of(prepared: Prepared, parts: Parts, state: State, late: Lateness) -> Messages:
    """All messages of a run."""
    from planning.engine.netting.loops.messages import list_messages

    inputs = (prepared.terms, prepared.scheduled, receipts_of(prepared.problem), parts, state, late)
    rows = _rows(list_messages(_rows(0), *inputs))
    list_messages(rows, *inputs)
    return Messages(*rows, item_codes=prepared.problem.items.codes)


def chain_of(prepared: Prepared, late: Lateness, item: int) -> tuple[ChainLink, ...]:
    """From the item down, through the components that its latest order waits for; empty when none is late."""
    if late.need[item] < 0:
        return ()
    items, chain = prepared.problem.items, []
    while item >= 0:
        chain.append(ChainLink(items.codes[item], int(items.lead_time[item])))
        item = int(late.cause[item])
    return tuple(chain)


def _rows(count: int) -> MessageRows:
    return MessageRows(*(np.empty(count, dtype=np.int64) for _ in MessageRows._fields))
