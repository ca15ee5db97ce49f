"""Hiring decision cards of a factory: each block of hires of the aggregate plan, in the factory's words."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import floor

from planning.engine.aggregate import curves_of, plan_model
from planning.engine.scope import Scope
from planning.engine.shop import Shop
from planning.engine.shop_model import AggregateOptions, ShopModel
from planning.engine.workforce_plan.decisions import Block, HiringCard, blocks_of, hiring_card

MOST_CARDS = 50  # the first ones in time: each takes several solves


@dataclass(frozen=True, slots=True, kw_only=True)
class SlippingDelivery:
    """``name``: sales order/line/instalment, several that are due on one day apart by commas."""

    name: str
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HireCard:
    """``heads`` of ``skill`` who start in ``month``. ``worth``: what everything costs more without them, late
    costs weighed in; ``money`` and ``late_cost`` are its unweighed parts. A hire pays up to
    ``break_even_cost``. ``requisition_by`` is for the planned month, ``decide_by`` the last day on which
    nothing is lost yet.
    """

    skill: str
    month: date
    heads: int
    requisition_by: date
    decide_by: date
    worth: float
    money: float
    late_cost: float
    break_even_cost: float
    slips: tuple[SlippingDelivery, ...]


def hiring_cards(
    shop: Shop, options: AggregateOptions | None = None, scope: Scope | None = None, *, most: int = MOST_CARDS
) -> list[HireCard]:
    """Cards of the ``most`` first blocks that nobody has decided yet (``options.locks`` are decided).

    Solves the aggregate model again several times for each; raises ``SolverFailed`` where that fails.
    """
    model = ShopModel(shop, options or AggregateOptions(), scope or Scope.of(shop))
    plan, _ = plan_model(model)
    problem = model.problem(curves_of(model, plan))
    blocks = blocks_of(problem, plan)[:most]
    return [_in_words(shop, block, hiring_card(problem, block)) for block in blocks]


def _in_words(shop: Shop, block: Block, card: HiringCard) -> HireCard:
    skill, month = shop.skills[block.skill], shop.grid.months[block.period]
    return HireCard(
        skill=skill.code,
        month=month,
        heads=block.heads,
        requisition_by=month - timedelta(days=skill.row.hire_lead_days or 0),
        decide_by=shop.grid.as_of + timedelta(days=floor(card.decide_by + 1e-6)),
        worth=card.worth,
        money=card.money,
        late_cost=card.late_cost,
        break_even_cost=card.break_even_cost,
        slips=tuple(SlippingDelivery(name=each.name, days=each.days) for each in card.slips),
    )
