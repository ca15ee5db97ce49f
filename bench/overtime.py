"""What the reserve costs: the same factory where overtime may be planned like any other hour."""

from contextlib import ExitStack
from unittest.mock import patch

from django.utils import timezone

from bench.figures import Section, Stopwatch
from bench.plans import describe
from bench.surroundings import BALQON
from planning.engine import improve, scoring, shop_model, workforce
from planning.engine.build import build_plan
from planning.engine.factory_codec import read_factory
from planning.engine.request import BuildRequest


def measure() -> Section:
    """A build in this process with ``OVERTIME_RELUCTANCE`` 0."""
    section = Section("overtime", "The same, with overtime planned at its price alone")
    factory = read_factory(BALQON.read_bytes())
    request = BuildRequest(version=1, created_at=timezone.now())
    with (
        ExitStack() as patches,
        Stopwatch() as watch,
    ):
        for module in (workforce, scoring, shop_model, improve):  # each has imported it
            patches.enter_context(patch.object(module, "OVERTIME_RELUCTANCE", 0.0))
        plan = build_plan(factory, request)
    section.tell("Engine alone, in this process", str(watch))
    section.check(
        "Violations found by the verifier",
        str(len(plan.certificate.violations)),
        "0",
        not plan.certificate.violations,
    )
    found = Section("", "")
    describe(found, factory, plan)
    for figure in found.figures:  # the targets are those of the plan that the product makes, not of this one
        section.tell(figure.name, figure.measured)
    section.remarks.append(
        "The same engine with `OVERTIME_RELUCTANCE` 0: the reserve costs the difference between the two "
        "sections. Targets are those of the plan that the product makes, so none are given here."
    )
    return section
