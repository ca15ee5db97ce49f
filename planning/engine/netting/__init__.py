"""Multi-level time-phased netting of many items at once, and net change: ``docs/netting.md``."""

from planning.engine.netting.change import net_change
from planning.engine.netting.codec import read_run, write_run
from planning.engine.netting.errors import InvalidNetting
from planning.engine.netting.messages import ChainLink, Message, MessageCode, Messages
from planning.engine.netting.problem import RULES, BillOfMaterials, Items, NettingProblem, Quantities
from planning.engine.netting.record import ItemRecord
from planning.engine.netting.rows import BomRow, ItemRow, QuantityRow, problem_of
from planning.engine.netting.run import NettingRun, PlannedOrders, net

__all__ = [
    "RULES",
    "BillOfMaterials",
    "BomRow",
    "ChainLink",
    "InvalidNetting",
    "ItemRecord",
    "ItemRow",
    "Items",
    "Message",
    "MessageCode",
    "Messages",
    "NettingProblem",
    "NettingRun",
    "PlannedOrders",
    "Quantities",
    "QuantityRow",
    "net",
    "net_change",
    "problem_of",
    "read_run",
    "write_run",
]
