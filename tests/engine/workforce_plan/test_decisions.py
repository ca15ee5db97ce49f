"""The hiring decision card: what slips without a block, what it is worth, until when it can wait; locks."""

import pytest

from planning.engine.workforce_plan import (
    Block,
    Demand,
    Family,
    Hiring,
    Lock,
    Verdict,
    Work,
    WorkforceProblem,
    blocks_of,
    hiring_card,
    plan_workforce,
    with_locks,
)
from tests.engine.workforce_plan.problems import make_skill, months

PERIODS = months(6)


def plant():
    """One head gives 100 hours a month; 30 drives of 10 hours are wanted in the last month, none may be made
    before the fourth. Three months of two people are 600 hours, of one 300.
    """
    hiring = Hiring(most=(0, 2, 2, 2, 0, 0), cost=300.0, lead_days=20.0)
    skill = make_skill(PERIODS, hiring=hiring)
    demand = Demand(day=180.0, units=60.0, late_cost=400.0, name="SO-1/1")
    family = Family(code="DRIVE", work=(Work(skill=0, hours=(10.0,) * 6),), earliest=90.0, demands=(demand,))
    return WorkforceProblem(periods=PERIODS, skills=(skill,), families=(family,))


def test_a_plan_hires_as_late_as_it_can():
    plan = plan_workforce(plant())

    assert blocks_of(plant(), plan) == [Block(skill=0, period=3, heads=1)]


def test_the_card_tells_what_slips_and_what_the_block_is_worth():
    card = hiring_card(plant(), Block(skill=0, period=3, heads=1))

    # without: 30 of 60 drives never come (400 each), but nobody is paid 1,000 a month and hired for 300; the
    # one who may come a month before or not at all costs 1,000 more, so that is what the block is worth
    assert card.worth == pytest.approx(1_000.0)
    assert card.break_even_cost == pytest.approx(1_300.0)
    assert card.can_wait_periods == 0
    assert card.decide_by == pytest.approx(70.0)


def test_a_refused_block_is_not_hired_and_an_approved_one_is():
    block = Block(skill=0, period=3, heads=1)
    early = Block(skill=0, period=1, heads=2)
    locks = [Lock(block=block, verdict=Verdict.REFUSED), Lock(block=early, verdict=Verdict.APPROVED)]

    plan = plan_workforce(with_locks(plant(), locks))

    assert plan.decisions.hires[0] == (0, 2, 0, 0, 0, 0)


def test_without_the_only_block_its_orders_slip():
    problem = plant()
    refused = [
        Lock(block=Block(skill=0, period=period, heads=2), verdict=Verdict.REFUSED) for period in (1, 2)
    ]
    card = hiring_card(with_locks(problem, refused), Block(skill=0, period=3, heads=1))

    # one head makes 30 of 60 drives by the end; the rest counts as late until a year after
    assert [slip.name for slip in card.slips] == ["SO-1/1"]
    assert card.slips[0].days == pytest.approx(365.0)
    assert card.late_cost == pytest.approx(30 * 400.0)
    assert card.money == pytest.approx(-300.0 - 3 * 1_000.0)
