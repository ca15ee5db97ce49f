"""The pegging of a plan as a graph, read level by level from where a question starts.

A node is an order with the item it supplies, or an instalment. Pro rata shares are exact fractions: the
quantity of an order is shared out to what takes it, as the pegging says. Whatever the size of a plan, a
question reads at most ``MAX_ORDERS`` orders in ``MAX_LEVELS`` levels, two queries a level.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Min, Q

from planning.errors import OrderNotInPlan
from planning.models import Pegging, PlannedOperation, PlannedOrder, PlanPromise
from planning.selectors.flows import delivery_days
from planning.selectors.frozen import FrozenInput

MAX_ORDERS = 5000
MAX_LEVELS = 30
STOCK = "stock"


class Supply(NamedTuple):
    """What an order brings of one item; ``order`` is "stock" for what lay there."""

    order: str
    item: str


class Delivery(NamedTuple):
    """An instalment of a customer's line."""

    sales_order: str
    line: int
    instalment: int


EXCESS = Delivery("", 0, 0)  # what nobody needs
Node = Supply | Delivery


@dataclass(slots=True)
class Edge:
    """``qty`` of the supply ``below`` for ``above``, first taken on ``day``."""

    above: Node
    below: Supply
    qty: Fraction = Fraction(0)
    day: dt.date | None = None

    def add(self, qty: Any, day: dt.date | None) -> None:
        self.qty += Fraction(qty)
        self.day = min((each for each in (self.day, day) if each), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order of the plan, or of its input. ``start``: of its first operation, or its release."""

    kind: str
    item: str
    qty: Fraction
    start: dt.date | None
    due: dt.date | None
    supplier: str | None = None
    firm: bool = False


@dataclass(slots=True)
class Graph:
    """``edges`` lead from each node that was followed to the next ones, in the direction of the question."""

    roots: list[Node]
    edges: dict[Node, list[Edge]] = field(default_factory=dict)
    facts: dict[str, OrderFacts] = field(default_factory=dict)
    promises: dict[Delivery, PlanPromise] = field(default_factory=dict)
    not_followed: set[Node] = field(default_factory=set)

    def qty_of(self, node: Supply) -> Fraction:
        """All that an order brings of its item, as far as the pegging shows."""
        return sum((edge.qty for edge in self.edges.get(node, ())), Fraction(0))


def read_up(version: int, frozen: FrozenInput, *, order: str, item: str = "") -> Graph:
    """From a supply up to the customers' deliveries that it serves. At most 2 queries a level and 5 more.

    ``item`` is needed for the stock, and chooses between an order's own item and its by-products.
    """
    if order == STOCK and not item:
        raise OrderNotInPlan("Stock is asked for by item: add item=.")
    return _Reader(version, frozen).up(order, item)


def read_up_all(version: int, frozen: FrozenInput, supplies: Iterable[Supply]) -> Graph:
    """From many supplies up to the customers' deliveries that they serve, as ``read_up`` reads one."""
    return _Reader(version, frozen).up_all(supplies)


def read_down(
    version: int, frozen: FrozenInput, *, sales_order: str, line: int | None, instalment: int | None
) -> Graph:
    """From a customer's deliveries down to what they wait for. At most 2 queries a level and 4 more."""
    wanted = {"sales_order": sales_order, "line": line, "instalment": instalment}
    given = {name: value for name, value in wanted.items() if value is not None}
    return _Reader(version, frozen).down(Q(**given), _words(sales_order, line, instalment))


def read_below(version: int, frozen: FrozenInput, *, order: str) -> Graph:
    """From one order down to what it waits for. At most 2 queries a level and 4 more."""
    return _Reader(version, frozen).below(order)


class _Reader:
    def __init__(self, version: int, frozen: FrozenInput) -> None:
        self.frozen = frozen
        self.orders = PlannedOrder.objects.filter(run=version)
        self.pegging = Pegging.objects.filter(run=version)
        self.operations = PlannedOperation.objects.filter(run=version)
        self.promises = PlanPromise.objects.filter(run=version).order_by("requested", "line", "instalment")
        self.known: dict[str, PlannedOrder] = {}
        self.asked = {STOCK}

    def up(self, order: str, item: str) -> Graph:
        self._learn({order})
        own = item or (self.known[order].item if order in self.known else "")
        if not own:
            own = self._item_of_receipt(order)
        graph = Graph(roots=[Supply(order, own)])
        self._follow(graph, self._takers, near="below")
        is_planned = order in self.known and self.known[order].item == own
        if not is_planned and not graph.edges.get(graph.roots[0]):
            raise OrderNotInPlan(f"The plan has no order {order} that brings {own}.")
        refs = {node.sales_order for edges in graph.edges.values() for node in _deliveries(edges)}
        graph.promises = {_delivery(row): row for row in self.promises.filter(sales_order__in=refs)}
        return self._finished(graph)

    def up_all(self, supplies: Iterable[Supply]) -> Graph:
        graph = Graph(roots=list(dict.fromkeys(supplies)))
        self._learn({root.order for root in graph.roots if isinstance(root, Supply)})
        self._follow(graph, self._takers, near="below")
        refs = {node.sales_order for edges in graph.edges.values() for node in _deliveries(edges)}
        graph.promises = {_delivery(row): row for row in self.promises.filter(sales_order__in=refs)}
        return graph

    def down(self, condition: Q, words: str) -> Graph:
        promises = {_delivery(row): row for row in self.promises.filter(condition)}
        if not promises:
            raise OrderNotInPlan(f"The plan delivers nothing of {words}.")
        graph = Graph(roots=list(promises), promises=promises)
        served = partial(self._served, condition)
        self._follow(graph, lambda level: (served if level == graph.roots else self._parts)(level))
        return self._finished(graph)

    def below(self, order: str) -> Graph:
        self._learn({order})
        if order not in self.known:
            raise OrderNotInPlan(f"The plan makes and buys no order {order}.")
        graph = Graph(roots=[Supply(order, self.known[order].item)])
        self._follow(graph, self._parts)
        return self._finished(graph)

    # --- levels

    def _follow(self, graph: Graph, read: Any, *, near: str = "above") -> None:
        """Open node after node, a level at a time, each once."""
        level: list[Node] = list(graph.roots)
        for _ in range(MAX_LEVELS):
            if not level:
                return
            found: dict[tuple[Node, Node], Edge] = {}
            for edge, qty, day in read(level):
                found.setdefault((edge.above, edge.below), edge).add(qty, day)
            graph.edges |= {node: [] for node in level}
            self._learn({node.order for edge in found.values() for node in _supplies(edge)})
            level = self._next_level(graph, found.values(), near)
        graph.not_followed.update(level)

    def _next_level(self, graph: Graph, edges: Iterable[Edge], near: str) -> list[Node]:
        level: dict[Node, None] = {}
        far_end = "below" if near == "above" else "above"
        for edge in sorted(edges, key=lambda each: (each.day or dt.date.max, each.below, str(each.above))):
            far = getattr(edge, far_end)
            graph.edges[getattr(edge, near)].append(edge)
            if isinstance(far, Supply) and far not in graph.edges and self._leads_on(far):
                level[far] = None
        room = MAX_ORDERS - len(graph.edges)
        graph.not_followed.update(list(level)[max(room, 0) :])
        return list(level)[: max(room, 0)]

    def _leads_on(self, node: Supply) -> bool:
        """Only what is made takes something, and a by-product is not why it was made."""
        order = self.known.get(node.order)
        return order is not None and order.kind == "make" and order.item == node.item

    def _takers(self, level: Sequence[Node]) -> Iterator[tuple[Edge, Any, dt.date | None]]:
        items = {node.order: node.item for node in level if isinstance(node, Supply)}
        rows = self.pegging.filter(order__in=items)
        if STOCK in items:
            rows = rows.filter(item=items[STOCK])
        rows = rows.order_by("pk")
        self._learn({row.for_order for row in rows if row.for_order is not None})
        for row in rows:
            if row.item == items[row.order]:
                below = Supply(row.order, row.item)
                yield Edge(self._taker(row), below), row.qty, row.day

    def _taker(self, row: Pegging) -> Node:
        if row.for_order is not None:
            order = self.known.get(row.for_order)
            return Supply(row.for_order, order.item if order else "")
        if row.sales_order is not None:
            return Delivery(row.sales_order, row.line or 0, row.instalment or 0)
        return EXCESS

    def _served(self, condition: Q, level: Sequence[Node]) -> Iterator[tuple[Edge, Any, dt.date | None]]:
        for row in self.pegging.filter(condition).order_by("pk"):
            yield Edge(self._taker(row), Supply(row.order, row.item)), row.qty, row.day

    def _parts(self, level: Sequence[Node]) -> Iterator[tuple[Edge, Any, dt.date | None]]:
        makers = {node.order: node for node in level if isinstance(node, Supply)}
        for row in self.pegging.filter(for_order__in=makers).order_by("pk"):
            above = makers[str(row.for_order)]
            yield Edge(above, Supply(row.order, row.item)), row.qty, row.day

    def _learn(self, orders: set[str]) -> None:
        unknown = orders - self.asked
        self.asked |= unknown
        if unknown:
            self.known |= {row.order: row for row in self.orders.filter(order__in=unknown)}

    def _item_of_receipt(self, order: str) -> str:
        receipt = self.frozen.find_purchases({order}).get(order)
        if receipt is None:
            raise OrderNotInPlan(f"The plan has no order {order}.")
        return receipt.item

    # --- what is known of each order

    def _finished(self, graph: Graph) -> Graph:
        rows = self.operations.filter(order__in=list(self.known)).values_list("order")
        starts = dict(rows.annotate(first=Min("start")).order_by("order"))
        for order, row in self.known.items():
            graph.facts[order] = OrderFacts(
                kind="work_order" if row.work_order else row.kind,
                item=row.item,
                qty=Fraction(row.qty),
                start=self.frozen.local_day(starts[order]) if order in starts else row.release,
                due=row.due,
                supplier=row.supplier,
                firm=row.firm,
            )
        nodes = {node for edges in graph.edges.values() for edge in edges for node in _supplies(edge)}
        nodes |= {node for node in graph.roots if isinstance(node, Supply)}
        for ref, receipt in self.frozen.find_purchases({node.order for node in nodes}).items():
            graph.facts[ref] = OrderFacts(
                kind="purchase_order",
                item=receipt.item,
                qty=Fraction(receipt.qty - receipt.received_qty),
                start=None,
                due=self.frozen.arrives(receipt.due),
                supplier=receipt.supplier,
                firm=True,
            )
        for edge in (edge for edges in graph.edges.values() for edge in edges):
            if edge.day is None:
                edge.day = _taken(graph, edge)
        return graph


def _taken(graph: Graph, edge: Edge) -> dt.date | None:
    """The day of a plan that does not say it: what takes it starts, or leaves, once the supply is there."""
    facts = graph.facts.get(edge.below.order)
    comes = (facts.due if facts else None) or dt.date.min
    if isinstance(edge.above, Supply):
        taker = graph.facts.get(edge.above.order)
        return max(taker.start, comes) if taker and taker.start else None
    promise = graph.promises.get(edge.above)
    return next((day for day in delivery_days(promise) if day >= comes), None) if promise else None


def _supplies(edge: Edge) -> Iterator[Supply]:
    yield edge.below
    if isinstance(edge.above, Supply):
        yield edge.above


def _deliveries(edges: Iterable[Edge]) -> Iterator[Delivery]:
    return (edge.above for edge in edges if isinstance(edge.above, Delivery) and edge.above != EXCESS)


def _delivery(row: PlanPromise) -> Delivery:
    return Delivery(row.sales_order, row.line, row.instalment)


def _words(sales_order: str, line: int | None, instalment: int | None) -> str:
    words = [sales_order, f"line {line}" if line else "", f"instalment {instalment}" if instalment else ""]
    return " ".join(word for word in words if word)
