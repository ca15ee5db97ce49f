"""Compile the loops once, so that nobody's first requirements wait for it."""

from decimal import Decimal

from planning.engine.netting.change import net_change
from planning.engine.netting.problem import NettingProblem
from planning.engine.netting.rows import BomRow, ItemRow, QuantityRow, problem_of
from planning.engine.netting.run import net


def warm_up() -> None:
    """Net an item and its part, change what is asked for, and read everything that is told of it."""
    run = net_change(net(_asked(1)), _asked(2))
    _ = run.planned_orders, run.messages, run.lateness, run.record("A")


def _asked(units: int) -> NettingProblem:
    return problem_of(
        buckets=3,
        items=[ItemRow(code="A"), ItemRow(code="P", lead_time=2)],
        requirements=[QuantityRow(item="A", bucket=1, qty=Decimal(units))],
        scheduled_receipts=[QuantityRow(item="P", bucket=2, qty=Decimal(1))],
        bom=[BomRow(parent="A", component="P", qty=Decimal(1))],
    )
