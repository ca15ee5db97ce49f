"""Net change: after some data changed, plan again what that touches, level by level, and nothing else."""

from typing import NamedTuple

import numpy as np

from planning.engine.netting.arrays import Flags, State, Work, components_of, prepare
from planning.engine.netting.problem import NettingProblem
from planning.engine.netting.run import NettingRun, net, plan


def net_change(before: NettingRun, problem: NettingProblem) -> NettingRun:
    """The run for ``problem``, equal to ``net(problem)`` bit by bit; ``before`` stays as it is.

    An item is netted again when its own terms or scheduled receipts changed, or when its gross requirements
    come out differently after its parents were planned. Where receipts come out as before, nothing below is
    looked at. A problem with other items or another number of buckets is planned in full. Cost: finding the
    changes is O(data), and quicker where the bill of materials is the same object; the rest grows with what
    is touched.
    """
    old = before.prepared
    if old.problem.items.codes != problem.items.codes or old.problem.buckets != problem.buckets:
        return net(problem)
    new = prepare(problem, old)
    has_moved = old.terms.lead_time != new.terms.lead_time
    is_changed = _groups_differ(old.scheduled, new.scheduled, len(has_moved))
    for earlier, later in zip(old.terms, new.terms, strict=True):
        is_changed |= earlier != later
    is_fed = _groups_differ(old.requirements, new.requirements, len(has_moved))
    if old.used is not new.used:
        is_fed |= _groups_differ(old.used, new.used, len(has_moved))
    state = State(*(array.copy() for array in before.state))
    work = Work(new.structure.order, is_fed, is_changed, has_moved, np.zeros_like(has_moved))
    plan(new, components_of(new), state, work)
    return NettingRun(prepared=new, state=state, is_netted=work.is_netted)


def _groups_differ(old: NamedTuple, new: NamedTuple, count: int) -> Flags:
    """Items whose rows differ; both tuples hold ``start`` and columns."""
    from planning.engine.netting.loops.change import mark_differing

    differs = np.zeros(count, dtype=np.bool_)
    start, *columns = new
    other_start, *other_columns = old
    for values, other_values in zip(columns, other_columns, strict=True):
        mark_differing(start, values, other_start, other_values, differs)
    return differs
