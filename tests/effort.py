"""How much work something is, counted and not timed: the same on every machine and under any load."""

import sys
from collections.abc import Callable
from typing import Any

TOOL = 4  # of the numbers of ``sys.monitoring`` one that no debugger, profiler or coverage takes


def lines_run(work: Callable[[], Any]) -> int:
    """The lines of Python that ``work`` runs; compiled code counts as the line that calls it."""
    count = 0

    def another(_code: object, _line: int) -> None:
        nonlocal count
        count += 1

    monitoring = sys.monitoring
    monitoring.use_tool_id(TOOL, "effort")
    try:
        monitoring.register_callback(TOOL, monitoring.events.LINE, another)
        monitoring.set_events(TOOL, monitoring.events.LINE)
        work()
    finally:
        monitoring.set_events(TOOL, 0)
        monitoring.register_callback(TOOL, monitoring.events.LINE, None)
        monitoring.free_tool_id(TOOL)
    return count
