"""What is compiled beforehand is all that a plan runs."""

import subprocess
import sys
from pkgutil import iter_modules

from planning.engine.outline import loops as outline_loops
from planning.engine.shopfloor import loops

# In a process of its own, in which no other test has run a loop yet.
SCRIPT = """
from planning.engine.warm import warm_up_plans
from planning.engine.outline.loops.net import date, net, receive
from planning.engine.shopfloor.loops.deliver import deliver
from planning.engine.shopfloor.loops.generate import generate
from planning.engine.shopfloor.loops.later import start_later
from planning.engine.shopfloor.loops.postpone import postpone
warm_up_plans()
loops = (date, deliver, generate, net, postpone, receive, start_later)
print([loop.__name__ for loop in loops if not loop.signatures])
"""

NETTING = """
from planning.engine.warm import warm_up_requirements
from planning.engine.netting.loops.change import mark_differing
from planning.engine.netting.loops.messages import expect, find_lateness, finish_orders, list_messages
from planning.engine.netting.loops.net import plan_items
from planning.engine.netting.loops.order import group, low_level_codes
from planning.engine.netting.loops.orders import count_orders, list_orders
warm_up_requirements()
netted = (mark_differing, plan_items, group, low_level_codes, count_orders, list_orders)
loops = (*netted, expect, find_lateness, finish_orders, list_messages)
print([loop.__name__ for loop in loops if not loop.signatures])
"""


def test_netting_an_item_and_its_part_runs_every_loop_of_requirements():
    told = subprocess.run([sys.executable, "-c", NETTING], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_planning_the_smallest_shop_runs_every_loop_of_a_schedule():
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_a_solver_loads_every_loop_before_its_job_comes():
    packages = (loops, outline_loops)
    there = {f"{part.__name__}.{each.name}" for part in packages for each in iter_modules(part.__path__)}
    script = "import sys, planning.solver_process as solver; solver._load_engine(); print(*sys.modules)"

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert there
    assert there <= set(told.stdout.split())
