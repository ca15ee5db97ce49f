"""What is compiled beforehand is all that a plan runs."""

import subprocess
import sys

# In a process of its own, in which no other test has run a loop yet.
SCRIPT = """
from planning.engine.warm import warm_up_plans
from planning.engine.shopfloor.loops.deliver import deliver
from planning.engine.shopfloor.loops.generate import generate
from planning.engine.shopfloor.loops.later import start_later
warm_up_plans()
print([loop.__name__ for loop in (deliver, generate, start_later) if not loop.signatures])
"""


def test_planning_the_smallest_shop_runs_every_loop_of_a_schedule():
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
