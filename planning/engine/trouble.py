"""What can never be made or bought, found before planning, and what this release does not honour."""

from collections.abc import Iterator
from dataclasses import dataclass

from planning.engine.factory import Factory
from planning.engine.mrp import earliest_purchase
from planning.engine.plan import PlanException
from planning.engine.shop import MICRO, Shop, Step


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an item can never be supplied: a code of the trade, what it is about, and words for a planner."""

    code: str
    entity: str
    text: str
    suggestion: str


def find_obstacles(shop: Shop) -> dict[int, Obstacle]:
    """Items that no plan can supply beyond stock and receipts."""
    found: dict[int, Obstacle] = {}
    for item, row in enumerate(shop.items):
        if row.kind == "buy":
            obstacle = _purchase_obstacle(shop, item)
        else:
            obstacle = next(
                (each for s in shop.routes[item] if (each := _step_obstacle(shop, item, s))), None
            )
        if obstacle is not None:
            found[item] = obstacle
    return found


def _purchase_obstacle(shop: Shop, item: int) -> Obstacle | None:
    code = shop.items[item].code
    if earliest_purchase(shop, item) >= shop.grid.end:
        text = f"{code} is bought, but none of its sources is effective on or after {shop.factory.as_of}."
        return Obstacle(
            "BROKEN_SUPPLY_PATH", code, text, f"Add a source for {code} or extend the dates of one."
        )
    if shop.sources[item] and all(source.capacity_per_week == 0 for source in shop.sources[item]):
        text = f"{code} is bought, but its suppliers can deliver nothing in any week."
        return Obstacle(
            "AT_RISK_SUPPLIER_CAPACITY", code, text, f"Correct the capacity per week of {code}'s sources."
        )
    return None


def _step_obstacle(shop: Shop, item: int, step: Step) -> Obstacle | None:
    if step.centre < 0:
        return None
    code = shop.items[item].code
    centre = shop.factory.work_centres[step.centre]
    opened = shop.grid.open_time[centre.calendar]
    where = f"Operation {step.seq} of {code} needs work centre {centre.code}"
    if centre.stations == 0:
        return Obstacle(
            "AT_RISK_RESOURCE", centre.code, f"{where}, which has no stations.", "Give it a station."
        )
    if not opened.starts:
        text = f"{where}, whose calendar {centre.calendar} never opens."
        return Obstacle("AT_RISK_RESOURCE", centre.code, text, f"Add shifts to calendar {centre.calendar}.")
    if step.attended_minutes(shop.items[item].units_made * MICRO, MICRO) > opened.total:
        text = f"{where} for longer than its calendar is open until {shop.grid.day(shop.grid.end - 1)}."
        return Obstacle(
            "AT_RISK_RESOURCE", centre.code, text, "Check the run and setup hours of the operation."
        )
    return _people_obstacle(shop, item, step)


def _people_obstacle(shop: Shop, item: int, step: Step) -> Obstacle | None:
    if step.skill < 0:
        return None
    skill = shop.skills[step.skill]
    row = skill.row
    most: float = row.headcount
    if row.can_hire and skill.first_hire_month < len(shop.grid.months):
        most = float("inf") if row.max_headcount is None else max(row.headcount, row.max_headcount)
    if row.max_hires_per_month == 0 or shop.factory.staffing.max_total_hires_per_month == 0:
        most = row.headcount
    what = f"Operation {step.seq} of {shop.items[item].code} needs {step.crew} of skill {skill.code}"
    if most < step.crew:
        text = f"{what}; there are {row.headcount} and there may never be more than {most:g}."
        return Obstacle(
            "AT_RISK_SKILL", skill.code, text, f"Allow hiring of {skill.code}, or raise its headcount."
        )
    if not any(skill.open_days):
        text = f"{what}, but its people work on no day of calendar {row.calendar}."
        return Obstacle("AT_RISK_SKILL", skill.code, text, f"Add shifts to calendar {row.calendar}.")
    return None


def not_honoured(shop: Shop) -> Iterator[PlanException]:
    """Every part of the factory that this engine stores but does not use yet."""
    factory = shop.factory
    for bom in factory.bom:
        if bom.substitutes:
            yield _ignored(f"{bom.parent}/{bom.component}", "Substitutes of this component are not used.")
    yield from _not_honoured_of_routings(factory)
    for skill in factory.skills:
        if skill.temp_max_heads:
            yield _ignored(skill.code, "Temporary heads are not planned.")
    if factory.policy.frozen_days:
        yield _ignored("policy/frozen_days", "No earlier plan is kept inside the frozen days.")
    text = "Promised dates are those of the plan itself; no probability (p50, p80, p95) is computed yet."
    yield _ignored("policy/service_level", text)


def _not_honoured_of_routings(factory: Factory) -> Iterator[PlanException]:
    families: set[str] = {row.work_centre for row in factory.setup_times}
    for code, rows in factory.routings.items():
        for row in rows:
            if row.alternates:
                yield _ignored(f"{code}/{row.seq}", "Alternate work centres of this operation are not used.")
            if row.overlap:
                yield _ignored(f"{code}/{row.seq}", "The next operation waits for the whole lot: no overlap.")
            if row.setup_family is not None and row.work_centre is not None:
                families.add(row.work_centre)
    for centre in sorted(families):
        yield _ignored(centre, "Every lot pays the full setup; setup families and setup times are not used.")


def _ignored(entity: str, text: str) -> PlanException:
    return PlanException(
        code="NOT_HONOURED",
        severity="info",
        entity=entity,
        text=text,
        suggestion="Take this into account when you read the plan.",
    )
