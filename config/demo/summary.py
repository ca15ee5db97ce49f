"""What came out, for a person: dates, hires, cost, how good the plan is, and whether it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from planning.engine.factory import Factory
from planning.engine.plan import COST_PARTS, STAGES, Plan, Promise, StaffingMonth

MONTH_WIDTH = 11
SKILL_WIDTH = 36
# What the orders' table takes besides the customer's name.
ORDER_WIDTH = 84
KINDS = ("direct", "indirect", "engineering", "overhead")


def print_summary(console: Console, factory: Factory, plan: Plan, violations: Sequence[Any]) -> None:
    """Print the plan; ``violations`` is what the verifier just found in it."""
    _print_orders(console, factory, plan)
    _print_staffing(console, factory, plan)
    _print_cost(console, factory, plan)
    _print_certificate(console, plan)
    _print_verdict(console, plan, violations)


def _print_orders(console: Console, factory: Factory, plan: Plan) -> None:
    table = _table("Orders: requested and promised", "Order", "Customer", "Item")
    for heading in ("Qty", "Requested", "Promised", "Days late"):
        table.add_column(heading, justify="right", no_wrap=True)
    room = max(10, console.width - ORDER_WIDTH)
    names = {customer.code: customer.name or customer.code for customer in factory.customers}
    customers = {order.ref: names.get(order.customer, order.customer) for order in factory.sales_orders}
    for row in sorted(
        plan.promises, key=lambda row: (-row.days_late, row.requested, row.sales_order, row.line)
    ):
        table.add_row(
            f"{row.sales_order} {row.line}.{row.instalment}",
            customers.get(row.sales_order, "")[:room],
            row.item,
            f"{row.qty:f}",
            row.requested.isoformat(),
            row.promised.isoformat() if row.promised else "never",
            _lateness(row),
        )
    console.print(table)
    for row in plan.promises:
        if row.days_late and row.reasons:
            console.print(f"{row.sales_order} {row.line}.{row.instalment} is late: {row.reasons[0].text}")
    on_time = sum(row.days_late == 0 and row.promised is not None for row in plan.promises)
    console.print(f"[bold]{on_time} of {len(plan.promises)} deliveries on time.[/bold]\n")


def _lateness(row: Promise) -> str:
    return f"[red]{row.days_late}[/red]" if row.days_late else "-"


def _print_staffing(console: Console, factory: Factory, plan: Plan) -> None:
    """Heads of each month, with the hires in it; as many months side by side as the terminal has room for."""
    months = sorted({row.month for row in plan.staffing})
    cells = {(row.skill, row.month): row for row in plan.staffing}
    skills = sorted(factory.skills, key=lambda skill: (KINDS.index(skill.kind), skill.code))
    direct = [skill for skill in skills if skill.kind == "direct"]
    others = [skill for skill in skills if skill.kind != "direct"]
    room = max(1, (console.width - SKILL_WIDTH) // MONTH_WIDTH)
    for part in batched(months, room):
        table = _table("Hiring plan: heads, and hires (+) in the month", "Skill")
        for month in part:
            table.add_column(month, justify="right", no_wrap=True)
        for group, label, counted in ((direct, "Direct people", direct), (others, "People in all", skills)):
            for skill in group:
                row = [_heads(cells.get((skill.code, month))) for month in part]
                table.add_row((skill.name or skill.code)[: SKILL_WIDTH - 2], *row)
            table.add_section()
            codes = {skill.code for skill in counted}
            totals = (_sum(cells[code, month] for code in codes if (code, month) in cells) for month in part)
            table.add_row(f"[bold]{label}[/bold]", *totals, end_section=True)
        console.print(table)
    _print_hires(console, plan)


def _print_hires(console: Console, plan: Plan) -> None:
    """The figures somebody asks for first."""
    people: dict[str, float] = defaultdict(float)
    for row in plan.staffing:
        people[row.month] += row.headcount
    hires = sum(row.hires for row in plan.staffing)
    peak = max(people, key=lambda month: (people[month], month), default=None)
    if peak is not None:
        console.print(f"[bold]{hires} hires; {people[peak]:.0f} people at most, in {peak}.[/bold]\n")


def _heads(row: StaffingMonth | None) -> str:
    if row is None:
        return ""
    heads = _tenths(row.headcount) + (f"+{_tenths(row.temp_heads)}t" if row.temp_heads else "")
    return f"{heads} [green]+{row.hires}[/green]" if row.hires else heads


def _tenths(heads: float) -> str:
    """Attrition is an expectation, so heads may be fractional; whole ones are shown whole."""
    return f"{heads:.1f}".removesuffix(".0")


def _sum(rows: Iterable[StaffingMonth]) -> str:
    chosen = list(rows)
    hires = sum(row.hires for row in chosen)
    heads = f"[bold]{sum(row.headcount for row in chosen):.0f}[/bold]"
    return f"{heads} [green]+{hires}[/green]" if hires else heads


def _print_cost(console: Console, factory: Factory, plan: Plan) -> None:
    console.print(f"[bold]Cost[/bold] from {factory.as_of} to {factory.horizon_end}")
    table = _table(None, "Part")
    table.add_column(factory.currency, justify="right")
    for part in COST_PARTS:
        table.add_row(part.replace("_", " ").capitalize(), f"{getattr(plan.cost, part):,.0f}")
    table.add_section()
    table.add_row("[bold]Total[/bold]", f"[bold]{plan.cost.total:,.0f}[/bold]")
    console.print(table)


def _print_certificate(console: Console, plan: Plan) -> None:
    table = _table("How good the plan is, by stage", "Stage", "Status", "Solver")
    for heading in ("Objective", "Bound", "Gap", "Seconds"):
        table.add_column(heading, justify="right")
    for name in STAGES:
        stage = getattr(plan.certificate, name)
        bound = "none known" if stage.bound is None else _amount(stage.bound)
        gap = "-" if stage.gap is None else f"{stage.gap:.2%}"
        figures = (_amount(stage.objective), bound, gap, f"{stage.seconds:.1f}")
        table.add_row(name, stage.status, stage.solver, *figures)
    console.print(table)


def _amount(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.0f}"


def _print_verdict(console: Console, plan: Plan, violations: Sequence[Any]) -> None:
    # Why deliveries are late is told with the orders.
    severe = [row for row in plan.exceptions if row.severity != "info" and row.code != "LATE_DEMAND"]
    for row in severe[:10]:
        console.print(f"[yellow]{row.severity}[/yellow] {row.code} {row.entity}: {row.text}")
    if len(plan.exceptions) > len(severe[:10]):
        console.print(f"{len(plan.exceptions)} exceptions in all; the plan's page lists them.")
    if violations:
        console.print(f"[bold red]The verifier found {len(violations)} violations:[/bold red]")
        for violation in violations[:10]:
            console.print(f"  {violation}")
    else:
        console.print(
            "[bold green]The verifier found no violation[/bold green]: it recomputed every rule and the cost"
        )
        console.print("from the factory and the plan alone, without a solver.\n")


def _table(title: str | None, *left: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for heading in left:
        table.add_column(heading, no_wrap=True)
    return table
