"""Which rules of the verifier have sums of money, or wages, to say."""

from planning.engine.verify import RULES
from planning.selectors.runs import MONEY_RULES, tells_money

# What these find is about days, hours, heads, quantities and names.
WITHOUT_MONEY = {
    "references_known",
    "ids_unique",
    "figures_sound",
    "moments_sound",
    "starts_after_as_of",
    "order_kind_fits_item",
    "purchase_source_effective",
    "purchase_lead_time",
    "purchase_lot_size",
    "supplier_capacity",
    "make_lot_size",
    "make_lead_time",
    "earliest_production",
    "order_dates",
    "work_orders_kept",
    "firm_orders_kept",
    "firm_dates_kept",
    "fences_kept",
    "pins_kept",
    "order_has_its_operations",
    "operation_quantity",
    "operation_as_routed",
    "station_exists",
    "station_free",
    "operation_in_open_time",
    "operation_duration",
    "station_held",
    "operation_sequence",
    "material_balance",
    "pegging_complete",
    "pegging_not_over_supply",
    "pegging_in_time",
    "pegging_days_kept",
    "staffing_rows_complete",
    "heads_follow_moves",
    "hires_possible",
    "hiring_decisions_kept",
    "hire_limits",
    "plant_heads_within_limit",
    "skill_changes_possible",
    "layoffs_allowed",
    "temporary_heads_within_limit",
    "min_headcount_kept",
    "ratios_kept",
    "ramps_kept",
    "skills_held",
    "staffing_hours_recomputed",
    "overtime_within_cap",
    "hours_within_capacity",
    "crews_within_heads",
    "labour_weeks_recomputed",
    "shift_seats_kept",
    "promise_rows_complete",
    "promise_matches_deliveries",
    "days_late_recomputed",
    "delivery_policy_kept",
    "late_rows_explained",
    "chains_consistent",
    "earliest_days_hold",
    "shortfalls_sound",
    "plan_names_its_factory",
    "load_recomputed",
}


def test_every_rule_is_known_to_tell_money_or_not():
    assert {rule.__name__ for rule in RULES} == WITHOUT_MONEY | MONEY_RULES
    assert not WITHOUT_MONEY & MONEY_RULES


def test_a_rule_is_hidden_by_its_name_not_by_a_word_in_it():
    assert all(tells_money(name) for name in MONEY_RULES)
    assert not any(tells_money(name) for name in WITHOUT_MONEY)
