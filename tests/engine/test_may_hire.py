"""Whether anybody could be hired for a skill at all: what a remedy may advise."""

import pytest

from planning.engine.hiring_rules import may_hire
from tests.engine.plants import shop_of

REFUSED = [
    {"skill": "ASM", "month": month, "heads": 0, "verdict": "refused"} for month in ("2024-02", "2024-03")
]


@pytest.mark.parametrize(
    ("rules", "is_possible"),
    [
        ({}, True),
        ({"staffing": {"can_hire": False}}, False),
        ({"staffing": {"max_hires": 0}}, False),
        ({"staffing": {"max_hires_per_month": 0}}, False),
        ({"staffing": {"max_total_hires_per_month": 0}}, False),
        ({"staffing": {"hire_lead_days": 400}}, False),
        ({"staffing": {"hire_lead_days": 20}, "hiring_decisions": REFUSED[:1]}, True),
        ({"staffing": {"hire_lead_days": 20}, "hiring_decisions": REFUSED}, False),
    ],
)
def test_limits_and_decisions_say_whether_anybody_can_be_hired(rules, is_possible):
    shop = shop_of(**rules)

    assert may_hire(shop, shop.skills[0]) is is_possible
