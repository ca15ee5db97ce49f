"""What deliveries or an order need, by item: from stock, on order, and planned, with the days it takes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planning.selectors.pegging import STOCK, Edge, Graph, Node, Supply

_MILLION = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNeed:
    """One item over all orders that were followed: ``qty`` = ``from_stock`` + ``on_order`` + ``planned``.

    ``first_start`` to ``last_due``: from the first start or release to the day on which the last of it is in
    stock. ``slack_days``: the least that lies between a supply and its taking.
    """

    item: str
    kind: str
    qty: Decimal
    from_stock: Decimal
    on_order: Decimal
    planned: Decimal
    orders: int
    first_start: dt.date | None
    last_due: dt.date | None
    slack_days: int | None


def list_needs(graph: Graph, flows: Mapping[Node, Fraction]) -> list[ItemNeed]:
    """Items by the day on which the first of their orders starts; stock comes last."""
    supplies: dict[str, list[Supply]] = defaultdict(list)
    for node in flows:
        if isinstance(node, Supply) and node not in graph.roots:
            supplies[node.item].append(node)
    slack: dict[str, list[int]] = defaultdict(list)
    for edge in (edge for edges in graph.edges.values() for edge in edges):
        days = slack_of(graph, edge)
        if days is not None:
            slack[edge.below.item].append(days)
    needs = [_need(graph, flows, item, nodes, slack[item]) for item, nodes in supplies.items()]
    return sorted(needs, key=lambda need: (need.first_start or need.last_due or dt.date.max, need.item))


def _need(
    graph: Graph, flows: Mapping[Node, Fraction], item: str, nodes: list[Supply], slack: list[int]
) -> ItemNeed:
    known = [(node, graph.facts[node.order]) for node in nodes if node.order in graph.facts]
    under_way = [node for node, facts in known if facts.kind in ("work_order", "purchase_order")]
    stock = [node for node in nodes if node.order == STOCK]
    total, on_order, from_stock = (
        sum((flows[node] for node in group), Fraction(0)) for group in (nodes, under_way, stock)
    )
    made = any(facts.kind in ("make", "work_order") for _, facts in known)
    return ItemNeed(
        item=item,
        kind="make" if made else "buy" if known else "stock",
        qty=to_decimal(total),
        from_stock=to_decimal(from_stock),
        on_order=to_decimal(on_order),
        planned=to_decimal(total - on_order - from_stock),
        orders=len(nodes) - len(stock),
        first_start=min((facts.start for _, facts in known if facts.start), default=None),
        last_due=max((facts.due for _, facts in known if facts.due), default=None),
        slack_days=min(slack, default=None),
    )


def slack_of(graph: Graph, edge: Edge) -> int | None:
    """Days for which the supply lies there before it is taken."""
    facts = graph.facts.get(edge.below.order)
    if facts is None or facts.due is None or edge.day is None:
        return None
    return (edge.day - facts.due).days


def to_decimal(value: Fraction) -> Decimal:
    """A share as people read it: rounded to a millionth."""
    return Decimal(round(value * _MILLION)) / _MILLION
