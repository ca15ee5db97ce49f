"""Hiring decision cards in a process of their own: ``python -m planning.cards_process``, started by a worker.

One line of JSON comes in: who asks, the frozen factory, the blocks, the weight of overtime. Lines go out:
``{"card": ...}`` for each block, then ``{"done": true}``; or ``{"error": ...}``. No Django and no database.
"""

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any, TextIO

from planning.engine.errors import EngineError
from planning.processes import follow_into_death

NICENESS = 10  # whoever waits for a plan or a page goes first


def main() -> int:
    """Work out the cards; exit status 0 when an answer, good or bad, was written."""
    answers = _private_output()
    job = json.loads(sys.stdin.readline())
    follow_into_death(int(job["parent_pid"]))
    os.nice(NICENESS)
    if job["memory_mb"] is not None:
        size = job["memory_mb"] * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    try:
        _work(job, answers)
        _write(answers, {"done": True})
    except EngineError as error:
        _write(answers, {"error": str(error)})
    except MemoryError:
        _write(answers, {"error": "The solver ran out of memory."})
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
    options = AggregateOptions(overtime_weight=job["overtime_weight"])
    for card in hiring_cards(shop, [HireBlock(*block) for block in job["blocks"]], options, scope):
        row = asdict(card)
        row["slips"] = [each._asdict() for each in card.slips]
        row["never_slips"] = [each._asdict() for each in card.never_slips]
        row["requisition_by"] = card.requisition_by.isoformat()
        row["decide_by"] = card.decide_by.isoformat()
        _write(answers, {"card": row})


def _private_output() -> TextIO:
    """Answers leave by a descriptor of their own: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _write(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
