"""Hiring decision cards of a factory: what each block of hires of a plan is worth, in the factory's words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from planning.engine.aggregate import curves_of, plan_model
from planning.engine.scope import Scope
from planning.engine.shop import Shop
from planning.engine.shop_model import AggregateOptions, ShopModel
from planning.engine.workforce_plan.decisions import Block, HiringCard, Slip, blocks_of, hiring_card


class HireBlock(NamedTuple):
    """``heads`` of ``skill`` who start on the first day of ``month`` ("2011-03")."""

    skill: str
    month: str
    heads: int


class SlippingDelivery(NamedTuple):
    """``name``: sales order/line/instalment, several that are due on one day apart by commas. ``is_served``
    false: not within the horizon, and counted as late until a year after it.
    """

    name: str
    days: float
    is_served: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HireCard:
    """A block and what it is worth: ``worth`` is what everything costs more where nobody is hired for the
    skill in that month, ``money`` (paid) and ``late_cost`` its parts. ``missing_head_months`` are heads
    beside the direct ones, and other rules about people, that nobody can then keep; they are not priced in.
    A hire pays up to ``break_even_cost``. ``requisition_by`` is for the planned month, ``decide_by`` the last
    day on which nothing is lost yet. ``never_worth`` and ``never_slips``: where nobody is hired for the skill
    in any later month either.
    """

    skill: str
    month: str
    heads: int
    requisition_by: date
    decide_by: date
    worth: float
    money: float
    late_cost: float
    missing_head_months: float
    break_even_cost: float
    slips: tuple[SlippingDelivery, ...]
    never_worth: float
    never_slips: tuple[SlippingDelivery, ...]


def hiring_cards(
    shop: Shop,
    blocks: Iterable[HireBlock] | None = None,
    options: AggregateOptions | None = None,
    scope: Scope | None = None,
) -> Iterator[HireCard]:
    """One card after the other, in the order of ``blocks``; without, of every block of the aggregate plan
    that nobody has decided yet (``options.locks`` are decided). Blocks of skills and months that the shop
    does not have are passed over.

    Solves the aggregate model again several times for each; raises ``SolverFailed`` where that fails.
    """
    model = ShopModel(shop, options or AggregateOptions(), scope or Scope.of(shop))
    plan, _ = plan_model(model, proof=0.0)
    problem = model.problem(curves_of(model, plan))
    wanted = blocks_of(problem, plan) if blocks is None else _positions(shop, blocks)
    for block in wanted:
        yield _in_words(shop, block, hiring_card(problem, block))


def _positions(shop: Shop, blocks: Iterable[HireBlock]) -> Iterator[Block]:
    months = {f"{first:%Y-%m}": number for number, first in enumerate(shop.grid.months)}
    for skill, month, heads in blocks:
        if skill in shop.skill_index and month in months and heads > 0:
            yield Block(skill=shop.skill_index[skill], period=months[month], heads=heads)


def _in_words(shop: Shop, block: Block, card: HiringCard) -> HireCard:
    skill, month = shop.skills[block.skill], shop.grid.months[block.period]
    lead = timedelta(days=skill.row.hire_lead_days or 0)
    return HireCard(
        skill=skill.code,
        month=f"{month:%Y-%m}",
        heads=block.heads,
        requisition_by=month - lead,
        decide_by=max(shop.grid.as_of, shop.grid.months[block.period + card.can_wait_periods] - lead),
        worth=card.worth,
        money=card.money,
        late_cost=card.late_cost,
        missing_head_months=card.missing,
        break_even_cost=card.break_even_cost,
        slips=_told(card.slips),
        never_worth=card.never_worth,
        never_slips=_told(card.never_slips),
    )


def _told(slips: tuple[Slip, ...]) -> tuple[SlippingDelivery, ...]:
    return tuple(SlippingDelivery(each.name, round(each.days, 1), each.is_served) for each in slips)
