"""The verifier: feasibility and cost of a plan, recomputed from factory and plan alone, in plain loops.

It shares no code with what builds plans: its own calendar arithmetic, learning curves, explosion and cost.
One function per rule; the docstring is the rule, the function's name is what a violation carries. A malformed
plan has violations, never a crash. Cost: about linear in operations and pegging rows.
"""

from collections.abc import Callable, Iterator

from planning.engine.factory import Factory
from planning.engine.plan import Cost, Plan
from planning.engine.verify import (
    cash,
    firm,
    hiring,
    material,
    operations,
    orders,
    promises,
    references,
    results,
    shifts,
    told,
    weeks,
    workforce,
)
from planning.engine.verify.cost import recomputed_cost
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.violation import Violation

__all__ = ["RULES", "Violation", "recompute_cost", "violations"]

Rule = Callable[[Ledger], Iterator[tuple[str, str]]]

RULES: tuple[Rule, ...] = (
    references.references_known,
    references.ids_unique,
    references.figures_sound,
    references.moments_sound,
    orders.starts_after_as_of,
    orders.order_kind_fits_item,
    orders.purchase_source_effective,
    orders.purchase_lead_time,
    orders.purchase_lot_size,
    orders.supplier_capacity,
    orders.make_lot_size,
    orders.make_lead_time,
    orders.earliest_production,
    orders.order_dates,
    orders.work_orders_kept,
    firm.firm_orders_kept,
    firm.firm_dates_kept,
    firm.fences_kept,
    firm.pins_kept,
    operations.order_has_its_operations,
    operations.operation_quantity,
    operations.operation_as_routed,
    operations.station_exists,
    operations.station_free,
    operations.operation_in_open_time,
    operations.operation_duration,
    operations.station_held,
    operations.operation_sequence,
    material.material_balance,
    material.pegging_complete,
    material.pegging_not_over_supply,
    material.pegging_in_time,
    told.pegging_days_kept,
    workforce.staffing_rows_complete,
    workforce.heads_follow_moves,
    hiring.hires_possible,
    hiring.hiring_decisions_kept,
    hiring.hire_limits,
    hiring.plant_heads_within_limit,
    hiring.hiring_budget_kept,
    hiring.skill_changes_possible,
    hiring.layoffs_allowed,
    hiring.temporary_heads_within_limit,
    hiring.min_headcount_kept,
    hiring.ratios_kept,
    hiring.ramps_kept,
    hiring.skills_held,
    workforce.staffing_hours_recomputed,
    workforce.overtime_within_cap,
    workforce.hours_within_capacity,
    workforce.crews_within_heads,
    shifts.shift_seats_kept,
    workforce.people_told,
    workforce.staffing_cost_recomputed,
    weeks.labour_weeks_recomputed,
    shifts.shift_hours_recomputed,
    promises.promise_rows_complete,
    promises.promise_matches_deliveries,
    promises.days_late_recomputed,
    promises.delivery_policy_kept,
    promises.late_rows_explained,
    told.chains_consistent,
    told.earliest_days_hold,
    told.money_at_risk_sound,
    told.shortfalls_sound,
    results.plan_names_its_factory,
    results.load_recomputed,
    results.cost_recomputed,
    cash.cash_recomputed,
    results.certificate_consistent,
)


def violations(factory: Factory, plan: Plan) -> list[Violation]:
    """Every rule that ``plan`` breaks for ``factory``, in the order of ``RULES``; empty for a plan that
    holds.
    """
    ledger = Ledger(factory, plan)
    return [
        Violation(rule=rule.__name__, entity=entity, text=text)
        for rule in RULES
        for entity, text in rule(ledger)
    ]


def recompute_cost(factory: Factory, plan: Plan) -> Cost:
    """The cost of what ``plan`` decides, in all its parts; what the plan tells of cost, heads and hours is
    not read.
    """
    return recomputed_cost(Ledger(factory, plan))
