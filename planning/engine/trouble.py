"""What can never be made or bought, found before planning, and what this release does not honour."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from planning.engine.events import absent_heads
from planning.engine.headcount import count_people, heads_at_work
from planning.engine.hiring_rules import NO_LIMIT, HiringTable
from planning.engine.material import MOST_WANTED
from planning.engine.plan import PlanException
from planning.engine.scope import Scope
from planning.engine.shop import MICRO, Shop, Skill, Step
from planning.engine.sourcing import make_rule, ways_of


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why ``item`` can never be supplied: a code of the trade, what it is about, and words for a planner."""

    code: str
    entity: str
    text: str
    suggestion: str
    item: int


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What no plan can supply beyond stock and receipts, released and firm orders no plan can finish, and
    made items that can only be bought.
    """

    items: dict[int, Obstacle]
    work_orders: dict[str, Obstacle]
    bought_only: set[int]

    def add(self, shop: Shop, obstacle: Obstacle) -> None:
        """Its item cannot be supplied in its usual way: it is bought where a source can, else impossible."""
        if shop.items[obstacle.item].kind == "make" and ways_of(shop, obstacle.item):
            self.bought_only.add(obstacle.item)
        else:
            self.items[obstacle.item] = obstacle


def find_obstacles(shop: Shop) -> Obstacles:
    """What the factory's rows alone show to be impossible."""
    found = Obstacles({}, {}, set())
    for item, row in enumerate(shop.items):
        obstacle = _purchase_obstacle(shop, item) if row.kind == "buy" else _make_obstacle(shop, item)
        if obstacle is not None:
            found.add(shop, obstacle)
    for work in shop.factory.work_orders:
        item = shop.item_index[work.item]
        done = work.done_through_seq
        left = [step for step in shop.routes[item] if done is None or step.seq > done]
        obstacle = _work_obstacle(shop, item, left)
        obstacle = obstacle or _day_obstacle(shop, item, work.ref, "starts", work.start)
        if obstacle is not None:
            found.work_orders[work.ref] = obstacle
    for firm in shop.factory.firm_orders:
        item = shop.item_index[firm.item]
        obstacle = _work_obstacle(shop, item, shop.routes[item])
        obstacle = obstacle or _day_obstacle(shop, item, firm.ref, "begins", firm.release)
        obstacle = obstacle or _day_obstacle(shop, item, firm.ref, "is due", firm.due)
        if firm.kind == "make" and obstacle is not None:
            found.work_orders[firm.ref] = obstacle
    return found


def _last_day(shop: Shop) -> date:
    """The last day on which anything is planned, well beyond the horizon."""
    return shop.grid.day(shop.grid.end - 1)


def _day_obstacle(shop: Shop, item: int, ref: str, word: str, day: date | None) -> Obstacle | None:
    """A released or firm order whose own days lie beyond all that is planned."""
    last = _last_day(shop)
    if day is None or day <= last:
        return None
    text = f"{ref} of {shop.items[item].code} {word} on {day}: nothing is planned after {last}."
    return Obstacle("BROKEN_SUPPLY_PATH", ref, text, f"Correct the days of {ref}.", item)


def _first_day_obstacle(shop: Shop, item: int) -> Obstacle | None:
    """No new order of ``item`` may begin on any day that is planned."""
    row, last = shop.items[item], _last_day(shop)
    fence = shop.grid.as_of + timedelta(days=row.fence_days)
    if fence > last:
        text = f"The planning fence of {row.code} ends on {fence}: nothing is planned after {last}."
        advice = f"Shorten the fence of {row.code}, which is {row.fence_days} days."
        return Obstacle("BROKEN_SUPPLY_PATH", row.code, text, advice, item)
    if row.kind == "make" and row.earliest_production is not None and row.earliest_production > last:
        first = row.earliest_production
        text = f"{row.code} may not be produced before {first}: nothing is planned after {last}."
        advice = f"Correct the first day of production of {row.code}."
        return Obstacle("BROKEN_SUPPLY_PATH", row.code, text, advice, item)
    return None


def _lead_obstacle(shop: Shop, item: int, what: str, calendar: str | None, days: int) -> Obstacle | None:
    """An order of ``what`` that goes out as soon as it may comes after all that is planned."""
    code, last = shop.items[item].code, _last_day(shop)
    release = shop.grid.as_of + timedelta(days=shop.items[item].fence_days)
    if shop.after_lead(calendar, release, days) <= last:
        return None
    if calendar is not None and not shop.grid.open_time[calendar].starts:
        text = f"{what} takes {days} open days of calendar {calendar}, which never opens."
        advice = f"Add shifts to calendar {calendar}, or give {code} a lead time in calendar days."
        return Obstacle("BROKEN_SUPPLY_PATH", code, text, advice, item)
    within = "" if calendar is None else f" of calendar {calendar}"
    text = (
        f"{what} takes {days} days{within}: begun on {release}, it comes after {last}, the last day planned."
    )
    return Obstacle("BROKEN_SUPPLY_PATH", code, text, f"Correct the lead time of {code}.", item)


def too_much(shop: Shop, item: int) -> Obstacle:
    """More of ``item`` is wanted than netting counts."""
    row = shop.items[item]
    text = f"More {row.code} is wanted than any factory takes: over {MOST_WANTED // MICRO:,} {row.uom}."
    advice = f"Correct the quantities of {row.code} in bills of materials and orders."
    return Obstacle("INVALID_DATA", row.code, text, advice, item)


def obstacle_exceptions(shop: Shop, obstacles: Obstacles, scope: Scope) -> Iterator[PlanException]:
    """The obstacles that keep a demand or a work order from being served; others are of no consequence."""
    for item in sorted({*scope.blame.values(), *scope.stranded.values()}):
        if item in obstacles.items:
            yield _impossible(obstacles.items[item], obstacles.items[item].entity)
    for ref, item in sorted(scope.stranded.items()):
        known = obstacles.work_orders.get(ref) or obstacles.items.get(item)
        if known is None:
            code = shop.items[item].code
            text = f"{ref} waits for {code}, of which stock, orders and all that can be made or bought until"
            text += f" {_last_day(shop)} are not enough."
            advice = f"Find another way to supply {code}, or make less of {ref}."
            known = Obstacle("BROKEN_SUPPLY_PATH", ref, text, advice, item)
        yield _impossible(known, ref)


def _impossible(obstacle: Obstacle, entity: str) -> PlanException:
    text = obstacle.text if entity == obstacle.entity else f"Cannot be finished: {obstacle.text}"
    return PlanException(
        code=obstacle.code, severity="error", entity=entity, text=text, suggestion=obstacle.suggestion
    )


def _purchase_obstacle(shop: Shop, item: int) -> Obstacle | None:
    if ways_of(shop, item):
        return None
    row, as_of = shop.items[item], shop.factory.as_of
    code = row.code
    sources = shop.sources[item]
    serving = [each for each in sources if each.to is None or max(as_of, each.from_ or as_of) < each.to]
    if sources and not serving:
        text = f"{code} is bought, but none of its sources is effective on or after {as_of}."
        advice = f"Add a source for {code} or extend the dates of one."
        return Obstacle("BROKEN_SUPPLY_PATH", code, text, advice, item)
    late = _first_day_obstacle(shop, item)
    if not sources:
        late = late or _lead_obstacle(shop, item, code, row.lead_time_calendar, row.lead_time_days)
    found = [
        _lead_obstacle(
            shop, item, f"{code} from {each.supplier}", each.lead_time_calendar, each.lead_time_days
        )
        for each in serving
    ]
    if late is not None or (found and all(found)):
        return late or found[0]
    if serving and all(source.capacity_per_week is not None for source in serving):
        text = f"{code} is bought, but its suppliers' capacity per week holds no order of an allowed size."
        advice = f"Correct capacity, minimum and multiple of {code}'s sources."
        return Obstacle("AT_RISK_SUPPLIER_CAPACITY", code, text, advice, item)
    text = f"{code} is bought, but no order keeps its minimum, multiple and maximum."
    advice = f"Correct the lot sizes of {code} and its sources."
    return Obstacle("BROKEN_SUPPLY_PATH", code, text, advice, item)


def _make_obstacle(shop: Shop, item: int) -> Obstacle | None:
    row = shop.items[item]
    if row.kind == "phantom":
        text = f"{row.code} is a phantom: it passes its components through and is never made by itself."
        advice = f"Make {row.code} a made item, or sell what it stands for."
        return Obstacle("BROKEN_SUPPLY_PATH", row.code, text, advice, item)
    first, last = shop.next_bom_day(item, shop.factory.as_of), shop.grid.day(shop.grid.end - 1)
    if first is None or first > last:
        when = f"on or after {shop.factory.as_of}" + (f" until {last}" if first else "")
        text = f"No row of the bill of materials of {row.code} counts {when}."
        advice = f"Extend a revision of {row.code}, or begin a new one."
        return Obstacle("BROKEN_SUPPLY_PATH", row.code, text, advice, item)
    if make_rule(shop, item) is None:
        text = f"No lot of {row.code} keeps its minimum, multiple and maximum order."
        return Obstacle("BROKEN_SUPPLY_PATH", row.code, text, f"Correct the lot sizes of {row.code}.", item)
    late = _first_day_obstacle(shop, item)
    if not shop.routes[item]:
        late = late or _lead_obstacle(shop, item, row.code, row.lead_time_calendar, row.lead_time_days)
    return late or _work_obstacle(shop, item, shop.routes[item])


def _work_obstacle(shop: Shop, item: int, steps: list[Step]) -> Obstacle | None:
    """Why the operations that are left of an order can never all be done."""
    found = next((each for step in steps if (each := _step_obstacle(shop, item, step))), None)
    return found or _passing_obstacle(shop, item, steps)


def _passing_obstacle(shop: Shop, item: int, steps: list[Step]) -> Obstacle | None:
    """Time that passes without anybody's work, longer than all that is planned."""
    passing = [(step.queue_minutes + step.free_after(MICRO), step) for step in steps]
    if sum(minutes for minutes, _ in passing) < shop.grid.end:
        return None
    minutes, step = max(passing, key=lambda each: each[0])
    code = shop.items[item].code
    name = code if step.centre < 0 else shop.factory.work_centres[step.centre].code
    text = (
        f"Operation {step.seq} of {code} is away, unattended or queues for {minutes // 60:,} hours:"
        f" nothing is planned after {_last_day(shop)}."
    )
    advice = f"Check the unattended and queue hours and the external days of the operations of {code}."
    return Obstacle("AT_RISK_RESOURCE", name, text, advice, item)


def _step_obstacle(shop: Shop, item: int, step: Step) -> Obstacle | None:
    """Why an operation can never be done: on its work centre and every alternate, or by its people."""
    if step.centre < 0:
        return None
    found = _centre_obstacle(shop, item, step, step.centre, 1.0)
    if found is not None:
        row = next(each for each in shop.operation_rows[item] if each.seq == step.seq)
        for way in row.alternates:
            centre = shop.centre_index[way.work_centre]
            if _centre_obstacle(shop, item, step, centre, float(way.speed)) is None:
                found = None
                break
    return found or _people_obstacle(shop, item, step)


def _centre_obstacle(shop: Shop, item: int, step: Step, number: int, speed: float) -> Obstacle | None:
    code = shop.items[item].code
    centre = shop.factory.work_centres[number]
    opened = shop.grid.open_time[centre.calendar]
    up = max((shop.station_time(number, each).total for each in _unlike_stations(shop, number)), default=0)
    where = f"Operation {step.seq} of {code} needs work centre {centre.code}"
    if centre.stations == 0:
        text, advice = f"{where}, which has no stations.", "Give it a station."
    elif not opened.starts:
        text = f"{where}, whose calendar {centre.calendar} never opens."
        advice = f"Add shifts to calendar {centre.calendar}."
    elif not up:
        text = f"{where}, of which no station is up until {_last_day(shop)}."
        advice = f"End the downtimes of {centre.code}."
    elif (asked := step.attended_minutes(shop.items[item].units_made * MICRO, MICRO) / speed) > up:
        text = (
            f"{where} for longer than it is open until {_last_day(shop)}: {asked / 60:,.1f} h for one"
            f" {shop.items[item].uom}, open are {up / 60:,.1f} h."
        )
        advice = f"Check the run and setup hours of the operation, or open calendar {centre.calendar} longer."
    else:
        return None
    return Obstacle("AT_RISK_RESOURCE", centre.code, text, advice, item)


def _unlike_stations(shop: Shop, number: int) -> list[int]:
    """The stations of a work centre that have downtimes of their own, and one that has none."""
    centre = shop.factory.work_centres[number]
    own = {row.station for row in shop.factory.downtimes if row.work_centre == centre.code and row.station}
    usual = (each for each in range(1, centre.stations + 1) if each not in own)
    return sorted(own | set(islice(usual, 1)))


def _people_obstacle(shop: Shop, item: int, step: Step) -> Obstacle | None:
    if step.skill < 0:
        return None
    skill = shop.skills[step.skill]
    row = skill.row
    most = _most_heads(shop, skill, step.crew)
    what = f"Operation {step.seq} of {shop.items[item].code} needs {step.crew} of skill {skill.code}"
    if most < step.crew:
        text = f"{what}; there are {row.headcount} and there may never be more than {most} at work."
        return Obstacle(
            "AT_RISK_SKILL", skill.code, text, f"Allow hiring of {skill.code}, or raise its headcount.", item
        )
    if not _gives_hours(shop, skill, step.crew):
        text = f"{what}, but all who can be hired are in training past the horizon and give no hours."
        advice = f"Plan over a longer horizon, or find {skill.code} who are trained or temporary."
        return Obstacle("AT_RISK_SKILL", skill.code, text, advice, item)
    if skill.shifts and not _is_ever_manned(shop, item, step):
        text = f"{what}, but no shift that takes them runs for as long as its work centre is open:"
        takes = (f"{each.name} takes {each.max_heads}" for each in row.shifts if each.max_heads is not None)
        text += f" {', '.join(takes) or 'all end before or begin after it'}."
        advice = f"Give {skill.code} other shifts or more people on them, or open the work centre then."
        return Obstacle("AT_RISK_SKILL", skill.code, text, advice, item)
    if not any(skill.open_days):
        text = f"{what}, but its people work on no day of calendar {row.calendar}."
        return Obstacle("AT_RISK_SKILL", skill.code, text, f"Add shifts to calendar {row.calendar}.", item)
    return None


def _gives_hours(shop: Shop, skill: Skill, crew: int) -> bool:
    """Whether anybody of ``skill`` ever gives an hour: who is there, who is hired, temporary or from another
    skill. Past the horizon the last month goes on.
    """
    if (
        not any(skill.open_days)
        or skill.row.temp_max_heads
        or any(w.target == skill.index for w in shop.ways)
    ):
        return True
    table = HiringTable(shop)
    table.plant_heads = None  # layoffs of other skills may make room
    table.hire_towards(skill, [crew] * len(table.months), NO_LIMIT)
    return any(count_people(skill, table.hires[skill.index], [0] * len(table.months))[1])


def _is_ever_manned(shop: Shop, item: int, step: Step) -> bool:
    """Whether a unit could be made in all the time in which one of its work centres is open and a shift runs
    that takes the step's crew.
    """
    row = next(each for each in shop.operation_rows[item] if each.seq == step.seq)
    ways = [(step.centre, 1.0)]
    ways += [(shop.centre_index[each.work_centre], float(each.speed)) for each in row.alternates]
    minutes = step.attended_minutes(shop.items[item].units_made * MICRO, MICRO)
    times = ((shop.centre_time(centre, step), speed) for centre, speed in ways)
    return any(each.starts and minutes / speed <= each.total for each, speed in times)


def _most_heads(shop: Shop, skill: Skill, crew: int) -> int:
    """People of ``skill`` who are there at once on the best day, with all hires up to ``crew`` and as many
    as are absent, with all who may come from other skills, and with temporary ones.
    """
    grid = shop.grid
    absent = absent_heads(grid, skill.row, shop.factory.absences)
    table = HiringTable(shop)
    table.plant_heads = None  # layoffs of other skills may make room
    table.hire_towards(skill, [crew + max(absent.values(), default=0)] * len(table.months), NO_LIMIT)
    there = [
        heads_at_work(heads) + _from_others(shop, skill, month) + (skill.row.temp_max_heads or 0)
        for month, heads in enumerate(table.heads[skill.index])
    ]
    if not absent:
        return max(there)
    months = {(first.year, first.month): place for place, first in enumerate(grid.months)}
    days = grid.open_days(skill.row.calendar or "", grid.as_of, _last_day(shop))
    return max((there[months.get((day.year, day.month), -1)] - absent.get(day, 0) for day in days), default=0)


def _from_others(shop: Shop, skill: Skill, month: int) -> int:
    """How many may have changed to ``skill`` by ``month``."""
    return sum(
        way.row.max_per_month * max(0, month - way.first_month + 1)
        for way in shop.ways
        if way.target == skill.index
    )


def not_honoured(shop: Shop) -> Iterator[PlanException]:
    """Every part of the factory that this engine stores but does not use yet."""
    factory = shop.factory
    phantoms = {row.code for row in factory.items if row.kind == "phantom"}
    for stock in factory.stock:
        if stock.item in phantoms:
            yield _ignored(stock.item, "Stock of a phantom is not used: its components are.")
    text = "Promised dates are those of the plan itself; no probability (p50, p80, p95) is computed yet."
    yield _ignored("policy/service_level", text)


def _ignored(entity: str, text: str) -> PlanException:
    return PlanException(
        code="NOT_HONOURED",
        severity="info",
        entity=entity,
        text=text,
        suggestion="Take this into account when you read the plan.",
    )
