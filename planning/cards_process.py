"""Hiring decision cards in a process of their own: ``python -m planning.cards_process``, started by a worker.

One line of JSON comes in: who asks, the frozen factory, the blocks, the weight of overtime. Lines go out:
``{"card": ...}`` for each block, then ``{"done": true}``; or ``{"error": ...}``. No Django and no database.
"""

import json
import os
import sys
from dataclasses import asdict
from typing import Any, TextIO

from planning.engine.errors import EngineError
from planning.processes import follow_into_death, limit_memory, private_output, write_line

NICENESS = 10  # whoever waits for a plan or a page goes first


def main() -> int:
    """Work out the cards; exit status 0 when an answer, good or bad, was written."""
    answers = private_output()
    job = json.loads(sys.stdin.readline())
    follow_into_death(int(job["parent_pid"]))
    os.nice(NICENESS)
    limit_memory(job["memory_mb"])
    try:
        _work(job, answers)
        write_line(answers, {"done": True})
    except EngineError as error:
        write_line(answers, {"error": str(error)})
    except MemoryError:
        write_line(answers, {"error": "The solver ran out of memory."})
    return 0


def _work(job: dict[str, Any], answers: TextIO) -> None:
    from planning.engine.build import suppliable
    from planning.engine.factory_codec import read_factory, resolve
    from planning.engine.hiring_cards import HireBlock, hiring_cards
    from planning.engine.shop import compile_shop
    from planning.engine.shop_model import AggregateOptions
    from planning.engine.trouble import find_obstacles

    shop = compile_shop(resolve(read_factory(job["factory"])))
    scope, _ = suppliable(shop, find_obstacles(shop))
    options = AggregateOptions(
        overtime_weight=job["overtime_weight"], headcount_weight=job["headcount_weight"]
    )
    for card in hiring_cards(shop, [HireBlock(*block) for block in job["blocks"]], options, scope):
        row = asdict(card)
        row["slips"] = [each._asdict() for each in card.slips]
        row["never_slips"] = [each._asdict() for each in card.never_slips]
        row["requisition_by"] = card.requisition_by.isoformat()
        row["decide_by"] = card.decide_by.isoformat()
        write_line(answers, {"card": row})


if __name__ == "__main__":
    sys.exit(main())
